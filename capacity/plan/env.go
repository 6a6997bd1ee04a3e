package plan

import "strconv"

// The app environment: what a service's process is told. Backend code, rules
// and rendered files read these names.
const (
	EnvWorkers          = "WEB_CONCURRENCY"
	EnvPoolSize         = "DB_POOL_SIZE"
	EnvMaxOverflow      = "DB_MAX_OVERFLOW"
	EnvPoolTimeout      = "DB_POOL_TIMEOUT"
	EnvPoolRecycle      = "DB_POOL_RECYCLE"
	EnvCacheConnections = "REDIS_MAX_CONNECTIONS"
)

// env is the app environment of one service; seconds are whole numbers, rounded
// up.
func env(s subject, v Service) map[string]string {
	out := map[string]string{EnvWorkers: strconv.Itoa(s.spec.Workers)}
	if p := v.Pool; p != nil {
		out[EnvPoolSize] = strconv.Itoa(p.Size)
		out[EnvMaxOverflow] = strconv.Itoa(p.MaxOverflow)
		out[EnvPoolTimeout] = strconv.Itoa(wholeSeconds(p.TimeoutSeconds))
		out[EnvPoolRecycle] = strconv.Itoa(wholeSeconds(p.RecycleSeconds))
	}
	if v.CacheConnections > 0 {
		out[EnvCacheConnections] = strconv.Itoa(v.CacheConnections)
	}
	return out
}

func wholeSeconds(s float64) int { return int(s + 0.999) }
