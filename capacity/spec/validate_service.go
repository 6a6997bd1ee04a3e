package spec

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

var (
	secretName  = regexp.MustCompile(`(?i)(passw(or)?d|secret|token|api_?key|private_?key|credential)`)
	urlPassword = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)
	imageTag    = regexp.MustCompile(`(@sha256:[0-9a-f]{64}|:[\w][\w.-]{0,127})$`)
)

// ServiceName says whether a service may have a name: its objects add to it.
func ServiceName(name string) bool { return dnsLabel.MatchString(name) && len(name) <= 50 }

func (s Stack) validateServices(ps *Problems) {
	ps.require(len(s.Services) > 0, "services", nil, "must name at least one service", "")
	for _, name := range sortedKeys(s.Services) {
		at := "services." + name
		ps.require(ServiceName(name), at, nil,
			"must be a lower-case name of letters, digits and dashes, at most 50 long", "")
		v := s.Services[name]
		v.validate(ps, at)
		v.validateWorkload(ps, at, s.Cluster.Namespace)
		ps.require(v.Pool == nil || s.Database.Mode != "", at+".pool", nil, "needs a database", "set database.mode, or remove the pool")
		ps.require(v.Autoscaling.Tolerance == nil || s.Cluster.Version == "" || s.Cluster.Version >= "1.35", at+".autoscaling.tolerance", v.Autoscaling.Tolerance,
			"needs Kubernetes 1.35, this cluster is "+s.Cluster.Version, "remove it")
	}
}

func (v Service) validate(ps *Problems, at string) {
	oneOf(ps, at+".mode", v.Mode)
	ps.require(v.Mode != Managed || imageTag.MatchString(v.Image) && !strings.HasSuffix(v.Image, ":latest"), at+".image", v.Image,
		"must be an image with a tag or digest other than latest when the mode is managed", "")
	ps.require(!v.Patch || v.Mode == External, at+".patch", v.Patch, "only makes sense for an external Deployment", "")
	ps.between(at+".port", float64(v.Port), 1, 65535, "")
	ps.between(at+".workers", float64(v.Workers), 1, 64, "")
	ps.require(v.PeakRPS > 0 && v.PeakRPS <= 1e9, at+".peakRps", float64(v.PeakRPS), "must be more than 0 and at most 1e9", "today's peak, as measured before the CDN")
	ps.between(at+".cdnHitRatio", float64(*v.CDNHitRatio), 0, 99.9, "%")
	oneOf(ps, at+".balancing", v.Balancing)
	v.validateRoutes(ps, at)
	v.Resources.validate(ps, at+".resources")
	v.validateEnv(ps, at)
	v.Autoscaling.validate(ps, at+".autoscaling")
	v.Metrics.validate(ps, at+".metrics")
	v.Pool.validate(ps, at+".pool")
	v.Rollout.validate(ps, at+".rollout")
	if v.Ingress != nil {
		ps.require(hostName.MatchString(v.Ingress.Host), at+".ingress.host", v.Ingress.Host, "must be a host name", "")
		ps.require(strings.HasPrefix(v.Ingress.ProbePath, "/"), at+".ingress.probePath", v.Ingress.ProbePath, "must start with /", "")
		ps.between(at+".ingress.deregistrationSeconds", float64(*v.Ingress.DeregistrationSeconds), 0, 3600, "")
	}
}

func (v Service) validateRoutes(ps *Problems, at string) {
	sum, core := 0.0, false
	seen := map[string]bool{}
	for i, r := range v.Routes {
		here := fmt.Sprintf("%s.routes[%d]", at, i)
		ps.require(r.Method != "" && r.Method == strings.ToUpper(r.Method), here+".method", r.Method, "must be an upper-case HTTP method", "")
		ps.require(strings.HasPrefix(r.Path, "/"), here+".path", r.Path, "must start with /", "")
		ps.require(r.Share > 0 && r.Share <= 100, here+".share", r.Share, "must be more than 0% and at most 100%", "")
		ps.require(r.P99 == nil || *r.P99 > 0, here+".p99", r.P99, "must be longer than 0s", "")
		ps.require(r.TTFB == nil || *r.TTFB > 0, here+".ttfb", r.TTFB, "must be longer than 0s", "")
		ps.require(!seen[r.Key()], here, r.Key(), "stands twice", "")
		seen[r.Key()] = true
		sum += float64(r.Share)
		core = core || r.Core
	}
	ps.require(math.Abs(sum-100) < 0.01, at+".routes", nil, fmt.Sprintf("shares add up to %g%%, not 100%%", sum), "")
	ps.require(core, at+".routes", nil, "no route is core", "mark the routes that carry the promises of slo with core: true")
}

func (r Resources) validate(ps *Problems, at string) {
	ps.require(r.Requests.CPU > 0, at+".requests.cpu", r.Requests.CPU, "must be more than 0",
		"without a CPU request the autoscaler cannot compute utilization")
	ps.require(r.Requests.Memory > 0, at+".requests.memory", r.Requests.Memory, "must be more than 0", "")
	ps.require(r.Limits.CPU == 0 || r.Limits.CPU >= r.Requests.CPU, at+".limits.cpu", r.Limits.CPU,
		fmt.Sprintf("must be at least the request (%s)", r.Requests.CPU), "")
	ps.require(r.Limits.Memory == 0 || r.Limits.Memory >= r.Requests.Memory, at+".limits.memory", r.Limits.Memory,
		fmt.Sprintf("must be at least the request (%s)", r.Requests.Memory), "")
}

