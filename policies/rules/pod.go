package rules

import (
	"regexp"
	"slices"
)

// podHardened prevents one hole in a service from being a hole in the node.
func podHardened() Rule {
	return Rule{
		ID: "pod-hardened", Severity: High, Level: Mandatory, Single: true,
		What:    "containers run as nobody special, on a read-only file system, with no capability and no way to get one",
		Why:     "a hole in one service would be a way into its node and from there into the others",
		Fix:     "set runAsNonRoot, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities.drop [ALL] and seccompProfile RuntimeDefault",
		Anchors: []string{"CKV_K8S_16", "CKV_K8S_20", "CKV_K8S_22", "CKV_K8S_23", "CKV_K8S_25", "CKV_K8S_28", "CKV_K8S_31", "CKV_K8S_37", "KSV-0001", "KSV-0012", "KSV-0014", "KSV-0017", "KSV-0030", "PC enableReadOnlyRootFilesystem"},
		Types:   wholeTypes,
		Eval: each("whether its containers are confined", func(_ Input, v *verdict, w Resource) {
			pod := podOf(w)
			for _, shared := range []string{"hostNetwork", "hostPID", "hostIPC"} {
				v.off(pod.at(shared))
			}
			for _, c := range append(v.list(pod.at("containers")), v.list(pod.at("initContainers"))...) {
				v.confined(pod.at("securityContext"), c.at("securityContext"))
			}
			v.pass("confined")
		}, wholeTypes...),
	}
}

// confined judges a container; what it leaves out, the pod may say.
func (v *verdict) confined(pod, c leaf) {
	v.off(c.at("privileged"))
	v.on(c.at("readOnlyRootFilesystem"))
	v.on(either(c.at("runAsNonRoot"), pod.at("runAsNonRoot")))
	v.require(func(f *facts) string {
		// Kubernetes allows it unless it is refused.
		if escalation := c.at("allowPrivilegeEscalation"); escalation.Absent() || f.flag(escalation) {
			return escalation.where + " is " + show(escalation)
		}
		return ""
	})
	v.require(func(f *facts) string {
		if drop := c.at("capabilities.drop"); !slices.Contains(f.textList(drop), "ALL") {
			return drop.where + " lacks ALL"
		}
		return ""
	})
	v.oneOf(either(c.at("seccompProfile.type"), pod.at("seccompProfile.type")), "", "RuntimeDefault", "Localhost")
}

func either(first, second leaf) leaf {
	if first.Absent() {
		return second
	}
	return first
}

// podProbes prevents traffic to pods that cannot answer, and restarts of pods
// that are only busy.
func podProbes() Rule {
	return Rule{
		ID: "pod-probes", Severity: High, Level: Mandatory, Single: true,
		What:    "containers that serve have a readiness probe, and a liveness probe that is not the same",
		Why:     "without readiness a scale-out sends requests to pods that are starting; with the same probe for both, a busy pod is restarted instead of relieved",
		Fix:     "set readinessProbe on the path that needs the dependencies and livenessProbe on one that does not, or with a higher failureThreshold",
		Anchors: []string{"CKV_K8S_8", "CKV_K8S_9", "KS pod-probes", "KS pod-probes-identical", "KL no-readiness-probe", "KY ensure-probes-different"},
		Types:   []string{typeDeployment, typeStatefulSet},
		Eval: each("whether traffic meets only pods that can answer", func(_ Input, v *verdict, w Resource) {
			serves := false
			for _, c := range v.list(podOf(w).at("containers")) {
				if c.at("ports").Absent() {
					continue
				}
				serves = true
				ready, live := c.at("readinessProbe"), c.at("livenessProbe")
				v.require(func(f *facts) string {
					f.readable(c.at("ports"))
					f.readable(ready)
					f.readable(live)
					if ready.Absent() {
						return ready.where + " is not set"
					}
					switch alike(ready.Value, live.Value) {
					case yes:
						return live.where + " is the readiness probe again"
					case maybe:
						f.wait("whether %s is the readiness probe again", live)
					}
					return ""
				})
			}
			if !serves {
				v.notApplicable("serves on no port")
			}
			v.pass("readiness decides about traffic")
		}, typeDeployment, typeStatefulSet),
	}
}

// podMemory prevents pods that the scheduler puts where there is no room, and a
// leak that takes its neighbors with it.
func podMemory() Rule {
	return Rule{
		ID: "pod-memory", Severity: High, Level: Mandatory, Single: true,
		What:    "containers request CPU and memory, and those that serve have a memory limit",
		Why:     "what is not requested is not reserved, so a full node evicts it first; without a limit one leak evicts its neighbors",
		Fix:     "set headroom:services.<name>.resources.requests and limits.memory; leave limits.cpu out, it throttles",
		Options: []Option{relaxedStacks()},
		Anchors: []string{"CKV_K8S_10", "CKV_K8S_12", "CKV_K8S_13", "KSV-0015", "KSV-0016", "KSV-0018", "KL unset-memory-requirements", "differs from CKV_K8S_11: a CPU limit throttles before the autoscaler acts"},
		Types:   []string{typeDeployment, typeStatefulSet},
		Eval: each("whether its containers have their room", func(in Input, v *verdict, w Resource) {
			pod := podOf(w)
			for _, c := range v.list(pod.at("containers")) {
				for _, r := range []compute{computeCPU, computeMemory} {
					v.require(func(f *facts) string {
						return f.present(either(r.ofPod(pod), r.request(c)), c.at("resources.requests").key(r.name).where)
					})
				}
				if limit := c.at("resources.limits.memory"); !c.at("ports").Absent() && !in.relaxed(w) {
					v.require(func(f *facts) string {
						f.readable(c.at("ports"))
						return f.present(either(limit, pod.at("resources.limits.memory")), limit.where)
					})
				}
			}
			v.pass("requested and bounded")
		}, typeDeployment, typeStatefulSet),
	}
}

