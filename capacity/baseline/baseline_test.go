package baseline

import (
	"errors"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// good is a complete baseline that every case of these tests starts from.
func good() Baseline {
	p99 := 180.0
	return Baseline{
		Stack: "prod", Source: "k6 2.2.0, one pod, p99 < 200 ms", Date: "2026-11-20",
		Services: map[string]Service{"api": {
			KneeRPS: 80, CPUMillis: 9, ServiceMillis: 40, ServiceCV2: 1.2, IdleCPUMilli: 20,
			StartupSeconds: 6, MemoryMiB: 310, P99Millis: &p99, CacheHitRatio: 0.9, CacheOpsPerRequest: 1.5,
			Database: &DatabaseUse{HoldMillis: 12, HoldCV2: 1, CPUMillis: 2, IOPerRequest: 0.5, TransactionsPerRequest: 1},
			Routes:   map[string]Route{"GET /api/x": {ServiceMillis: 25, FirstByteMillis: 10}},
		}},
		Nodes: Nodes{BootSeconds: 75},
		Cache: Cache{WorkingSetMiB: 900, OpMicros: 12},
	}
}

func mustEncode(t testing.TB, b Baseline) string {
	t.Helper()
	out, err := Encode(b)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return string(out)
}

func TestDecode(t *testing.T) {
	whole := mustEncode(t, good())
	cases := map[string]struct {
		reason string
		in     string
		want   string // the error, "" for none
	}{
		"Complete": {reason: "the encoded form is read back", in: whole},
		"Empty":    {reason: "an empty file is not an empty object", in: " \n", want: "file = empty: must be a JSON object; start from baselines/prod.json"},
		"Null":     {reason: "null would decode to zeros", in: "null", want: "file: must be a JSON object; start it with {"},
		"TooLarge": {reason: "a raw k6 output is not a baseline", in: strings.Repeat(" ", MaxBytes+1), want: "file = 8388609 bytes: must be at most 8388608 bytes; a baseline holds figures, not raw load-test output"},
		"Syntax":   {reason: "the place of the fault is named", in: "{\n  \"stack\" 1}", want: "line 2 column 11: invalid character '1' after object key; correct the JSON"},
		"Trailing": {reason: "a second value after the object is refused", in: whole + "{}", want: "line 41 column 1: invalid character '{' after top-level value; correct the JSON"},
		"WrongCase": {reason: "keys are case-sensitive", in: strings.Replace(whole, `"kneeRps": 80`, `"kneeRPS": 80`, 1),
			want: "services.api.kneeRps = 0: must be above 0 and at most 1e9; load one pod with the HPA off until p99 bends, and write that rate\n" +
				"services.api.kneeRPS: unknown key; did you mean \"kneeRps\"?"},
		"AllUnknown": {reason: "every unknown key is reported with its path",
			in: strings.NewReplacer(`"nodes": {`, `"nodes": {"zone": 1, `, `"holdMillis"`, `"note": "", "holdMillis"`).Replace(whole),
			want: "services.api.database.note: unknown key; remove it or correct its spelling; keys are case-sensitive\n" +
				"nodes.zone: unknown key; remove it or correct its spelling; keys are case-sensitive"},
		"DuplicateKey": {reason: "the second of two values must not win silently", in: strings.Replace(whole, `"stack"`, `"stack": "dev", "stack"`, 1),
			want: "stack: key occurs twice; keep one of them"},
		"DuplicateService": {reason: "the same holds for a service", in: `{"services":{"api":{},"api":{}}}`, want: "services.api: key occurs twice; keep one of them"},
		"Quoted": {reason: "a figure in quotes is not a number", in: strings.Replace(whole, `"kneeRps": 80`, `"kneeRps": "80"`, 1),
			want: "services.api.kneeRps = \"80\": must be a number; write figures as plain numbers: no quotes, the key names the unit"},
		"Types": {reason: "one wrong type hides no other problem, and each has its path and value",
			in: strings.NewReplacer(`"kneeRps": 80`, `"kneeRps": "80"`, `"stack": "prod"`, `"stack": ["dev"]`, `"nodes": {`, `"nodes": {"zone": 1, `, `"holdMillis"`, `"holdMilis"`).Replace(whole),
			want: "services.api.kneeRps = \"80\": must be a number; write figures as plain numbers: no quotes, the key names the unit\n" +
				"stack = [\"dev\"]: must be text in quotes\n" +
				"services.api.database.holdMillis = 0: must be above 0 and at most 1e9; measure the time between checkout and return of a connection\n" +
				"nodes.zone: unknown key; remove it or correct its spelling; keys are case-sensitive\n" +
				"services.api.database.holdMilis: unknown key; did you mean \"holdMillis\"?"},
		"WrongRoute": {reason: "a key that is no plain word stands in brackets", in: strings.Replace(whole, `"GET /api/x": {`, `"GET /x": 1, "GET /api/x": {`, 1),
			want: "services.api.routes[\"GET /x\"] = 1: must be an object"},
		"Marked": {reason: "some editors begin a file with a mark", in: "\ufeff" + whole},
		"Overflow": {reason: "a number beyond float64 is refused, not infinite", in: strings.Replace(whole, `"kneeRps": 80`, `"kneeRps": 1e999`, 1),
			want: "services.api.kneeRps = 1e999: must be a number of at most 1e9"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Decode([]byte(tc.in))
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("%s\nDecode: unexpected error: %v", tc.reason, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("%s\nDecode: want error containing:\n%s\ngot:\n%v", tc.reason, tc.want, err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Baseline, *Service)
		want   []string // the paths of the problems
	}{
		"Good":            {reason: "the base has no problem", change: func(*Baseline, *Service) {}},
		"OnlyRequired":    {reason: "every optional part may be absent", change: onlyRequired},
		"NoSource":        {reason: "an unattributed figure proves nothing", change: func(b *Baseline, _ *Service) { b.Source = " " }, want: []string{"source"}},
		"BadDate":         {reason: "a day that does not exist", change: func(b *Baseline, _ *Service) { b.Date = "2026-02-30" }, want: []string{"date"}},
		"NoServices":      {reason: "an empty baseline proves nothing", change: func(b *Baseline, _ *Service) { b.Services = nil }, want: []string{"services"}},
		"NaN":             {reason: "a value built in Go can be NaN", change: func(_ *Baseline, s *Service) { s.KneeRPS = math.NaN() }, want: []string{"services.api.kneeRps"}},
		"Infinite":        {reason: "infinity is not a measurement", change: func(_ *Baseline, s *Service) { s.MemoryMiB = math.Inf(1) }, want: []string{"services.api.memoryMiB"}},
		"CV2Missing":      {reason: "an omitted cv² would claim constant service times", change: func(_ *Baseline, s *Service) { s.ServiceCV2 = 0 }, want: []string{"services.api.serviceCv2"}},
		"RatioInPercent":  {reason: "90 is not a ratio", change: func(_ *Baseline, s *Service) { s.CacheHitRatio = 90 }, want: []string{"services.api.cacheHitRatio"}},
		"CPUAboveService": {reason: "time in service contains the CPU time", change: func(_ *Baseline, s *Service) { s.CPUMillis = 50 }, want: []string{"services.api.serviceMillis", `services.api.routes["GET /api/x"].serviceMillis`}},
		"P99InSeconds":    {reason: "a p99 below the mean is a wrong unit", change: func(_ *Baseline, s *Service) { p := 0.18; s.P99Millis = &p }, want: []string{"services.api.p99Millis"}},
		"HitsWithoutOps":  {reason: "a hit costs an operation", change: func(_ *Baseline, s *Service) { s.CacheOpsPerRequest = 0 }, want: []string{"services.api.cacheOpsPerRequest"}},
		"OpsWithoutCost":  {reason: "the load on Redis would be zero", change: func(b *Baseline, _ *Service) { b.Cache.OpMicros = 0 }, want: []string{"cache.opMicros"}},
		"LateFirstByte":   {reason: "the first byte precedes the last", change: func(_ *Baseline, s *Service) { s.Routes = map[string]Route{"GET /": {FirstByteMillis: 41}} }, want: []string{`services.api.routes["GET /"].firstByteMillis`}},
		"RouteWithoutVerb": {reason: "the key must match the stack file's routes", change: func(_ *Baseline, s *Service) { s.Routes = map[string]Route{"/x": {}} },
			want: []string{`services.api.routes["/x"]`}},
		"Database": {reason: "all figures of the database are checked at once", change: func(_ *Baseline, s *Service) { s.Database = &DatabaseUse{IOPerRequest: -1} },
			want: []string{"services.api.database.holdMillis", "services.api.database.holdCv2", "services.api.database.cpuMillis", "services.api.database.ioPerRequest", "services.api.database.transactionsPerRequest"}},
		"ServiceName": {reason: "a service is a Kubernetes name", change: func(b *Baseline, s *Service) { b.Services["Api_1"] = *s }, want: []string{`services["Api_1"]`}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := good()
			s := b.Services["api"]
			tc.change(&b, &s)
			if b.Services != nil {
				b.Services["api"] = s
			}
			if diff := cmp.Diff(tc.want, paths(b.Validate())); diff != "" {
				t.Errorf("%s\nValidate: -want paths, +got paths:\n%s", tc.reason, diff)
			}
		})
	}
}

func onlyRequired(b *Baseline, s *Service) {
	b.Cache = Cache{}
	*s = Service{KneeRPS: 1, CPUMillis: 1, ServiceMillis: 1, ServiceCV2: 1, StartupSeconds: 1, MemoryMiB: 1}
}

func paths(err error) []string {
	var ps Problems
	if !errors.As(err, &ps) {
		return nil
	}
	var out []string
	for _, p := range ps {
		out = append(out, p.Path)
	}
	return out
}

func TestRouteInherits(t *testing.T) {
	s := good().Services["api"]
	cases := map[string]struct {
		reason string
		key    string
		want   Route
	}{
		"Measured":   {reason: "its own figures win, the rest is the service's", key: "GET /api/x", want: Route{CPUMillis: 9, ServiceMillis: 25, ServiceCV2: 1.2, FirstByteMillis: 10}},
		"Unmeasured": {reason: "without streaming the first byte comes with the last", key: "GET /y", want: Route{CPUMillis: 9, ServiceMillis: 40, ServiceCV2: 1.2, FirstByteMillis: 40}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, s.Route(tc.key)); diff != "" {
				t.Errorf("%s\nRoute(%q): -want, +got:\n%s", tc.reason, tc.key, diff)
			}
		})
	}
}

