package nodes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// autoscalerName is that of the release, its chart and its service account.
const autoscalerName = "cluster-autoscaler"

// The charts, at the newest versions known in November 2026: cluster-autoscaler
// by github.com/kubernetes/autoscaler charts/cluster-autoscaler, metrics-server by
// github.com/kubernetes-sigs/metrics-server charts/metrics-server/CHANGELOG.md.
const (
	autoscalerVersion    = "9.59.0"
	metricsServerVersion = "3.13.1"
)

// autoscalerImages are releases of Cluster Autoscaler whose image was published,
// by the minor version of the cluster, which must be its own
// (github.com/kubernetes/autoscaler cluster-autoscaler/README.md, 2026-11). 1.35.1
// was tagged without an image (kubernetes/autoscaler#9866).
var autoscalerImages = map[string]string{
	"1.30": "v1.30.2", "1.31": "v1.31.1", "1.32": "v1.32.1", "1.33": "v1.33.4", "1.34": "v1.34.4", "1.35": "v1.35.2", "1.36": "v1.36.1",
}

// autoscalerValues are those of the chart that differ from its own
// (github.com/kubernetes/autoscaler charts/cluster-autoscaler/values.yaml, 2026-11).
type autoscalerValues struct {
	FullnameOverride string `json:"fullnameOverride"`
	CloudProvider    string `json:"cloudProvider"`
	AWSRegion        string `json:"awsRegion"`
	AutoDiscovery    struct {
		ClusterName string `json:"clusterName"`
	} `json:"autoDiscovery"`
	Image struct {
		Tag string `json:"tag"`
	} `json:"image"`
	RBAC struct {
		ServiceAccount struct {
			Name string `json:"name"`
		} `json:"serviceAccount"`
	} `json:"rbac"`
	// ReplicaCount of two: one leads, the other takes over when its node goes.
	ReplicaCount int               `json:"replicaCount"`
	ExtraArgs    map[string]string `json:"extraArgs"`
	// ExpanderPriorities is the text of a file: priorities are its keys, and
	// numbers, which the keys of values are not.
	ExpanderPriorities string    `json:"expanderPriorities"`
	Resources          resources `json:"resources"`
}

type resources struct {
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits,omitempty"`
}

// autoscaler is Cluster Autoscaler as the plan counts on it and as replays run it.
// What it must find in the cluster (a node without system pods, room by expendable
// pods) is stated, so that another release cannot change it.
func (f fleet) autoscaler() chart {
	v := autoscalerValues{
		FullnameOverride: autoscalerName, CloudProvider: "aws", AWSRegion: f.Cluster.Region, ReplicaCount: 2,
		ExpanderPriorities: f.priorities(),
		Resources:          resources{Requests: map[string]string{"cpu": "200m", "memory": "512Mi"}, Limits: map[string]string{"memory": "1Gi"}},
	}
	v.AutoDiscovery.ClusterName, v.Image.Tag, v.RBAC.ServiceAccount.Name = f.Cluster.Name, autoscalerImages[f.Cluster.Version], autoscalerName
	t := f.Plan.Autoscaler
	v.ExtraArgs = map[string]string{
		"expander":                         "priority,least-waste",
		"balance-similar-node-groups":      "true",
		"scan-interval":                    duration(t.ScanSeconds),
		"scale-down-unneeded-time":         duration(t.UnneededSeconds),
		"scale-down-delay-after-add":       duration(t.AfterAddSeconds),
		"scale-down-utilization-threshold": strconv.FormatFloat(t.UtilizationThreshold, 'g', -1, 64),
		"max-graceful-termination-sec":     strconv.Itoa(t.GraceSeconds),
		"expendable-pods-priority-cutoff":  strconv.Itoa(expendableCutoff),
		// A managed pod has an emptyDir for what it writes, which holds no data.
		"skip-nodes-with-local-storage": "false",
		"skip-nodes-with-system-pods":   "true",
	}
	return chart{name: autoscalerName, repository: "https://kubernetes.github.io/autoscaler", version: autoscalerVersion, values: v}
}

func duration(seconds float64) string {
	return (time.Duration(seconds * float64(time.Second))).String()
}

// priorities is the file of the priority expander: by priority, which groups, as
// patterns of the names that EKS gives the Auto Scaling groups behind them. The
// least one holds for every other group too.
func (f fleet) priorities() string {
	patterns := map[int][]string{}
	var levels []int
	for i, g := range f.Plan.Groups {
		if f.Spec.Groups[i].Mode != spec.External {
			patterns[g.Priority] = append(patterns[g.Priority], f.behind(i)...)
		}
		levels = append(levels, g.Priority)
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	var out strings.Builder
	for i := len(levels) - 1; i >= 0; i-- {
		names := patterns[levels[i]]
		if i == 0 {
			names = []string{".*"}
		}
		if len(names) == 0 {
			continue
		}
		fmt.Fprintf(&out, "%d:\n", levels[i])
		for _, name := range names {
			fmt.Fprintf(&out, "  - %s\n", name)
		}
	}
	return out.String()
}

// behind are patterns of the Auto Scaling groups of a group.
func (f fleet) behind(i int) []string {
	if f.Spec.Groups[i].Mode == spec.Adopt {
		return []string{"^eks-" + f.Spec.Groups[i].ID + "-.*"}
	}
	var out []string
	for _, p := range f.Plan.Groups[i].Pools {
		out = append(out, "^eks-"+p.Prefix(f.Stack)+".*")
	}
	return out
}

// metricsServerValues are those of the chart that differ from its own
// (github.com/kubernetes-sigs/metrics-server charts/metrics-server/values.yaml, 2026-11).
type metricsServerValues struct {
	FullnameOverride    string   `json:"fullnameOverride"`
	Args                []string `json:"args"`
	Replicas            int      `json:"replicas"`
	PodDisruptionBudget struct {
		Enabled      bool `json:"enabled"`
		MinAvailable int  `json:"minAvailable,omitempty"`
	} `json:"podDisruptionBudget"`
}

// metricsServer states the resolution, on which the time to the autoscaler's
// decision hangs: the program's own default is 60 s.
func (f fleet) metricsServer() chart {
	v := metricsServerValues{FullnameOverride: "metrics-server", Replicas: 2, Args: []string{"--metric-resolution=" + duration(f.MetricsResolution.Seconds())}}
	v.PodDisruptionBudget.Enabled, v.PodDisruptionBudget.MinAvailable = true, 1
	if f.Cluster.Context != "" {
		// The kubelets of a local cluster sign their certificates themselves, and
		// one node has no use for a second replica.
		v.Args = append(v.Args, "--kubelet-insecure-tls")
		v.Replicas, v.PodDisruptionBudget.Enabled, v.PodDisruptionBudget.MinAvailable = 1, false, 0
	}
	return chart{name: "metrics-server", repository: "https://kubernetes-sigs.github.io/metrics-server/", version: metricsServerVersion, values: v}
}