func (f *facts) present(l leaf, where string) string {
	f.readable(l)
	if l.Absent() {
		return where + " is not set"
	}
	return ""
}

// podToken prevents every pod from holding a key to the API server.
func podToken() Rule {
	return Rule{
		ID: "pod-token", Severity: Medium, Level: Mandatory, Single: true,
		What:    "pods get a token of the API server only with a service account of their own",
		Why:     "a token that nobody needs is a way into the cluster for whoever gets into the pod",
		Fix:     "set automountServiceAccountToken: false, or name a serviceAccountName made for the workload",
		Anchors: []string{"CKV_K8S_38", "CKV_K8S_41"},
		Types:   wholeTypes,
		Eval: each("whether its pods hold a token", func(_ Input, v *verdict, w Resource) {
			pod := podOf(w)
			v.require(func(f *facts) string {
				mount := pod.at("automountServiceAccountToken")
				account := f.textOr(pod.at("serviceAccountName"), "default")
				if (mount.Absent() || f.flag(mount)) && account == "default" {
					return "its pods mount a token of the service account default"
				}
				return ""
			})
			v.pass("no token without an account of its own")
		}, wholeTypes...),
	}
}

// secretName is how variables that hold one are called.
var secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|api_?key|private_?key|dsn)$`)

// secretPlain prevents a secret that everybody who may read objects can read.
func secretPlain() Rule {
	return Rule{
		ID: "secret-plain", Severity: Critical, Level: Mandatory, Single: true,
		What:    "no password or key stands in a manifest or a ConfigMap",
		Why:     "it would be in the repository, in the state, and readable for everybody who may list objects",
		Fix:     "move it into a Secret and refer to it by valueFrom.secretKeyRef",
		Anchors: []string{"CKV_K8S_35", "KL env-var-secret", "C-0012"},
		Types:   append([]string{typeConfigMap}, podTypes...),
		Eval: each("whether it holds a secret in plain text", func(_ Input, v *verdict, r Resource) {
			v.pass("no secret in plain text")
			if r.Type == typeConfigMap {
				data := r.at("data")
				v.readable(data)
				for _, key := range data.Keys() {
					v.plain(key, data.key(key))
				}
				return
			}
			pod := podOf(r)
			for _, c := range append(v.list(pod.at("containers")), v.list(pod.at("initContainers"))...) {
				for _, e := range v.list(c.at("env")) {
					v.plain(v.textOr(e.at("name"), ""), e.at("value"))
				}
			}
		}, append([]string{typeConfigMap}, podTypes...)...),
	}
}

func (v *verdict) plain(name string, value leaf) {
	if text, _ := value.text(); text != "" && secretName.MatchString(name) {
		v.fault("%s is plain text", name)
	}
	if secretName.MatchString(name) && value.Unknown() {
		v.wait("%s, not known yet", value)
	}
}

// pdbPresent prevents a node upgrade that takes all pods of a service at once.
func pdbPresent() Rule {
	return Rule{
		ID: "pdb-present", Severity: High, Level: Mandatory,
		What:    "every autoscaled service has a disruption budget",
		Why:     "without one, draining nodes may evict every pod at the same moment",
		Fix:     "declare a PodDisruptionBudget with maxUnavailable: 1 over the service's pods",
		Anchors: []string{"KS deployment-has-poddisruptionbudget", "PO missingPodDisruptionBudget", "KY require-pdb"},
		Types:   []string{typePDB, typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeStatefulSet},
		Eval: func(in Input) []Finding {
			budgets := bySpace(in.of(typePDB), namespaceOf)
			var all []Finding
			for _, g := range in.guarded() {
				if g.scaled {
					v := &verdict{}
					v.judgeGuard(g, budgets.near(g.namespace))
					all = append(all, v.finding(g.Resource, "whether a budget covers it"))
				}
			}
			return all
		},
	}
}

func (v *verdict) judgeGuard(g guardee, budgets []Resource) {
	best := no
	for _, b := range budgets {
		best = max(best, g.covers(b))
	}
	v.pass("covered by a disruption budget")
	switch {
	case best == yes:
	case best == maybe:
		v.wait("whether a disruption budget covers %s", g.name)
	case !g.labeled:
		v.wait("a disruption budget named %s; the labels of its pods belong to another owner", g.name)
	default:
		v.fault("no disruption budget covers its pods")
	}
}

// pdbUnhealthy prevents one broken pod from blocking every drain.
func pdbUnhealthy() Rule {
	return Rule{
		ID: "pdb-unhealthy", Severity: Medium, Level: Mandatory, Single: true,
		What:    "disruption budgets let pods go that are not ready",
		Why:     "by default a crash-looping pod counts as needed, and no node under it can ever drain",
		Fix:     "set unhealthyPodEvictionPolicy: AlwaysAllow",
		Anchors: []string{"KL pdb-unhealthy-pod-eviction-policy", "stackrox/kube-linter 856"},
		Types:   []string{typePDB},
		Eval: each("whether a broken pod may go", func(_ Input, v *verdict, b Resource) {
			v.oneOf(b.at("spec.unhealthyPodEvictionPolicy"), "IfHealthyBudget", "AlwaysAllow")
			v.pass("broken pods may go")
		}, typePDB),
	}
}
