package prometheus

import (
	"context"
	"fmt"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/text"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live"
)

// pods selects the series of cAdvisor about the containers of a workload.
type pods workload.Workload

func (p pods) selector(more ...string) string {
	matchers := append([]string{fmt.Sprintf("namespace=%q", p.Namespace), fmt.Sprintf("pod=~%q", workload.Workload(p).PodNames())}, more...)
	return "{" + strings.Join(matchers, ",") + "}"
}

// cpu in cores, by container: at each time that of the pod which used most. So are
// all others.
func (p pods) cpu() string {
	return fmt.Sprintf("max by (container) (sum by (pod, container) (rate(container_cpu_usage_seconds_total%s[%s])))", p.selector(containers...), window(Window))
}

func (p pods) memory() string {
	return fmt.Sprintf("max by (container) (max_over_time(container_memory_working_set_bytes%s[%s]))", p.selector(containers...), window(Window))
}

// throttled is the share of CFS periods. A container without a CPU limit has none.
func (p pods) throttled() string {
	of := func(name string) string {
		return fmt.Sprintf("sum by (pod, container) (increase(%s%s[%s]))", name, p.selector(containers...), window(Window))
	}
	return fmt.Sprintf("max by (container) (%s / (%s > 0))", of("container_cpu_cfs_throttled_periods_total"), of("container_cpu_cfs_periods_total"))
}

// killed counts the pods in which a container's last end was OOMKilled, as
// kube-state-metrics tells it.
func (p pods) killed(days int) string {
	return fmt.Sprintf(`count by (container) (max by (pod, container) (max_over_time(kube_pod_container_status_last_terminated_reason%s[%dd])) > 0)`, p.selector(`reason="OOMKilled"`), days)
}

// Containers of workloads over so many days up to a moment: what the busiest pod of
// each used, in windows of five minutes. tell is called after every workload; nil
// tells nobody.
func (c *Client) Containers(ctx context.Context, workloads []workload.Workload, days int, end time.Time, tell func(done, all int)) (audit.Measured, error) {
	end = end.Truncate(Window)
	o := over{end.Add(-time.Duration(days)*24*time.Hour + Window), end, Window}
	m := audit.Measured{Containers: map[audit.Container]audit.Usage{},
		Source: fmt.Sprintf("Prometheus, %s up to %s, the busiest pod of each workload in windows of %s", text.Count(days, "day", "days"), end.UTC().Format(time.DateTime), window(Window))}
	for i, w := range workloads {
		if err := c.usage(ctx, w, o, days, m.Containers); err != nil {
			return m, err
		}
		if tell != nil {
			tell(i+1, len(workloads))
		}
	}
	if len(m.Containers) == 0 && len(workloads) > 0 {
		return m, live.Fail(fmt.Sprintf("%s has no container_cpu_usage_seconds_total of %s in %s", c.address, named(workloads), text.Count(days, "day", "days")),
			"the kubelet's /metrics/cadvisor must be scraped, with the labels namespace, pod and container; --namespace names another namespace")
	}
	return m, nil
}

// named are the first of some workloads.
func named(workloads []workload.Workload) string {
	const most = 3
	var names []string
	for _, w := range workloads[:min(most, len(workloads))] {
		names = append(names, w.String())
	}
	if more := len(workloads) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// usage of the containers of one workload.
func (c *Client) usage(ctx context.Context, w workload.Workload, o over, days int, into map[audit.Container]audit.Usage) error {
	for _, q := range []struct {
		query string
		put   func(*audit.Usage, []float64)
	}{
		{pods(w).cpu(), func(u *audit.Usage, cores []float64) { u.CPUMilli = scaled(cores, 1000) }},
		{pods(w).memory(), func(u *audit.Usage, bytes []float64) { u.MemoryMiB = scaled(bytes, 1.0/(1<<20)) }},
		{pods(w).throttled(), func(u *audit.Usage, share []float64) { u.Throttled = scaled(share, 1) }},
	} {
		found, err := c.ranged(ctx, q.query, o)
		if err != nil {
			return err
		}
		for _, s := range found {
			at := audit.Container{Ref: w.Ref, Name: string(s.labels["container"])}
			u := into[at]
			var values []float64
			for _, x := range s.values {
				values = append(values, x)
			}
			q.put(&u, values)
			into[at] = u
		}
	}
	return c.kills(ctx, w, days, o.to, into)
}

func scaled(samples []float64, factor float64) *audit.Use {
	for i := range samples {
		samples[i] *= factor
	}
	return audit.NewUse(samples)
}

// kills adds what kube-state-metrics knows; without it nobody was seen killed.
func (c *Client) kills(ctx context.Context, w workload.Workload, days int, at time.Time, into map[audit.Container]audit.Usage) error {
	value, err := c.ask(ctx, func(ctx context.Context) (model.Value, v1.Warnings, v1.Infos, error) {
		return c.api.Query(ctx, pods(w).killed(days), at)
	})
	if err != nil {
		return err
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return live.Fail(fmt.Sprintf("%s answers %s with a %s, not with series", c.address, pods(w).killed(days), value.Type()))
	}
	for _, s := range vector {
		key := audit.Container{Ref: w.Ref, Name: string(s.Metric["container"])}
		u := into[key]
		u.Killed = int(finite(float64(s.Value)))
		into[key] = u
	}
	return nil
}
