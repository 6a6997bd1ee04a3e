// Package spec is the stack file: what a person states about a product, its
// traffic and its limits. It decodes strictly, fills defaults, and reports
// every problem at once. It knows no cloud and no Pulumi.
package spec

// Stack is one decoded, defaulted and validated stack file.
type Stack struct {
	// Name is the Pulumi stack, taken from the file name or the engine.
	Name string `json:"-"`

	// Cluster is the existing cluster and network that the stack attaches to.
	Cluster Cluster `json:"cluster"`
	// Traffic is how today's load becomes the load to be ready for.
	Traffic Traffic `json:"traffic,omitzero"`
	// SLO is what users are promised.
	SLO SLO `json:"slo,omitzero"`
	// Services are the autoscaled workloads by name.
	Services map[string]Service `json:"services"`
	// Database is the PostgreSQL instance that the services share.
	Database Database `json:"database,omitzero"`
	// Cache is the Redis or Valkey that the services share.
	Cache Cache `json:"cache,omitzero"`
	// Nodes are the node groups that the services run on.
	Nodes Nodes `json:"nodes"`
	// Edge is the CDN and the edge-hosted pages.
	Edge Edge `json:"edge,omitzero"`
	// Addons are the cluster programs that autoscaling relies on.
	Addons Addons `json:"addons,omitzero"`
	// Monitoring is where alerts go and how often metrics arrive.
	Monitoring Monitoring `json:"monitoring,omitzero"`
	// Budget bounds the monthly cost.
	Budget Budget `json:"budget,omitzero"`
	// Policy adjusts the policy pack.
	Policy Policy `json:"policy,omitzero"`
	// Waivers accept a violated check until a date.
	Waivers []Waiver `json:"waivers,omitempty"`
}

// Namespace is the Pulumi config namespace of every key.
const Namespace = "headroom"

// SecretKeys are the Pulumi config secrets that stand beside the structured
// keys, never inside them.
var SecretKeys = []string{"cachePassword", "cloudflareToken", "localPassword"}

// Mode says who owns a thing.
type Mode string

// The modes.
const (
	// Managed is created and kept by Headroom.
	Managed Mode = "managed"
	// Adopt is a live object that Headroom imports and then keeps.
	Adopt Mode = "adopt"
	// External is not touched; it only states its limits.
	External Mode = "external"
)

// Values are the allowed modes.
func (Mode) Values() []string { return []string{string(Managed), string(Adopt), string(External)} }

// SecretRef names one key of a Kubernetes Secret that already exists. It is a
// reference, never a value.
type SecretRef struct {
	// Name is the Secret's name in the stack's namespace.
	Name string `json:"name"`
	// Key is the key inside the Secret.
	Key string `json:"key"`
}

// Local says whether the stack runs on a developer's cluster: it names a
// kubeconfig context instead of an EKS cluster.
func (s Stack) Local() bool { return s.Cluster.Context != "" }

// PodZones are the zones that pods spread over: those of the node groups, or
// of the subnets where groups name none.
func (s Stack) PodZones() []string {
	seen := map[string]bool{}
	var zones []string
	add := func(zone string) {
		if zone != "" && !seen[zone] {
			seen[zone] = true
			zones = append(zones, zone)
		}
	}
	for _, g := range s.Nodes.Groups {
		for _, z := range g.Zones {
			add(z)
		}
	}
	if len(zones) == 0 {
		for _, n := range s.Cluster.Subnets {
			add(n.Zone)
		}
	}
	return zones
}
