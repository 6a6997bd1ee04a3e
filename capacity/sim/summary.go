package sim

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// ChanceShare of a run in which more than one in a hundred requests may be late
// before a promise counts as broken: a window of seconds holds few requests, and
// some windows are unlucky.
const ChanceShare = 0.01

// confidence of the intervals over seeds.
const confidence = 0.95

// Summary is a scenario replayed with several seeds, and what was promised.
type Summary struct {
	// Stack is its name; Example is true when nobody measured its baseline.
	Stack   string `json:"stack"`
	Example bool   `json:"example"`
	// Shape of the load, such as "spike" or the name of a trace; Growth is its
	// highest level in multiples of today's peak.
	Shape  string  `json:"shape"`
	Growth float64 `json:"growth"`
	// Disturbances on the way, in words.
	Disturbances []string `json:"disturbances"`
	// Limits are the promises.
	Limits Limits `json:"limits"`
	// Runs by seed. At least one.
	Runs []Result `json:"runs"`
}

// Limits are what a run is held against. A limit of 0 promises nothing.
type Limits struct {
	// Services in the order of the results.
	Services []ServiceLimits `json:"services"`
	// TriggerSeconds from load held high to the decision to scale up.
	TriggerSeconds float64 `json:"triggerSeconds"`
	// FailedPercent of the requests of a service.
	FailedPercent float64 `json:"failedPercent"`
	// MaxNodes of all groups.
	MaxNodes int `json:"maxNodes"`
	// UsableConnections of the database, for the services.
	UsableConnections int `json:"usableConnections"`
	// BudgetUSDPerHour for everything: that of a month by its hours.
	BudgetUSDPerHour float64 `json:"budgetUsdPerHour"`
}

// ServiceLimits are those of one service.
type ServiceLimits struct {
	Name string `json:"name"`
	// PromisedP99Ms is the loosest promise of its routes. Partly is true when
	// other routes are promised nothing: the p99 of all requests then is not
	// judged, only the seconds in which promised ones were late.
	PromisedP99Ms float64 `json:"promisedP99Ms"`
	Partly        bool    `json:"partly"`
	// MinReplicas and MaxReplicas of the autoscaler, TargetRPS per pod.
	MinReplicas int     `json:"minReplicas"`
	MaxReplicas int     `json:"maxReplicas"`
	TargetRPS   float64 `json:"targetRps"`
}

// Estimate is a figure over several seeds.
type Estimate struct {
	// Mean of the runs; -1, as in a Result, when one of them has -1.
	Mean float64 `json:"mean"`
	// Within ± this the mean of endless seeds lies, with 95% confidence (Student's
	// t); 0 for a single run, which says nothing about it.
	Within float64 `json:"within"`
}

// Over is the estimate of a figure of the runs.
func (s Summary) Over(figure func(Result) float64) Estimate {
	var xs []float64
	for _, r := range s.Runs {
		x := figure(r)
		if x < 0 {
			return Estimate{Mean: -1}
		}
		xs = append(xs, x)
	}
	switch len(xs) {
	case 0:
		return Estimate{}
	case 1:
		return Estimate{Mean: xs[0]}
	}
	mean, deviation := stat.MeanStdDev(xs, nil)
	t := distuv.StudentsT{Sigma: 1, Nu: float64(len(xs) - 1)}.Quantile((1 + confidence) / 2)
	return Estimate{Mean: mean, Within: t * stat.StdErr(deviation, float64(len(xs)))}
}

// OverService is Over for a figure of the service at an index.
func (s Summary) OverService(i int, figure func(ServiceResult) float64) Estimate {
	return s.Over(func(r Result) float64 { return figure(r.Services[i]) })
}

// Most is the worst value of a figure in any run, -1 when one of them has -1.
func (s Summary) Most(figure func(Result) float64) float64 {
	most := 0.0
	for _, r := range s.Runs {
		most = worse(most, figure(r))
	}
	return most
}

// MostOfService is Most for a figure of the service at an index.
func (s Summary) MostOfService(i int, figure func(ServiceResult) float64) float64 {
	return s.Most(func(r Result) float64 { return figure(r.Services[i]) })
}

// FailedPercent of the requests of a service.
func (r ServiceResult) FailedPercent() float64 {
	if r.Requests == 0 {
		return 0
	}
	return 100 * r.Failures.Sum() / r.Requests
}

// Duration of the runs.
func (s Summary) Duration() time.Duration {
	if len(s.Runs) == 0 {
		return 0
	}
	return s.Runs[0].Duration
}

// Worst is the index of the run that broke its promises longest, then of the one
// with the highest p99.
func (s Summary) Worst() int {
	worst, late, p99 := 0, -1.0, -1.0
	for i, r := range s.Runs {
		l, p := 0.0, 0.0
		for _, v := range r.Services {
			l += v.ViolationSeconds
			p = max(p, orInf(v.P99Ms))
		}
		if l > late || l == late && p > p99 {
			worst, late, p99 = i, l, p
		}
	}
	return worst
}

