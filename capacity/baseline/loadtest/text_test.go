package loadtest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// began is when the made up tests begin.
var began = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// point is a line of k6's --out json.
func point(metric string, at time.Duration, value float64, tags string) string {
	return fmt.Sprintf(`{"metric":%q,"type":"Point","data":{"time":%q,"value":%g,"tags":{%s}}}`, metric, began.Add(at).Format(time.RFC3339Nano), value, tags)
}

// lineOf a request that was answered so long after it began.
func lineOf(start time.Duration, millis float64, tags string) string {
	return point("http_req_duration", start+time.Duration(millis*1e6), millis, `"expected_response":"true",`+tags)
}

const header = `{"type":"Metric","data":{"name":"http_req_duration","type":"trend","thresholds":[]},"metric":"http_req_duration"}`

// staircase is a recording of 20 s at each rate, on the beat, each request of ten to
// twenty milliseconds.
func staircase(tags func(step int) string, rates ...int) []string {
	random := rand.New(rand.NewPCG(3, 3))
	lines := []string{header}
	for step, rate := range rates {
		for i := range 20 * rate {
			at := time.Duration(step)*20*time.Second + time.Duration(i)*time.Second/time.Duration(rate)
			lines = append(lines, lineOf(at, 10+10*random.Float64(), tags(step)))
		}
	}
	return lines
}

func untagged(int) string { return `"method":"GET","name":"GET /"` }

func joined(lines []string) string { return strings.Join(lines, "\n") + "\n" }

func readText(format Format, content string, o Options) (Test, error) {
	return Read(format, []File{{Name: "test", Content: strings.NewReader(content)}}, o)
}

func recorded(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readRecorded reads what a real load generator wrote.
func readRecorded(t testing.TB, format Format, name string, o Options) (Test, error) {
	t.Helper()
	return Read(format, []File{{Name: name, Content: bytes.NewReader(recorded(t, name))}}, o)
}

func zip(data string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(data)) // a buffer cannot fail
	_ = w.Close()
	return out.String()
}
