package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// MilliCPU is an amount of CPU in thousandths of a core. People write "500m",
// "2" or 1.5 (cores).
type MilliCPU int64

// MiB is an amount of memory in mebibytes. People write "512Mi" or "2Gi"; a
// bare number is refused because it does not say its unit.
type MiB int64

// Percent is a share of one hundred. People write "60%".
type Percent float64

// RPS is a rate in requests per second, written as a plain number.
type RPS float64

// USD is an amount in US dollars, written as a plain number.
type USD float64

// Duration is a span of time. People write "200ms", "60s" or "10m".
type Duration time.Duration

// quantity is a leaf of the stack file that parses what a person writes.
type quantity interface {
	json.Unmarshaler
	// rule says what the quantity accepts, for error messages.
	rule() string
}

// No machine has more than these; sums over thousands of pods stay far from
// overflow.
const (
	maxCores = 1 << 14
	maxMiB   = 1 << 27
)

var (
	cpuForm    = regexp.MustCompile(`^(\d+m|\d+(\.\d{1,3})?)$`)
	memoryForm = regexp.MustCompile(`^(\d+(?:\.\d+)?)(Mi|Gi)$`)
)

// Form is the regular expression of the text, for the editor schema.
func (MilliCPU) Form() string { return cpuForm.String() }

// Form is the regular expression of the text, for the editor schema.
func (MiB) Form() string { return memoryForm.String() }

// Form is the regular expression of the text, for the editor schema.
func (Percent) Form() string { return `^-?\d+(\.\d+)?\s*%$` }

// Form is the regular expression of the text, for the editor schema.
func (Duration) Form() string { return `^([0-9.]+(ns|us|µs|ms|s|m|h))+$` }

func (*MilliCPU) rule() string { return `must be CPU such as "500m", "2" or 1.5` }
func (*MiB) rule() string      { return `must be memory with its unit, such as "512Mi" or "2Gi"` }
func (*Percent) rule() string  { return `must be a percentage in quotes, such as "60%"` }
func (*RPS) rule() string      { return "must be a number of requests per second, such as 120" }
func (*USD) rule() string      { return "must be an amount in US dollars as a number, such as 4000" }
func (*Duration) rule() string { return `must be a duration with its unit, such as "200ms" or "60s"` }

// UnmarshalJSON parses "500m", "2" or 1.5.
func (q *MilliCPU) UnmarshalJSON(raw []byte) error {
	text := scalar(raw)
	if !cpuForm.MatchString(text) {
		return fmt.Errorf("%s", q.rule())
	}
	if milli, ok := strings.CutSuffix(text, "m"); ok {
		n, err := strconv.ParseInt(milli, 10, 64)
		if err != nil || n > 1000*maxCores {
			return fmt.Errorf("%s", q.rule())
		}
		*q = MilliCPU(n)
		return nil
	}
	cores, err := strconv.ParseFloat(text, 64)
	if err != nil || cores > maxCores {
		return fmt.Errorf("%s", q.rule())
	}
	*q = MilliCPU(math.Round(cores * 1000))
	return nil
}

// UnmarshalJSON parses "512Mi" or "2Gi".
func (q *MiB) UnmarshalJSON(raw []byte) error {
	m := memoryForm.FindStringSubmatch(scalar(raw))
	if m == nil {
		return fmt.Errorf("%s", q.rule())
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if m[2] == "Gi" {
		n *= 1024
	}
	if err != nil || n > maxMiB {
		return fmt.Errorf("%s", q.rule())
	}
	*q = MiB(math.Round(n))
	return nil
}

// UnmarshalJSON parses "60%".
func (q *Percent) UnmarshalJSON(raw []byte) error {
	text, ok := strings.CutSuffix(scalar(raw), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if !ok || err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return fmt.Errorf("%s", q.rule())
	}
	*q = Percent(n)
	return nil
}

// UnmarshalJSON parses a plain number.
func (q *RPS) UnmarshalJSON(raw []byte) error {
	n, ok := number(raw)
	if !ok {
		return fmt.Errorf("%s", q.rule())
	}
	*q = RPS(n)
	return nil
}

// UnmarshalJSON parses a plain number.
func (q *USD) UnmarshalJSON(raw []byte) error {
	n, ok := number(raw)
	if !ok {
		return fmt.Errorf("%s", q.rule())
	}
	*q = USD(n)
	return nil
}

// UnmarshalJSON parses "200ms", "60s" or "10m".
func (q *Duration) UnmarshalJSON(raw []byte) error {
	if !isString(raw) {
		return fmt.Errorf("%s", q.rule())
	}
	d, err := time.ParseDuration(scalar(raw))
	if err != nil {
		return fmt.Errorf("%s", q.rule())
	}
	*q = Duration(d)
	return nil
}

// MarshalJSON writes the form that UnmarshalJSON reads.
func (q MilliCPU) MarshalJSON() ([]byte, error) { return json.Marshal(q.String()) }

// MarshalJSON writes the form that UnmarshalJSON reads.
func (q MiB) MarshalJSON() ([]byte, error) { return json.Marshal(q.String()) }

// MarshalJSON writes the form that UnmarshalJSON reads.
func (q Percent) MarshalJSON() ([]byte, error) { return json.Marshal(q.String()) }

// MarshalJSON writes the form that UnmarshalJSON reads.
func (q Duration) MarshalJSON() ([]byte, error) { return json.Marshal(q.String()) }

// String is the Kubernetes spelling, such as "500m".
func (q MilliCPU) String() string { return strconv.FormatInt(int64(q), 10) + "m" }

// String is the Kubernetes spelling, such as "512Mi".
func (q MiB) String() string { return strconv.FormatInt(int64(q), 10) + "Mi" }

// String is the form "60%".
func (q Percent) String() string { return strconv.FormatFloat(float64(q), 'f', -1, 64) + "%" }

// String is the form "1m0s".
func (q Duration) String() string { return time.Duration(q).String() }

// Cores is the amount in whole cores.
func (q MilliCPU) Cores() float64 { return float64(q) / 1000 }

// Ratio is the share as a fraction of one.
func (q Percent) Ratio() float64 { return float64(q) / 100 }

// Seconds is the span in seconds.
func (q Duration) Seconds() float64 { return time.Duration(q).Seconds() }

// Millis is the span in milliseconds.
func (q Duration) Millis() float64 { return q.Seconds() * 1000 }

// scalar is the text of a JSON string or number.
func scalar(raw []byte) string {
	if isString(raw) {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return strings.TrimSpace(s)
		}
	}
	return string(bytes.TrimSpace(raw))
}

func isString(raw []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`))
}

func number(raw []byte) (float64, bool) {
	if isString(raw) {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}