// Promise is what a verdict is about.
type Promise string

// The promises.
const (
	// P99 of a service over the whole run, in milliseconds.
	P99 Promise = "p99"
	// Late are the seconds in which more than one in a hundred promised requests
	// were late.
	Late Promise = "late"
	// Failed requests of a service in percent.
	Failed Promise = "failed"
	// Trigger is the time to the decision to scale up, in seconds.
	Trigger Promise = "trigger"
	// Connections that the pods alive could open.
	Connections Promise = "connections"
	// Cost of the most expensive moment, in USD per hour.
	Cost Promise = "cost"
)

// Verdict is one promise and whether the worst of the runs kept it.
type Verdict struct {
	// Subject is the service, "database" or "stack".
	Subject string  `json:"subject"`
	Promise Promise `json:"promise"`
	// Have is the worst value of any run, -1 for infinite.
	Have  float64 `json:"have"`
	Limit float64 `json:"limit"`
	// Unit as it follows the number.
	Unit string `json:"unit"`
	Kept bool   `json:"kept"`
}

// String is the verdict in words: "backend: p99 112 ms, promised 200 ms: kept".
func (v Verdict) String() string {
	words := map[Promise]string{
		P99: "p99 %s, promised %s", Late: "late for %s, where chance excuses %s", Failed: "%s failed, promised at most %s",
		Trigger: "decision to scale up %s, promised %s", Connections: "%s that pods could open, usable %s", Cost: "%s at most, budget %s",
	}
	verdict := "kept"
	if !v.Kept {
		verdict = "BROKEN"
	}
	return fmt.Sprintf("%s: "+words[v.Promise]+": %s", v.Subject, v.Amount(v.Have), v.Amount(v.Limit), verdict)
}

// Amount is a value of the verdict with its unit, as short as it may be.
func (v Verdict) Amount(x float64) string {
	switch {
	case x < 0 && v.Promise == P99:
		return "none (over 1% failed)"
	case x < 0:
		return "never"
	case x == 0 && v.Promise == Trigger: // which may still have come, before its time
		return "none due"
	case v.Promise == Cost:
		return fmt.Sprintf("$%.2f an hour", x)
	}
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
	switch {
	case x >= 100:
		text = fmt.Sprintf("%.0f", x)
	case x != 0 && x < 1:
		text = fmt.Sprintf("%.2g", x)
	}
	return text + v.Unit
}

// Verdicts hold the worst of the runs against every promise, services first.
func (s Summary) Verdicts() []Verdict {
	var out []Verdict
	judge := func(subject string, p Promise, unit string, limit, have float64) {
		if limit > 0 {
			out = append(out, Verdict{subject, p, have, limit, unit, orInf(have) <= limit})
		}
	}
	for i, l := range s.Limits.Services {
		if !l.Partly {
			judge(l.Name, P99, " ms", l.PromisedP99Ms, s.MostOfService(i, func(r ServiceResult) float64 { return r.P99Ms }))
		}
		if l.PromisedP99Ms > 0 {
			judge(l.Name, Late, " s", ChanceShare*s.Duration().Seconds(), s.MostOfService(i, func(r ServiceResult) float64 { return r.ViolationSeconds }))
		}
		judge(l.Name, Failed, "%", s.Limits.FailedPercent, s.MostOfService(i, ServiceResult.FailedPercent))
		judge(l.Name, Trigger, " s", s.Limits.TriggerSeconds, s.MostOfService(i, func(r ServiceResult) float64 { return r.TriggerSeconds }))
	}
	judge("database", Connections, " connections", float64(s.Limits.UsableConnections), s.Most(func(r Result) float64 { return float64(r.Connections) }))
	judge("stack", Cost, " USD per hour", s.Limits.BudgetUSDPerHour, s.Most(func(r Result) float64 { return r.PeakUSDPerHour }))
	return out
}

// Broken are the verdicts on promises that were not kept.
func (s Summary) Broken() []Verdict {
	var out []Verdict
	for _, v := range s.Verdicts() {
		if !v.Kept {
			out = append(out, v)
		}
	}
	return out
}

func orInf(x float64) float64 {
	if x < 0 {
		return math.Inf(1)
	}
	return x
}

// Leaves is what the model leaves out, a phrase each.
func (f Fidelity) Leaves() []string {
	out := []string{
		"arrivals are Poisson within a second, without users who act together",
		"pauses of garbage collection and bursts of CPU throttling are only in what was measured",
		"node groups always deliver, all nodes as fast as measured: no shortage, no spot",
		"images are there or pull as fast as measured",
		"pods take traffic once they are Ready, and need no more CPU to start than idle",
		"all pods of a service are sampled and scraped at one moment, and a query of the adapter takes no time",
		"the database forgets the connections of a lost node at once",
	}
	if f == Control {
		out = append(out, "requests are a fluid: quantiles are those of steady states behind a balancer that chooses by chance, and no connection is refused")
	}
	return out
}
