package flow

import (
	"fmt"
	"math"
	"sync"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// tables are shared by all runs of a process: a search replays thousands of
// scenarios over the same pods, and a table is a pure function of its key.
var tables struct {
	sync.Mutex
	byConfig map[string]*table
}

// remembered bounds the memo; beyond it everything is forgotten.
const remembered = 512

// tableOf is the table of a configuration.
func tableOf(c station.Config) *table {
	key := fmt.Sprint(c.Discipline, c.Servers, c.CPU, c.Kinds, c.Client.Timeout, c.Pool != nil)
	if c.Pool != nil {
		key += fmt.Sprint(*c.Pool)
	}
	tables.Lock()
	defer tables.Unlock()
	if t, ok := tables.byConfig[key]; ok {
		return t
	}
	if tables.byConfig == nil || len(tables.byConfig) >= remembered {
		tables.byConfig = map[string]*table{}
	}
	share, hold := 0.0, 0.0
	if c.Pool != nil {
		share, hold = c.Pool.Share, c.Pool.Hold.Mean
	}
	t := &table{config: c, pod: min(podRates(&c, share, hold)), noise: math.Sqrt(1 + c.CPU.CV2)}
	t.promise(c.Kinds)
	tables.byConfig[key] = t
	return t
}
