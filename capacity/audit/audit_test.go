package audit_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/workload"
)

// parse reads the objects of a file of YAML documents.
func parse(t *testing.T, text string) workload.Set {
	t.Helper()
	var all workload.Set
	for document := range strings.SplitSeq(text, "\n---\n") {
		object, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		set, err := workload.Decode("shop.yaml", object)
		if err != nil {
			t.Fatal(err)
		}
		all.Add(set)
	}
	return all
}

func ref(kind, name, container string) audit.Container {
	return audit.Container{Ref: workload.Ref{Namespace: "shop", Kind: kind, Name: name}, Name: container}
}

// use that grows evenly from a tenth of the most.
func use(most float64) *audit.Use {
	var samples []float64
	for i := range 100 {
		samples = append(samples, most*(0.1+0.9*float64(i)/99))
	}
	return audit.NewUse(samples)
}

func shop(t *testing.T) (workload.Set, audit.Measured, *audit.Price) {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	measured := audit.Measured{Source: "Prometheus, 14 days up to 2026-11-24 00:00:00, the busiest pod of each workload in windows of 5m",
		Containers: map[audit.Container]audit.Usage{
			ref("Deployment", "backend", "backend"):   {CPUMilli: use(950), MemoryMiB: use(960), Throttled: use(0.005)},
			ref("Deployment", "backend", "proxy"):     {CPUMilli: use(80), MemoryMiB: use(100)},
			ref("Deployment", "frontend", "frontend"): {CPUMilli: use(120), MemoryMiB: use(210)},
			ref("Deployment", "worker", "worker"):     {CPUMilli: use(190), MemoryMiB: use(300), Throttled: use(0.4)},
		}}
	price := audit.PriceOf(plan.Nodes{Groups: []plan.NodeGroup{{Name: "general", InstanceType: "m7i.xlarge", FreeMilliCPU: 3700, FreeMiB: 14000, LeastUSDPerHour: 0.2137}}})
	return parse(t, string(text)), measured, price
}

func TestReport(t *testing.T) {
	set, measured, price := shop(t)
	moment := measured
	moment.Source, moment.Momentary = "metrics.k8s.io of cluster prod, a moment's use (samples: 3 in 30s, pods: 15)", true
	for name, r := range map[string]audit.Report{
		"history":    audit.New(set, measured, price),
		"moment":     audit.New(set, moment, nil),
		"unmeasured": audit.New(set, audit.Measured{}, price),
	} {
		t.Run(name, func(t *testing.T) {
			golden.JSON(t, "testdata/"+name+".json", r)
			golden.Text(t, "testdata/"+name+".txt", r.Text())
		})
	}
}

// The example of the guide is what the code prints.
func TestGuide(t *testing.T) {
	const guide = "../../docs/audit.md"
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	begin, rest, ok := strings.Cut(string(text), "<!-- example -->\n```text\n")
	_, end, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatalf("%s has no example", guide)
	}
	golden.Text(t, guide, begin+"<!-- example -->\n```text\n"+audit.New(shop(t)).Text()+"```\n"+end)
}

