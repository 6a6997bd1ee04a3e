package drift

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
)

// Names of settings, for those who expect and those who read.
const (
	MinReplicas     = "spec.minReplicas"
	MaxReplicas     = "spec.maxReplicas"
	ScaleTarget     = "spec.scaleTargetRef"
	CPUUtilization  = "metric cpu, averageUtilization"
	UpWindow        = "scaleUp.stabilizationWindowSeconds"
	UpPolicies      = "scaleUp.policies"
	UpTolerance     = "scaleUp.tolerance"
	DownWindow      = "scaleDown.stabilizationWindowSeconds"
	DownPolicies    = "scaleDown.policies"
	ScalingActive   = "condition ScalingActive"
	Unavailable     = "spec.maxUnavailable"
	RollUnavailable = "strategy.maxUnavailable"
	RollSurge       = "strategy.maxSurge"
	MinReady        = "spec.minReadySeconds"
	Grace           = "terminationGracePeriodSeconds"
	PreStop         = "preStop sleep, seconds"
	CPURequest      = "requests.cpu, millicores"
	MemoryRequest   = "requests.memory, MiB"
	CPULimit        = "limits.cpu, millicores"
	MemoryLimit     = "limits.memory, MiB"
	Resolution      = "--metric-resolution"
	MinSize         = "minSize"
	MaxSize         = "maxSize"
)

// External is the setting with the target of an external metric.
func External(metric string) string { return "metric " + metric + ", averageValue" }

// Env is the setting of a variable of a process.
func Env(variable string) string { return "env " + variable }

// Autoscaler is the object of a HorizontalPodAutoscaler.
func Autoscaler(namespace, name string) string {
	return "HorizontalPodAutoscaler " + namespace + "/" + name
}

// DisruptionBudget is the object of a PodDisruptionBudget.
func DisruptionBudget(namespace, name string) string {
	return "PodDisruptionBudget " + namespace + "/" + name
}

// Deployment is the object of a Deployment.
func Deployment(namespace, name string) string { return "Deployment " + namespace + "/" + name }

// Pool is the object of an EKS node group.
func Pool(name string) string { return "node group " + name }

// MetricsServer is the object of the resource metrics' server.
const MetricsServer = "metrics-server"

// Policies spells the policies of a direction.
func Policies(all []plan.Policy) string {
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = fmt.Sprintf("%s %d per %ds", p.Type, p.Value, p.PeriodSeconds)
	}
	return strings.Join(words, ", ")
}
