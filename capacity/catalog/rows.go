package catalog

// NodeType is an EC2 instance type that can be an EKS node.
type NodeType struct {
	// Type is the name, such as "m7g.large".
	Type string `json:"type"`
	// Arch is "amd64" or "arm64".
	Arch string `json:"arch"`
	// VCPU is the number of virtual CPUs.
	VCPU int `json:"vcpu"`
	// MemoryMiB is the nominal memory; the guest sees less, see VMOverheadMiB.
	MemoryMiB int `json:"memoryMiB"`
	// MaxENIs is the number of network interfaces the type can have.
	MaxENIs int `json:"maxEnis"`
	// IPv4PerENI is the number of IPv4 addresses per interface.
	IPv4PerENI int `json:"ipv4PerEni"`
	// MaxPods is the pod limit in the VPC CNI's default secondary-IP mode. It
	// differs under prefix delegation (MaxPodsPrefix) and custom networking.
	MaxPods int `json:"maxPods"`
	// BaselinePercent is, for a burstable type, the share of each vCPU it earns
	// credits for; nil for the others.
	BaselinePercent *float64 `json:"baselinePercent"`
	// CreditsPerHour is what a burstable type earns, in vCPU-minutes per hour.
	CreditsPerHour *float64 `json:"creditsPerHour"`
	// USDPerHour is the on-demand price.
	USDPerHour *float64 `json:"usdPerHour"`
	// PriceDate is the day of that price, YYYY-MM-DD.
	PriceDate string `json:"priceDate"`
}

// DatabaseClass is an RDS class for PostgreSQL.
type DatabaseClass struct {
	// Class is the name, such as "db.r7g.large".
	Class string `json:"class"`
	// VCPU is the number of virtual CPUs.
	VCPU int `json:"vcpu"`
	// MemoryGiB is the nominal memory.
	MemoryGiB float64 `json:"memoryGiB"`
	// MaxConnectionsBound is the default max_connections by the formula over
	// nominal memory. It is an upper bound: the memory RDS puts into the formula
	// is smaller. Plan with EstimatedMaxConnections.
	MaxConnectionsBound int `json:"maxConnectionsBound"`
	// MaxConnectionsMeasured is what SHOW max_connections answered on a live
	// instance with the default; nil where nobody published it.
	MaxConnectionsMeasured *int `json:"maxConnectionsMeasured"`
	// MeasuredSources are the ids of who measured it.
	MeasuredSources []string `json:"measuredSources"`
	// BaselinePercent is the credit baseline per vCPU of a burstable class. No
	// source gives one for RDS, so it is nil throughout; ask Burstable.
	BaselinePercent *float64 `json:"baselinePercent"`
	// USDPerHour is the Single-AZ on-demand price for PostgreSQL; nil: unknown.
	USDPerHour *float64 `json:"usdPerHour"`
	// PriceDate is the day of that price; empty where there is none.
	PriceDate string `json:"priceDate"`
	// PriceSources are the ids of its sources.
	PriceSources []string `json:"priceSources"`
	// USDPerHourMultiAZ is the price with a standby. It is only about twice the
	// other one, so it is set only where a source states it.
	USDPerHourMultiAZ *float64 `json:"usdPerHourMultiAz"`
	// MultiAZDate is the day of that price.
	MultiAZDate string `json:"multiAzDate"`
	// MultiAZSources are the ids of its sources.
	MultiAZSources []string `json:"multiAzSources"`
	// Note qualifies the row, such as a source that mixes engines.
	Note string `json:"note"`
}

// CacheNode is an ElastiCache node type.
type CacheNode struct {
	// Type is the name, such as "cache.t4g.small".
	Type string `json:"type"`
	// VCPU is the number of virtual CPUs; nil where no source states it. Redis
	// executes commands on one of them whatever the number.
	VCPU *int `json:"vcpu"`
	// MaxMemoryBytes is the node's maxmemory before reserved-memory-percent
	// (25 by default) is taken off.
	MaxMemoryBytes int64 `json:"maxMemoryBytes"`
	// MemoryGiB is the same memory as the vendor rounds it.
	MemoryGiB float64 `json:"memoryGiB"`
	// BaselineGbps is the sustained network bandwidth, in Gbit/s.
	BaselineGbps float64 `json:"baselineGbps"`
	// BaselinePercent is the credit baseline per vCPU of a burstable node.
	BaselinePercent *float64 `json:"baselinePercent"`
	// USDPerHourRedis is the on-demand price with Redis OSS.
	USDPerHourRedis *float64 `json:"usdPerHourRedis"`
	// USDPerHourValkey is the on-demand price with Valkey.
	USDPerHourValkey *float64 `json:"usdPerHourValkey"`
	// PriceDate is the day of both prices.
	PriceDate string `json:"priceDate"`
	// RedisSources are the ids of the Redis price's sources.
	RedisSources []string `json:"redisSources"`
	// ValkeySources are the ids of the Valkey price's sources.
	ValkeySources []string `json:"valkeySources"`
}

// Price is the price of something that is not an instance: control planes, load
// balancers, NAT, storage, traffic, CDN plans.
type Price struct {
	// Name is the key, such as "ebs.gp3.storage".
	Name string `json:"name"`
	// USD is the price of one unit; nil where none is published.
	USD *float64 `json:"usd"`
	// Unit is what one costs that much, such as "GB-month".
	Unit string `json:"unit"`
	// Note qualifies the price.
	Note string `json:"note"`
	// PriceDate is the day of the newest source.
	PriceDate string `json:"priceDate"`
	// Sources are the ids of the sources.
	Sources []string `json:"sources"`
}
