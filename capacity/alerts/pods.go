package alerts

import (
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// pods watches whether the pods that the autoscaler asks for are there and stay.
func (w world) pods() []Alert {
	var out []Alert
	for _, name := range plan.Names(w.plan) {
		s := w.autoscaler(name)
		out = append(out, s.pending(), s.tooFew(), s.evicted(), s.killed())
		out = append(out, s.memory()...)
		out = append(out, s.poolTimeouts()...)
	}
	return out
}

// podSelector finds the service's pods.
func (s autoscaler) podSelector() string { return s.selector(s.deployment(), s.spec.Labels(s.name)) }

// pending pods are normal for as long as a node boots.
func (s autoscaler) pending() Alert {
	boot := s.world.plan.Nodes.BootSeconds
	patience := max(2*time.Minute, time.Duration(math.Ceil(2*boot/60))*time.Minute)
	phase := s.series.Pods("kube_pod_status_phase", s.name, series.Is("phase", "Pending"))
	return Alert{
		Name: "HeadroomPodsPending", Subject: s.name, Severity: spec.Critical, For: patience,
		Expr:    series.Sum(phase) + " > 0",
		Summary: fmt.Sprintf("{{ $value | humanize }} pods of %s wait longer than a node takes to boot", s.name),
		Runbook: Runbook{Command: s.kubectl("get pods %s --field-selector=status.phase=Pending -o wide", s.podSelector()),
			Means: fmt.Sprintf("The plan counts on a new node within %.0f s. These pods have none after twice that.", boot),
			Do: []string{"`" + s.kubectl("get events --field-selector reason=FailedScheduling --sort-by=.lastTimestamp") + "` says what is missing: CPU, memory, pods per node or addresses.",
				fmt.Sprintf("Is a node group at its maximum? %s. Otherwise Cluster Autoscaler says why it adds no node: `kubectl -n kube-system logs deployment/cluster-autoscaler --tail=100`.", s.groups()),
				"An instance type without capacity in the region shows in the activity of the Auto Scaling group."}},
		Needs: []string{s.series.Namespace("kube_pod_status_phase", series.Is("phase", "Running"))},
	}
}

// groups lists the maxima of the plan.
func (w world) groups() string {
	text := "The maxima are"
	for _, g := range w.plan.Nodes.Groups {
		text += fmt.Sprintf(" %s %d", g.Name, g.MaxSize)
	}
	return text
}

// tooFew pods that can serve: fewer than the floor less what may be disrupted.
func (s autoscaler) tooFew() Alert {
	least := max(1, s.plan.MinReplicas-s.plan.DisruptionBudget)
	available := s.series.Deployment("kube_deployment_status_replicas_available", s.name)
	return Alert{
		Name: "HeadroomPodsUnavailable", Subject: s.name, Severity: spec.Critical, For: 2 * time.Minute,
		Expr:    fmt.Sprintf("%s < %d", available, least),
		Summary: fmt.Sprintf("only {{ $value | humanize }} pods of %s can serve; its floor is %d", s.name, s.plan.MinReplicas),
		Runbook: Runbook{Command: s.kubectl("get pods %s -o wide", s.podSelector()),
			Means: fmt.Sprintf("The floor of %d pods carries today's peak; %d of them may be away at a time.", s.plan.MinReplicas, s.plan.DisruptionBudget),
			Do: []string{"A rollout that does not get ready is undone by `" + s.kubectl("rollout undo deployment/%s", s.deployment()) + "`.",
				"`" + s.kubectl("describe pods %s", s.podSelector()) + "` shows failing probes, images that cannot be pulled and crashes."}},
		Needs: []string{available},
	}
}

// evicted pods were taken by a node under pressure, which the plan leaves no room for.
func (s autoscaler) evicted() Alert {
	reason := s.series.Pods("kube_pod_status_reason", s.name, series.Is("reason", "Evicted"))
	return Alert{
		Name: "HeadroomPodsEvicted", Subject: s.name, Severity: spec.Warning,
		Expr:    series.Sum(reason) + " > 0",
		Summary: fmt.Sprintf("a node under pressure evicted {{ $value | humanize }} pods of %s", s.name),
		Runbook: Runbook{Command: s.kubectl("get events --field-selector reason=Evicted --sort-by=.lastTimestamp"),
			Means: "The kubelet evicts when a node runs out of memory or disk: pods use more than they request. The plan packs nodes by requests.",
			Do: []string{"Compare what pods use with what they request: dashboard services, memory.",
				"Raise the request of whoever exceeds it, or find what fills the disk.",
				"The alert ends when the evicted pods are deleted: `" + s.kubectl("delete pods %s --field-selector=status.phase=Failed", s.podSelector()) + "`."}},
		Needs: []string{s.series.Namespace("kube_pod_status_reason", series.Is("reason", "Evicted"))},
	}
}

// killed containers exceeded their memory limit, or crash.
func (s autoscaler) killed() Alert {
	restarts := s.series.Pods("kube_pod_container_status_restarts_total", s.name)
	return Alert{
		Name: "HeadroomPodsRestarting", Subject: s.name, Severity: spec.Warning,
		Expr:    fmt.Sprintf("max(%s) > 2", series.Increase(restarts, 15*time.Minute)),
		Summary: fmt.Sprintf("a container of %s restarted {{ $value | humanize }} times in 15 minutes", s.name),
		Runbook: Runbook{Command: s.kubectl("get pods %s -o custom-columns=POD:.metadata.name,RESTARTS:.status.containerStatuses[*].restartCount,LAST:.status.containerStatuses[*].lastState.terminated.reason", s.podSelector()),
			Means: fmt.Sprintf("OOMKilled means that it needs more than %s. Every restart takes capacity that the plan counts on.", s.limit()),
			Do: []string{"`" + s.kubectl("logs %s --previous --tail=100", s.podSelector()) + "` shows its last words.",
				"A liveness probe that is slower than the pod under load kills healthy pods: `" + s.kubectl("describe pods %s", s.podSelector()) + "`."}},
		Needs: []string{restarts},
	}
}

func (s autoscaler) limit() string {
	if limit := s.spec.Resources.Limits.Memory; limit > 0 {
		return "its limit of " + limit.String()
	}
	return "its node has left"
}

// memory near the limit ends in a killed container.
func (s autoscaler) memory() []Alert {
	limit := s.spec.Resources.Limits.Memory
	if limit == 0 {
		return nil
	}
	const share = 0.9
	used := s.series.Containers("container_memory_working_set_bytes", s.name)
	return []Alert{{
		Name: "HeadroomMemoryNearLimit", Subject: s.name, Severity: spec.Warning, For: 5 * time.Minute,
		Expr:    fmt.Sprintf("max(%s) > %s", used, series.Number(math.Floor(share*float64(limit)*(1<<20)))),
		Summary: fmt.Sprintf("a pod of %s holds {{ $value | humanize1024 }}B of its limit of %s", s.name, limit),
		Runbook: Runbook{Command: s.kubectl("top pods %s --containers", s.podSelector()),
			Means: fmt.Sprintf("At %s the kernel kills the container in the middle of its requests.", limit),
			Do: []string{"Growth over days is a leak: restart by a rollout, then look for it. Growth with load is need: raise the limit, and the request with it.",
				fmt.Sprintf("See whether the nodes still fit: `%s`.", s.whatIf("services.%s.resources.requests.memory=%dMi", s.name, int64(math.Ceil(1.25*float64(limit)))))}},
		Needs: []string{used},
	}}
}

// poolTimeouts are requests that found no connection in time.
func (s autoscaler) poolTimeouts() []Alert {
	metric := s.spec.Metrics.PoolTimeouts
	if metric == "" || s.plan.Pool == nil {
		return nil
	}
	pool := s.plan.Pool
	counter := s.series.Service(metric, s.name)
	return []Alert{{
		Name: "HeadroomPoolTimeouts", Subject: s.name, Severity: spec.Critical,
		Expr:    series.Sum(series.Increase(counter, 5*time.Minute)) + " > 0",
		Summary: fmt.Sprintf("{{ $value | humanize }} requests of %s found no database connection in time", s.name),
		Runbook: Runbook{Command: s.kubectl("get configmap %s -o yaml", s.spec.SettingsName(s.name)),
			Means: fmt.Sprintf("Each worker may hold %d + %d connections and waits %g s for one. The plan predicts a p99 wait of %g ms.", pool.Size, pool.MaxOverflow, pool.TimeoutSeconds, pool.WaitP99Ms),
			Do: []string{"Slow statements hold connections longer: dashboard database, or `headroom slow-queries`.",
				"Do the pods run with the planned DB_POOL_SIZE? Compare the ConfigMap with the environment of a pod.",
				fmt.Sprintf("See whether more connections fit: `%s`.", s.whatIf("services.%s.pool.size=%d", s.name, pool.Size+1))}},
		Needs: []string{counter},
	}}
}
