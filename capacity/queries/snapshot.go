// Package queries judges what pg_stat_statements counted: which statements take
// the database's time, what their plans lack, which index would help and by how
// much, and which results are worth keeping in a cache.
package queries

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// form of snapshot files. Another number is another form.
const form = 1

// Snapshot is what one database had counted at one moment.
type Snapshot struct {
	Form int `json:"form"`
	// TakenAt is the server's time.
	TakenAt time.Time `json:"takenAt"`
	Server  Server    `json:"server"`
	// StatementsResetAt is since when statements are counted; nil when the
	// extension is too old to know.
	StatementsResetAt *time.Time `json:"statementsResetAt"`
	// TablesResetAt is since when writes are counted; nil for ever.
	TablesResetAt *time.Time `json:"tablesResetAt"`
	// Deallocated is how often the least used statements were thrown out to make
	// room.
	Deallocated float64 `json:"deallocated"`
	// OtherMs is the time of the statements of other databases of the server.
	OtherMs    float64     `json:"otherMs"`
	Statements []Statement `json:"statements"`
	Tables     []Writes    `json:"tables"`
}

// Server is whose snapshot it is.
type Server struct {
	// Version is server_version_num, such as 150018.
	Version int    `json:"version"`
	Address string `json:"address"`
	// Database and its oid.
	Database    string `json:"database"`
	DatabaseOID uint32 `json:"databaseOid"`
	// Role that read it.
	Role string `json:"role"`
	// Extension is the version of pg_stat_statements, such as 1.10.
	Extension string `json:"extension"`
	// Most statements that it keeps.
	Most float64 `json:"most"`
	// TimesIO tells whether the time of reading blocks is measured.
	TimesIO bool `json:"timesIo"`
	// Superuser tells whether the role may do everything.
	Superuser bool `json:"superuser"`
	// WorkMem in KiB.
	WorkMem float64 `json:"workMemKib"`
}

// Major is the major version, such as 15.
func (s Server) Major() int { return s.Version / 10000 }

// Counters only grow, until they are reset. Times are in milliseconds, blocks
// are of 8 KiB. What an extension version does not count is 0.
type Counters struct {
	Calls         float64 `json:"calls" db:"calls"`
	Rows          float64 `json:"rows" db:"rows"`
	ExecMs        float64 `json:"execMs" db:"exec_ms"`
	PlanMs        float64 `json:"planMs" db:"plan_ms"`
	BlocksHit     float64 `json:"blocksHit" db:"blocks_hit"`
	BlocksRead    float64 `json:"blocksRead" db:"blocks_read"`
	BlocksDirtied float64 `json:"blocksDirtied" db:"blocks_dirtied"`
	BlocksWritten float64 `json:"blocksWritten" db:"blocks_written"`
	TempRead      float64 `json:"tempRead" db:"temp_read"`
	TempWritten   float64 `json:"tempWritten" db:"temp_written"`
	ReadMs        float64 `json:"readMs" db:"read_ms"`
	WriteMs       float64 `json:"writeMs" db:"write_ms"`
	WALBytes      float64 `json:"walBytes" db:"wal_bytes"`
	JITMs         float64 `json:"jitMs" db:"jit_ms"`
	// WorkersWanted and WorkersLaunched are parallel workers.
	WorkersWanted   float64 `json:"workersWanted" db:"workers_wanted"`
	WorkersLaunched float64 `json:"workersLaunched" db:"workers_launched"`
}

// QueryID tells statements apart. In JSON it is a string: other languages have no
// whole numbers of 64 bits there.
type QueryID int64

// MarshalText is the number in digits.
func (q QueryID) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(q), 10), nil }

// UnmarshalText reads digits.
func (q *QueryID) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	*q = QueryID(n)
	return err
}

// Statement is one row of pg_stat_statements.
type Statement struct {
	User     uint32 `json:"user" db:"userid"`
	TopLevel bool   `json:"topLevel" db:"toplevel"`
	// QueryID is 0 where the role may not see it.
	QueryID QueryID `json:"queryId" db:"queryid"`
	Text    string  `json:"text" db:"query"`
	// Since is when the row began; nil before version 1.11.
	Since *time.Time `json:"since,omitempty" db:"since"`
	Counters
	// StddevMs of ExecMs over the calls.
	StddevMs float64 `json:"stddevMs" db:"stddev_ms"`
	// MaxMs since the row began.
	MaxMs float64 `json:"maxMs" db:"max_ms"`
}

// Writes are what pg_stat_user_tables counts of one table.
type Writes struct {
	explain.Table
	Inserted float64 `json:"inserted"`
	Updated  float64 `json:"updated"`
	Deleted  float64 `json:"deleted"`
}

func (w Writes) rows() float64 { return w.Inserted + w.Updated + w.Deleted }

// Encode is the snapshot as a file.
func (s Snapshot) Encode() ([]byte, error) {
	s.Form = form
	data, err := json.MarshalIndent(s, "", " ")
	return append(data, '\n'), err
}

// Decode reads a snapshot from a file.
func Decode(data []byte) (Snapshot, error) {
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("is no snapshot: %w; headroom slow-queries --save writes one", err)
	}
	if s.Form != form {
		return s, fmt.Errorf("form = %d: must be %d, the form of this version; take a new snapshot with --save", s.Form, form)
	}
	if s.TakenAt.IsZero() || s.Server.Database == "" {
		return s, errors.New("is no snapshot: takenAt and server.database are missing; headroom slow-queries --save writes one")
	}
	for i, st := range s.Statements {
		if err := st.check(); err != nil {
			return s, fmt.Errorf("statements[%d].%w", i, err)
		}
	}
	return s, nil
}

func (s Statement) check() error {
	for _, c := range fields(&s.Counters) {
		if *c.value < 0 || math.IsNaN(*c.value) || math.IsInf(*c.value, 0) {
			return fmt.Errorf("%s = %g: must be 0 or above", c.name, *c.value)
		}
	}
	if s.StddevMs < 0 {
		return fmt.Errorf("stddevMs = %g: must be 0 or above", s.StddevMs)
	}
	return nil
}

// counter is one field of Counters.
type counter struct {
	name  string
	value *float64
}

// fields are all counters, so that what holds for one holds for every one.
func fields(c *Counters) []counter {
	return []counter{
		{"calls", &c.Calls}, {"rows", &c.Rows}, {"execMs", &c.ExecMs}, {"planMs", &c.PlanMs},
		{"blocksHit", &c.BlocksHit}, {"blocksRead", &c.BlocksRead}, {"blocksDirtied", &c.BlocksDirtied}, {"blocksWritten", &c.BlocksWritten},
		{"tempRead", &c.TempRead}, {"tempWritten", &c.TempWritten}, {"readMs", &c.ReadMs}, {"writeMs", &c.WriteMs},
		{"walBytes", &c.WALBytes}, {"jitMs", &c.JITMs}, {"workersWanted", &c.WorkersWanted}, {"workersLaunched", &c.WorkersLaunched},
	}
}