// validateEnv refuses what looks like a secret: stack files are committed.
func (v Service) validateEnv(ps *Problems, at string) {
	const fix = "put it into a Kubernetes Secret and include that by envFrom"
	for _, key := range sortedKeys(v.Env) {
		here := at + ".env." + key
		ps.require(!secretName.MatchString(key), here, "…", "looks like a secret", fix)
		ps.require(!urlPassword.MatchString(v.Env[key]), here, "…", "holds a password in a URL", fix)
	}
	for i, e := range v.EnvFrom {
		ps.require((e.Secret == "") != (e.ConfigMap == ""), fmt.Sprintf("%s.envFrom[%d]", at, i), nil,
			"must name either a secret or a configMap", "")
	}
}

func (a Autoscaling) validate(ps *Problems, at string) {
	oneOf(ps, at+".metric", a.Metric)
	for name, n := range map[string]*int{".minReplicas": a.MinReplicas, ".maxReplicas": a.MaxReplicas} {
		ps.require(n == nil || *n >= 1 && *n <= 10000, at+name, deref(n), "must be between 1 and 10000", "")
	}
	if a.MinReplicas != nil && a.MaxReplicas != nil {
		ps.require(*a.MinReplicas <= *a.MaxReplicas, at+".minReplicas", *a.MinReplicas,
			fmt.Sprintf("must be at most maxReplicas (%d)", *a.MaxReplicas), "")
	}
	ps.require(a.PausePods == nil || *a.PausePods >= 0 && *a.PausePods <= 10000, at+".pausePods", deref(a.PausePods), "must be between 0 and 10000", "")
	if u := a.TargetUtilization; u != nil {
		ps.between(at+".targetUtilization", float64(*u), 10, 95, "%")
	}
	ps.between(at+".margin", float64(*a.Margin), 0, 400, "%")
	a.validateBehavior(ps, at)
}

// validateBehavior holds the bounds of the API
// (github.com/kubernetes/kubernetes pkg/apis/autoscaling/validation, v1.36).
func (a Autoscaling) validateBehavior(ps *Problems, at string) {
	if t := a.Tolerance; t != nil {
		ps.between(at+".tolerance", float64(*t), 0, 50, "%")
	}
	const longest = 3600
	ps.require(a.ScaleUpWindow >= 0 && a.ScaleUpWindow.Seconds() <= longest, at+".scaleUpWindow", a.ScaleUpWindow, "must be between 0s and 1h", "")
	if w := a.ScaleDownWindow; w != nil {
		ps.require(*w >= 0 && w.Seconds() <= longest, at+".scaleDownWindow", *w, "must be between 0s and 1h", "")
	}
	for name, n := range map[string]*int{".scaleUpPercent": a.ScaleUpPercent, ".scaleDownPercent": a.ScaleDownPercent} {
		ps.require(n == nil || *n >= 1 && *n <= 10000, at+name, deref(n), "must be between 1 and 10000", "")
	}
}

// MostPooled connections of one engine: more are a slip of the keyboard.
const MostPooled = 1000

func (p *Pool) validate(ps *Problems, at string) {
	if p == nil {
		return
	}
	ps.require(p.Size == nil || *p.Size >= 1, at+".size", deref(p.Size), "must be at least 1",
		"SQLAlchemy reads 0 as unlimited, and then no budget can be proven")
	ps.require(p.MaxOverflow == nil || *p.MaxOverflow >= 0, at+".maxOverflow", deref(p.MaxOverflow), "must be at least 0",
		"SQLAlchemy reads -1 as unlimited, and then no budget can be proven")
	ps.require((p.Size == nil || *p.Size <= MostPooled) && (p.MaxOverflow == nil || *p.MaxOverflow <= MostPooled), at, nil,
		fmt.Sprintf("size and maxOverflow must be at most %d", MostPooled), "")
	ps.between(at+".engines", float64(p.Engines), 1, 16, "")
	ps.require(p.Timeout > 0, at+".timeout", p.Timeout, "must be longer than 0s", "")
	ps.require(p.Recycle > 0, at+".recycle", p.Recycle, "must be longer than 0s", "")
}

func (r Rollout) validate(ps *Problems, at string) {
	ps.between(at+".maxSurge", float64(*r.MaxSurge), 0, 100, "%")
	ps.between(at+".maxUnavailable", float64(r.MaxUnavailable), 0, 100, "%")
	whole := func(key string, p Percent) {
		ps.require(float64(p) == math.Trunc(float64(p)), at+key, p, "must be a whole percentage, since Kubernetes reads no fractions",
			fmt.Sprintf("set it to %g%%", math.Ceil(float64(p))))
	}
	whole(".maxSurge", *r.MaxSurge)
	whole(".maxUnavailable", r.MaxUnavailable)
	ps.require(*r.MaxSurge > 0 || r.MaxUnavailable > 0, at, nil, "maxSurge and maxUnavailable are both 0%",
		"a rollout could then never replace a pod; set maxSurge to 25%")
	for name, d := range map[string]Duration{".preStop": r.PreStop, ".drain": r.Drain, ".grace": r.Grace} {
		ps.require(d.Seconds() >= 1 && d.Seconds() <= 3600, at+name, d, "must be between 1s and 1h", "")
	}
}

func deref(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}
