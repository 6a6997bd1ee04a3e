package spec

// Traffic is how today's peak becomes the load to be ready for. Today's peak
// itself stands at each service (peakRps).
type Traffic struct {
	// Growth is the multiple of today's peak to be ready for. Default: 5.
	Growth float64 `json:"growth,omitempty" nonzero:"true"`
	// Ramp is the time in which load rises from today's peak to growth times
	// it. Default: 10m.
	Ramp Duration `json:"ramp,omitempty" nonzero:"true"`
	// CDNHitRatio is the share of requests that the CDN answers, for services
	// that state none of their own. Default: 0%.
	CDNHitRatio Percent `json:"cdnHitRatio,omitempty"`
	// MissAmplification is how many origin requests one CDN miss causes
	// (revalidation, several edge locations missing at once). Default: 1.
	MissAmplification float64 `json:"missAmplification,omitempty" nonzero:"true"`
}

// SLO is what users are promised.
type SLO struct {
	// P99 is the 99th percentile of the response time of core routes. Default: 200ms.
	P99 Duration `json:"p99,omitempty" nonzero:"true"`
	// TTFB is the 99th percentile of the time to the first byte of core routes.
	// Default: the p99.
	TTFB Duration `json:"ttfb,omitempty" nonzero:"true"`
	// Trigger is the longest time from sustained high load to the autoscaler's
	// decision. Default: 60s.
	Trigger Duration `json:"trigger,omitempty" nonzero:"true"`
	// Availability is the share of requests that must succeed. Default: 99.9%.
	Availability Percent `json:"availability,omitempty" nonzero:"true"`
}

// Addons are cluster programs that autoscaling relies on, each managed by
// Headroom or already there (external). Default: external.
type Addons struct {
	MetricsServer     Mode `json:"metricsServer,omitempty"`
	ClusterAutoscaler Mode `json:"clusterAutoscaler,omitempty"`
	Prometheus        Mode `json:"prometheus,omitempty"`
	PrometheusAdapter Mode `json:"prometheusAdapter,omitempty"`
	PodIdentityAgent  Mode `json:"podIdentityAgent,omitempty"`
	// Karpenter, where it runs in place of Cluster Autoscaler: external, or absent.
	Karpenter Mode `json:"karpenter,omitempty"`
}

// Budget bounds the monthly cost.
type Budget struct {
	// Monthly is the most the stack may cost per month, at its floor and with
	// everything scaled out all month. Required outside a local stack.
	Monthly USD `json:"monthly,omitempty"`
	// Emails hear of 80% spent and of 100% forecast of monthly, by an AWS Budget.
	// At least one is required outside a local stack.
	Emails []string `json:"emails,omitempty"`
	// CostAllocationTag counts only what carries the tag headroom:stack of this
	// stack, which must be activated in the account's billing settings: until
	// then, the budget would count nothing. Default: the whole account counts.
	CostAllocationTag bool `json:"costAllocationTag,omitempty"`
	// Prices state prices in USD per hour that the catalog has no source for,
	// by type: "db.m7g.4xlarge", or "db.m7g.large.multiAz" for a Multi-AZ instance.
	Prices map[string]USD `json:"prices,omitempty"`
}

// Policy adjusts the policy pack.
type Policy struct {
	// Suppressions silence one rule for one resource until a date.
	Suppressions []Suppression `json:"suppressions,omitempty"`
	// Replacements allow single resources that hold data to be replaced or
	// deleted until a date.
	Replacements []Replacement `json:"replacements,omitempty"`
}

// Suppression silences one rule for one resource, with a reason and an end.
type Suppression struct {
	// Rule is the id of the rule.
	Rule string `json:"rule"`
	// Resource is the name or URN of the resource; "*" is every one.
	Resource string `json:"resource"`
	// Reason says why.
	Reason string `json:"reason"`
	// Expires is the last day, as YYYY-MM-DD.
	Expires string `json:"expires"`
}

// Waiver accepts one violated check until a date.
type Waiver struct {
	// Check is the id of the check.
	Check string `json:"check"`
	// Reason says why.
	Reason string `json:"reason"`
	// Until is the last day, as YYYY-MM-DD.
	Until string `json:"until"`
}

// Promises are what a core route promises: its own, or those of all. A first byte
// comes no later than the answer.
func (o SLO) Promises(r Route) (p99, ttfb Duration) {
	p99, ttfb = o.P99, o.TTFB
	if r.P99 != nil {
		p99 = *r.P99
		ttfb = min(ttfb, p99)
	}
	if r.TTFB != nil {
		ttfb = *r.TTFB
	}
	return p99, ttfb
}
