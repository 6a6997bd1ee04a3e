package baseline

// Baseline is the content of baselines/<stack>.json.
type Baseline struct {
	// Stack is the Pulumi stack the figures belong to, such as "prod".
	// Required: a file copied to another stack must say so.
	Stack string `json:"stack"`
	// Source names what measured the figures, such as "k6 2.2.0, one pod,
	// staging, 2026-11-20". Required; every derived number quotes it.
	Source string `json:"source"`
	// Date is the day of the measurement, YYYY-MM-DD. Required.
	Date string `json:"date"`
	// Example is true where nobody measured the figures: they only show the
	// format, and every report built on them says so. Default false.
	Example bool `json:"example"`
	// Measured are the paths of the figures of an example that were measured after
	// all, such as "services.api.kneeRps". Default: none; allowed in an example only.
	Measured []string `json:"measured,omitempty"`
	// Services are the measured services by name. At least one.
	Services map[string]Service `json:"services"`
	// Nodes are the facts about the cluster's nodes.
	Nodes Nodes `json:"nodes"`
	// Cache are the facts about the shared Redis. Default: no cache.
	Cache Cache `json:"cache"`
}

// Service is what one pod of a service carries and what one request costs.
type Service struct {
	// KneeRPS is the rate, in requests per second, that one pod carries at the
	// knee of its load curve with the HPA off. Required, above 0.
	KneeRPS float64 `json:"kneeRps"`
	// CPUMillis is the CPU time one request burns in the service itself, in
	// milliseconds. Required, above 0.
	CPUMillis float64 `json:"cpuMillis"`
	// ServiceMillis is the mean time a request spends in service when nothing
	// waits, in milliseconds: CPU, database and other I/O together. Required,
	// at least CPUMillis.
	ServiceMillis float64 `json:"serviceMillis"`
	// ServiceCV2 is the squared coefficient of variation of that service time:
	// (standard deviation / mean)². 1 is exponential. Required, above 0,
	// because an omitted value would claim that all requests take equally long.
	ServiceCV2 float64 `json:"serviceCv2"`
	// IdleCPUMilli is what a pod without traffic burns, in millicores: the
	// intercept of CPU over load, which the HPA sees too. Default 0.
	IdleCPUMilli float64 `json:"idleCpuMilli"`
	// StartupSeconds is the time from container start to Ready, without image
	// pull, in seconds. Required, above 0.
	StartupSeconds float64 `json:"startupSeconds"`
	// MemoryMiB is the resident memory of one pod at the knee, in MiB.
	// Required, above 0.
	MemoryMiB float64 `json:"memoryMiB"`
	// P99Millis is the p99 latency measured at today's peak, in milliseconds.
	// Optional; without it the prediction is compared with itself.
	P99Millis *float64 `json:"p99Millis,omitempty"`
	// CacheHitRatio is the share, 0 to 1, of would-be database requests that
	// Redis answers. Default 0: every request reaches the database.
	CacheHitRatio float64 `json:"cacheHitRatio"`
	// CacheOpsPerRequest is the number of Redis operations one request makes.
	// Default 0; above 0 where CacheHitRatio is.
	CacheOpsPerRequest float64 `json:"cacheOpsPerRequest"`
	// Database is the use of the database by requests that reach it. Absent:
	// the service does not talk to the database.
	Database *DatabaseUse `json:"database,omitempty"`
	// Routes override the service's figures per route. The key is method and
	// path, such as "GET /api/x". Default: every route is like the service.
	Routes map[string]Route `json:"routes,omitempty"`
	// Fit is how headroom baseline measured the service. Default: not known.
	Fit *Fit `json:"fit,omitempty"`
}

// DatabaseUse is the cost, per request that reaches the database (not per
// request of the service: cache hits are not counted).
type DatabaseUse struct {
	// HoldMillis is how long one pooled connection stays checked out, in
	// milliseconds. Required, above 0.
	HoldMillis float64 `json:"holdMillis"`
	// HoldCV2 is the squared coefficient of variation of the hold time; 1 is
	// exponential. Required, above 0.
	HoldCV2 float64 `json:"holdCv2"`
	// CPUMillis is the CPU time spent in the database, in milliseconds.
	// Required, above 0.
	CPUMillis float64 `json:"cpuMillis"`
	// IOPerRequest is the number of I/O operations on the volume. Default 0:
	// the working set is in memory.
	IOPerRequest float64 `json:"ioPerRequest"`
	// TransactionsPerRequest is the number of transactions; through a
	// transaction pooler each is a separate checkout. Required, above 0.
	TransactionsPerRequest float64 `json:"transactionsPerRequest"`
}

// Route overrides the figures of one route. A zero or absent field inherits
// from the service: no route costs nothing, so 0 cannot be a measurement.
type Route struct {
	// CPUMillis is the CPU time of one request, in milliseconds.
	// Default: the service's.
	CPUMillis float64 `json:"cpuMillis,omitempty"`
	// ServiceMillis is the mean service time without waiting, in milliseconds.
	// Default: the service's.
	ServiceMillis float64 `json:"serviceMillis,omitempty"`
	// ServiceCV2 is the squared coefficient of variation of the service time.
	// Default: the service's.
	ServiceCV2 float64 `json:"serviceCv2,omitempty"`
	// FirstByteMillis is the mean service time until the first byte of the
	// response, in milliseconds. Default: the route's whole service time, which
	// is what a handler that does not stream delivers.
	FirstByteMillis float64 `json:"firstByteMillis,omitempty"`
}

// Nodes are the measured facts about the cluster's nodes.
type Nodes struct {
	// BootSeconds is the p95 time from the scale-up request to a Ready node, in
	// seconds. Required, above 0.
	BootSeconds float64 `json:"bootSeconds"`
}

// Cache are the measured facts about the shared Redis.
type Cache struct {
	// WorkingSetMiB is the memory of the live keys, in MiB. Default 0.
	WorkingSetMiB float64 `json:"workingSetMiB"`
	// OpMicros is the CPU time Redis spends per operation, in microseconds.
	// Default 0; above 0 where a service makes cache operations.
	OpMicros float64 `json:"opMicros"`
}

// Route returns the figures of the route with the given key ("GET /api/x"),
// every absent one inherited from the service. An unmeasured route is like the
// service.
func (s Service) Route(key string) Route {
	r := s.Routes[key]
	r.CPUMillis = orElse(r.CPUMillis, s.CPUMillis)
	r.ServiceMillis = orElse(r.ServiceMillis, s.ServiceMillis)
	r.ServiceCV2 = orElse(r.ServiceCV2, s.ServiceCV2)
	r.FirstByteMillis = orElse(r.FirstByteMillis, r.ServiceMillis)
	return r
}

func orElse(v, inherited float64) float64 {
	if v == 0 {
		return inherited
	}
	return v
}
