package plan

import (
	"strconv"
	"strings"
)

// The app environment: what a service's process is told. Backend code, rules
// and rendered files read these names.
const (
	EnvWorkers          = "WEB_CONCURRENCY"
	EnvPoolSize         = "DB_POOL_SIZE"
	EnvMaxOverflow      = "DB_MAX_OVERFLOW"
	EnvPoolTimeout      = "DB_POOL_TIMEOUT"
	EnvPoolRecycle      = "DB_POOL_RECYCLE"
	EnvCacheConnections = "REDIS_MAX_CONNECTIONS"
	// EnvCachePoolTimeout, EnvCacheSocketTimeout and EnvCacheConnectTimeout are in
	// seconds with fractions, as redis-py takes them.
	EnvCachePoolTimeout    = "REDIS_POOL_TIMEOUT"
	EnvCacheSocketTimeout  = "REDIS_SOCKET_TIMEOUT"
	EnvCacheConnectTimeout = "REDIS_CONNECT_TIMEOUT"
	// EnvCacheTTL is the soft time to live in seconds, EnvCacheJitter the fraction
	// of it by which each entry's differs at most, and EnvCacheStale how many
	// seconds longer an entry is served while one process recomputes it.
	EnvCacheTTL    = "CACHE_TTL"
	EnvCacheJitter = "CACHE_TTL_JITTER"
	EnvCacheStale  = "CACHE_STALE"
)

// EnvNames are all variables that a plan may set. Who sets one otherwise tells a
// process something else than what was proven.
var EnvNames = []string{
	EnvWorkers, EnvPoolSize, EnvMaxOverflow, EnvPoolTimeout, EnvPoolRecycle, EnvCacheConnections, EnvCachePoolTimeout,
	EnvCacheSocketTimeout, EnvCacheConnectTimeout, EnvCacheTTL, EnvCacheJitter, EnvCacheStale,
}

// env is the app environment of one service; seconds are whole numbers, rounded
// up.
func env(s subject, v Service, cache CacheClient) map[string]string {
	out := map[string]string{EnvWorkers: strconv.Itoa(s.spec.Workers)}
	if p := v.Pool; p != nil {
		out[EnvPoolSize] = strconv.Itoa(p.Size)
		out[EnvMaxOverflow] = strconv.Itoa(p.MaxOverflow)
		out[EnvPoolTimeout] = strconv.Itoa(wholeSeconds(p.TimeoutSeconds))
		out[EnvPoolRecycle] = strconv.Itoa(wholeSeconds(p.RecycleSeconds))
	}
	if v.CacheConnections > 0 {
		out[EnvCacheConnections] = strconv.Itoa(v.CacheConnections)
		out[EnvCachePoolTimeout] = fraction(cache.PoolTimeoutSeconds)
		out[EnvCacheSocketTimeout] = fraction(cache.SocketTimeoutSeconds)
		out[EnvCacheConnectTimeout] = fraction(cache.ConnectTimeoutSeconds)
		out[EnvCacheTTL] = strconv.Itoa(wholeSeconds(cache.TTLSeconds))
		out[EnvCacheJitter] = fraction(cache.TTLJitter)
		out[EnvCacheStale] = strconv.Itoa(wholeSeconds(cache.StaleSeconds))
	}
	return out
}

// fraction always has a point, so that a reader of the text takes it for no
// whole number.
func fraction(x float64) string {
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func wholeSeconds(s float64) int { return int(s + 0.999) }