func TestEncodeRefusesNaN(t *testing.T) {
	b := good()
	b.Nodes.BootSeconds = math.NaN()
	if _, err := Encode(b); err == nil {
		t.Error("Encode: want an error for NaN, got none")
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawBaseline(t)
		first, err := Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(first)
		if err != nil {
			t.Fatalf("Decode(Encode(b)): %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("Decode(Encode(b)): -want, +got:\n%s", diff)
		}
		second, _ := Encode(got)
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Fatalf("Encode is not stable:\n%s", diff)
		}
	})
}

func drawBaseline(t *rapid.T) Baseline {
	b := good()
	b.Example = rapid.Bool().Draw(t, "example")
	b.Services = maps.Clone(b.Services)
	fig := rapid.Float64Range(1e-6, 1e6)
	for _, name := range rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}`), 0, 4).Draw(t, "names") {
		cpu := fig.Draw(t, "cpu")
		s := Service{KneeRPS: fig.Draw(t, "knee"), CPUMillis: cpu, ServiceMillis: cpu + fig.Draw(t, "io"), ServiceCV2: fig.Draw(t, "cv2"),
			IdleCPUMilli: fig.Draw(t, "idle"), StartupSeconds: fig.Draw(t, "start"), MemoryMiB: fig.Draw(t, "memory")}
		if rapid.Bool().Draw(t, "database") {
			s.Database = &DatabaseUse{HoldMillis: fig.Draw(t, "hold"), HoldCV2: 1, CPUMillis: fig.Draw(t, "dbCpu"), TransactionsPerRequest: 1}
		}
		b.Services[name] = s
	}
	return b
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(mustEncode(f, good())))
	f.Add([]byte(`{"services":{"":{"routes":{"":{}}}}}`))
	f.Add([]byte(`{"services":{"a":{"kneeRps":1e999}}}`))
	f.Add([]byte(`{"services":[`))
	f.Add([]byte(`{"a.b":{},"stack":[],"services":{"a":{"kneeRps":"1","database":7,"x.y":1}},"nodes":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Decode(data)
		var ps Problems
		if err != nil {
			if !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("Decode: error is not Problems: %v", err)
			}
			return
		}
		again, err := Decode([]byte(mustEncode(t, b)))
		if err != nil {
			t.Fatalf("Decode(Encode(Decode(x))): %v", err)
		}
		if diff := cmp.Diff(b, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("Decode(Encode(b)): -want, +got:\n%s", diff)
		}
	})
}
