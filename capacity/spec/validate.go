package spec

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
)

var (
	dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	account  = regexp.MustCompile(`^\d{12}$`)
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$`)
)

// enum is a string type with a closed set of values.
type enum interface {
	~string
	Values() []string
}

// DateForm is the form of every date in a stack file.
const DateForm = time.DateOnly

// Validate reports every problem of a decoded stack that was changed since, such
// as by a search.
func (s Stack) Validate() error { return s.validate().err() }

// validate reports every problem of a defaulted stack.
func (s Stack) validate() Problems {
	var ps Problems
	s.Cluster.validate(&ps)
	s.Traffic.validate(&ps)
	s.SLO.validate(&ps)
	s.validateServices(&ps)
	s.Database.validate(&ps, s.Cluster.Namespace, s.Local())
	s.Cache.validate(&ps, s.Local())
	s.Nodes.validate(&ps)
	s.validateManagedGroups(&ps)
	s.Edge.validate(&ps)
	s.Addons.validate(&ps)
	s.validateMonitoring(&ps)
	s.Budget.validate(&ps, s.Local())
	validateDates(&ps, s.Waivers, s.Policy)
	return ps
}

// require adds a problem unless ok.
func (ps *Problems) require(ok bool, path string, value any, rule, fix string) {
	if !ok {
		ps.add(path, value, rule, fix)
	}
}

// oneOf checks a closed set of values; empty passes only where it may.
func oneOf[E enum](ps *Problems, path string, value E) {
	if slices.Contains(value.Values(), string(value)) {
		return
	}
	all := strings.Join(value.Values(), ", ")
	if value == "" {
		ps.add(path, nil, "must be set", "one of "+all)
		return
	}
	ps.add(path, string(value), "must be one of "+all, catalog.Meant(string(value), value.Values()))
}

func (ps *Problems) between(path string, value, low, high float64, unit string) {
	ps.require(value >= low && value <= high, path, fmt.Sprint(value)+unit,
		fmt.Sprintf("must be between %g%s and %g%s", low, unit, high, unit), "")
}

func (ps *Problems) secretRef(path string, ref SecretRef) {
	ps.require(ref.Name != "", path+".name", nil, "must name an existing Kubernetes Secret", "")
	ps.require(ref.Key != "", path+".key", nil, "must name a key of that Secret", "")
}

// adopted holds that a live id stands where something is adopted, and nowhere else.
func (ps *Problems) adopted(path string, mode Mode, id string) {
	ps.require(mode != Adopt || id != "", path, nil, "must be the live object's id when the mode is adopt", "")
	ps.require(mode == Adopt || id == "", path, id, "is the id of a live object, and the mode is "+string(mode), "set the mode to adopt, or remove it")
}

func (t Traffic) validate(ps *Problems) {
	ps.between("traffic.growth", t.Growth, 1, 100, "")
	ps.between("traffic.cdnHitRatio", float64(t.CDNHitRatio), 0, 100, "%")
	ps.between("traffic.missAmplification", t.MissAmplification, 1, 100, "")
	ps.require(t.Ramp > 0, "traffic.ramp", t.Ramp, "must be longer than 0s", "")
}

func (o SLO) validate(ps *Problems) {
	ps.require(o.P99 > 0, "slo.p99", o.P99, "must be longer than 0s", "")
	ps.require(o.TTFB > 0 && o.TTFB <= o.P99, "slo.ttfb", o.TTFB, fmt.Sprintf("must be longer than 0s and at most slo.p99 (%s)", o.P99), "")
	ps.require(o.Trigger > 0, "slo.trigger", o.Trigger, "must be longer than 0s", "")
	ps.between("slo.availability", float64(o.Availability), 50, 100, "%")
}

func (a Addons) validate(ps *Problems) {
	for name, mode := range map[string]Mode{
		"metricsServer": a.MetricsServer, "clusterAutoscaler": a.ClusterAutoscaler, "prometheus": a.Prometheus,
		"prometheusAdapter": a.PrometheusAdapter, "podIdentityAgent": a.PodIdentityAgent,
	} {
		ps.require(mode == Managed || mode == External, "addons."+name, string(mode), "must be managed or external", "")
	}
	ps.require(a.Karpenter == "" || a.Karpenter == External, "addons.karpenter", string(a.Karpenter), "must be external or absent", "")
	ps.require(a.Karpenter == "" || a.ClusterAutoscaler != Managed, "addons.clusterAutoscaler", string(a.ClusterAutoscaler),
		"must not be managed beside Karpenter: both would add a node for one pending pod", "use external, or remove addons.karpenter")
}

// mostUSD bounds every amount of money: no stack costs a billion a month.
const mostUSD = 1e9

func (b Budget) validate(ps *Problems, local bool) {
	ps.require(b.Monthly > 0 || local && b.Monthly == 0, "budget.monthly", float64(b.Monthly), "must be more than 0 USD", "")
	ps.require(b.Monthly <= mostUSD, "budget.monthly", float64(b.Monthly), fmt.Sprintf("must be at most %.0f USD", mostUSD), "")
	// (https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateNotification.html, 2026-11)
	ps.require(len(b.Emails) <= 10, "budget.emails", len(b.Emails), "must be at most 10, what AWS Budgets notifies", "name a mailing list")
	for i, e := range b.Emails {
		_, err := mail.ParseAddress(e)
		ps.require(err == nil && len(e) <= 50, fmt.Sprintf("budget.emails[%d]", i), e, "must be an email address of at most 50 characters", "")
	}
	for _, name := range sortedKeys(b.Prices) {
		ps.require(b.Prices[name] >= 0, "budget.prices."+name, float64(b.Prices[name]), "must not be negative", "")
		ps.require(b.Prices[name] <= mostUSD, "budget.prices."+name, float64(b.Prices[name]), fmt.Sprintf("must be at most %.0f USD per hour", mostUSD), "")
	}
}

func validateDates(ps *Problems, waivers []Waiver, policy Policy) {
	for i, w := range waivers {
		at := fmt.Sprintf("waivers[%d]", i)
		ps.require(w.Check != "", at+".check", nil, "must name a check", "")
		ps.exception(at, w.Reason, "until", w.Until)
	}
	for i, r := range policy.Replacements {
		at := fmt.Sprintf("policy.replacements[%d]", i)
		ps.require(r.Resource != "" && r.Resource != "*", at+".resource", r.Resource, "must name one resource", "")
		ps.exception(at, r.Reason, "until", r.Until)
	}
	for i, u := range policy.Suppressions {
		at := fmt.Sprintf("policy.suppressions[%d]", i)
		ps.require(u.Rule != "", at+".rule", nil, "must name a rule", "")
		ps.require(u.Resource != "", at+".resource", nil, `must name a resource, or "*"`, "")
		ps.exception(at, u.Reason, "expires", u.Expires)
	}
}

// exception checks what every waiver and suppression must carry.
func (ps *Problems) exception(at, reason, key, date string) {
	ps.require(strings.TrimSpace(reason) != "", at+".reason", nil, "must say why", "")
	_, err := time.Parse(DateForm, date)
	ps.require(err == nil, at+"."+key, date, "must be a date such as 2026-12-31 in quotes", "")
}