// One fault each, by the objects alone or with what was measured.
func TestFaults(t *testing.T) {
	app := func(resources string) string {
		return "kind: Deployment\nmetadata: {name: app, namespace: shop}\nspec: {replicas: 2, template: {spec: {containers: [{name: app, resources: " + resources + "}]}}}"
	}
	hpa := func(metric string) string {
		return "\n---\nkind: HorizontalPodAutoscaler\nmetadata: {name: hpa, namespace: shop}\nspec: {minReplicas: 2, maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: app}, metrics: [" + metric + "]}"
	}
	const cpu60 = "{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}"
	const memory90 = "{type: Resource, resource: {name: memory, target: {averageUtilization: 90}}}"
	const rps = "{type: External, external: {}}"
	const good = "{requests: {cpu: 200m, memory: 200Mi}, limits: {memory: 200Mi}}"
	calm := audit.Usage{CPUMilli: use(120), MemoryMiB: use(160)}
	for name, tc := range map[string]struct {
		reason, text string
		usage        *audit.Usage
		want         []string
	}{
		"Fine":         {"nothing to say", app(good), &calm, nil},
		"FineHPA":      {"and the target can be passed", app(good) + hpa(cpu60), &calm, nil},
		"NoCPU":        {"the autoscaler is blind", app("{requests: {memory: 200Mi}, limits: {memory: 200Mi}}") + hpa(cpu60), nil, []string{"breaks no cpu request under autoscaler hpa, which steers to 60 % of it"}},
		"NoCPUNoHPA":   {"nothing is reserved", app("{requests: {memory: 200Mi}, limits: {memory: 200Mi}}") + hpa(rps), nil, []string{"risk no cpu request: the scheduler"}},
		"LimitCounts":  {"a limit is a request", app("{limits: {cpu: 1, memory: 200Mi}}") + hpa(cpu60), &audit.Usage{CPUMilli: use(700), MemoryMiB: use(160)}, nil},
		"NoMemory":     {"a memory autoscaler is blind", app("{requests: {cpu: 200m}}") + hpa(memory90), nil, []string{"breaks no memory request under autoscaler hpa"}},
		"Unreachable":  {"throttled below the target", app("{requests: {cpu: 1, memory: 200Mi}, limits: {cpu: 600m, memory: 200Mi}}") + hpa(cpu60), nil, []string{"breaks autoscaler hpa adds pods above 60 % of the cpu request, 600m, and the limit is 600m: it is throttled first"}},
		"Killed":       {"dead below the target", app("{requests: {cpu: 1, memory: 300Mi}, limits: {memory: 200Mi}}") + hpa(memory90), nil, []string{"breaks autoscaler hpa adds pods above 90 % of the memory request, 270Mi, and the limit is 200Mi: it is killed first"}},
		"AtLimit":      {"memory at nine tenths", app(good), &audit.Usage{CPUMilli: use(120), MemoryMiB: use(180)}, []string{"breaks memory max 180Mi is 90 % of the limit 200Mi"}},
		"NearLimit":    {"memory above what the margin allows", app(good), &audit.Usage{CPUMilli: use(120), MemoryMiB: use(175)}, []string{"risk memory max 175Mi leaves 12 % below the limit 200Mi"}},
		"OOMKilled":    {"it happened", app(good), &audit.Usage{CPUMilli: use(120), MemoryMiB: use(100), Killed: 2}, []string{"breaks killed for memory: the last end of 2 containers was OOMKilled"}},
		"Under":        {"less CPU than the p95", app("{requests: {cpu: 100m, memory: 200Mi}, limits: {memory: 200Mi}}"), &calm, []string{"risk cpu request 100m < p95 115m"}},
		"UnderMemory":  {"less memory than the most", app("{requests: {cpu: 200m, memory: 100Mi}}"), &calm, []string{"risk memory request 100Mi < max 160Mi"}},
		"Over":         {"more than half again", app("{requests: {cpu: 1, memory: 1Gi}}"), &calm, []string{"waste cpu request 1000m: with a p95 of 115m, 135m would do", "waste memory request 1024Mi: with a max of 160Mi, 184Mi would do"}},
		"Throttled":    {"a quarter of the periods", app("{requests: {cpu: 200m, memory: 200Mi}, limits: {cpu: 400m, memory: 200Mi}}"), &audit.Usage{CPUMilli: use(120), MemoryMiB: use(160), Throttled: use(0.3)}, []string{"risk CPU limit 400m: throttled in 29 % of its periods"}},
		"NearCPULimit": {"a mean near the limit", app("{requests: {cpu: 200m, memory: 200Mi}, limits: {cpu: 200m, memory: 200Mi}}"), &audit.Usage{CPUMilli: use(170), MemoryMiB: use(160)}, []string{"risk CPU limit 200m: p99 168m is 84 % of it"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := audit.Measured{Containers: map[audit.Container]audit.Usage{}}
			if tc.usage != nil {
				m.Source, m.Containers[ref("Deployment", "app", "app")] = "a test", *tc.usage
			}
			r := audit.New(parse(t, tc.text), m, nil)
			var got []string
			for i, f := range r.Findings {
				text := string(f.Level) + " " + f.What
				if i < len(tc.want) && strings.HasPrefix(text, tc.want[i]) {
					text = tc.want[i]
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if breaks := strings.HasPrefix(strings.Join(tc.want, ""), "breaks"); r.OK == breaks {
				t.Errorf("%s: ok is %v", tc.reason, r.OK)
			}
		})
	}
}

// A pod's own request covers its containers, also for the autoscaler.
func TestPodResources(t *testing.T) {
	set := parse(t, "kind: Deployment\nmetadata: {name: app}\nspec: {template: {spec: {resources: {requests: {cpu: 1, memory: 1Gi}}, containers: [{name: app}]}}}\n---\n"+
		"kind: HorizontalPodAutoscaler\nmetadata: {name: hpa}\nspec: {maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: app}}")
	if r := audit.New(set, audit.Measured{}, nil); !r.OK || len(r.Findings) > 0 || r.Containers[0].CPU.Verdict != audit.Fine {
		t.Errorf("%+v", r)
	}
}

func TestPrice(t *testing.T) {
	group := plan.NodeGroup{Name: "a", InstanceType: "m7i.xlarge", FreeMilliCPU: 4000, FreeMiB: 16384, LeastUSDPerHour: 0.2}
	dear, unknown := group, group
	dear.LeastUSDPerHour, unknown.LeastUSDPerHour = 0.4, 0
	p := audit.PriceOf(plan.Nodes{Groups: []plan.NodeGroup{dear, unknown, group}})
	if p == nil || !strings.Contains(p.Why, "0.2000") {
		t.Fatalf("not the cheapest: %+v", p)
	}
	if got := 4*p.CPU + 16*p.GiB; got < 0.19999 || got > 0.20001 {
		t.Errorf("the parts of a node cost %g, the node 0.2", got)
	}
	if got := audit.PriceOf(plan.Nodes{Groups: []plan.NodeGroup{unknown}}); got != nil {
		t.Errorf("a price out of nowhere: %+v", got)
	}
}

func TestNewUse(t *testing.T) {
	nan := 0.0
	nan /= nan
	if got := audit.NewUse([]float64{-1, nan}); got != nil {
		t.Errorf("use of nothing: %+v", got)
	}
	var samples []float64
	for i := 100; i >= 1; i-- {
		samples = append(samples, float64(i))
	}
	if diff := cmp.Diff(&audit.Use{P50: 50, P95: 95, P99: 99, Max: 100}, audit.NewUse(samples)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
