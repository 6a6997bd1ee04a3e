package spec

// Database is the PostgreSQL instance that the services share.
type Database struct {
	// Mode of the instance; empty means the stack has no database.
	Mode Mode `json:"mode,omitempty"`
	// ID is the identifier of the live instance; required when adopted.
	ID string `json:"id,omitempty"`
	// Adopt are the live parts around an adopted instance.
	Adopt AdoptDatabase `json:"adopt,omitzero"`
	// InstanceClass such as "db.m7g.large".
	InstanceClass string `json:"instanceClass,omitempty"`
	// EngineVersion is the PostgreSQL major version, such as "17".
	EngineVersion string `json:"engineVersion,omitempty"`
	// MultiAZ keeps a standby in another zone. Default: true.
	MultiAZ *bool `json:"multiAz,omitempty"`
	// MaxConnections sets max_connections explicitly; without it the limit is
	// the measured one of the class, or an estimate.
	MaxConnections *int `json:"maxConnections,omitempty"`
	// VCPUs of a database without an instance class: an external one, or that of a
	// local stack.
	VCPUs *int `json:"vcpus,omitempty"`
	// Storage of the instance.
	Storage Storage `json:"storage,omitzero"`
	// Pooler between services and database. Default: none.
	Pooler Pooler `json:"pooler,omitempty"`
	// PgBouncer settings, when the pooler is pgbouncer.
	PgBouncer PgBouncer `json:"pgbouncer,omitzero"`
	// ExternalPooler limits, when the pooler is external.
	ExternalPooler *ExternalPooler `json:"externalPooler,omitempty"`
	// OtherClients hold connections besides the services, directly at the
	// database: migrations, exporters, people.
	OtherClients []Client `json:"otherClients,omitempty"`
	// Image of the PostgreSQL on a local stack, with its version.
	Image string `json:"image,omitempty"`
	// Resources of that PostgreSQL. Default: 250m, 512Mi.
	Resources Amounts `json:"resources,omitzero" nonzero:"true"`
	// Host of an external database.
	Host string `json:"host,omitempty"`
	// Port of the database. Default: 5432.
	Port int `json:"port,omitempty" nonzero:"true"`
	// Name of the database. Default: "app".
	Name string `json:"name,omitempty"`
	// User that owns the database of a managed instance. Default: "headroom".
	User string `json:"user,omitempty"`
	// Parameters of the parameter group besides those that Headroom sets, and in
	// place of its suggestions, in the units of PostgreSQL. max_connections is
	// stated by maxConnections.
	Parameters map[string]string `json:"parameters,omitempty"`
	// BackupDays that a managed instance keeps. Default: 7.
	BackupDays *int `json:"backupDays,omitempty"`
}

// Storage is the volume of the database.
type Storage struct {
	// GiB allocated. Default: 100.
	GiB int `json:"gib,omitempty" nonzero:"true"`
	// MaxGiB up to which storage grows by itself. Default: twice gib.
	MaxGiB int `json:"maxGib,omitempty" nonzero:"true"`
	// IOPS of the volume. Default: 3000, the gp3 baseline, and 12000 from 400 GiB,
	// where up to 64000 may be bought.
	IOPS int `json:"iops,omitempty" nonzero:"true"`
}

// Pooler is what stands between services and database.
type Pooler string

// The poolers.
const (
	NoPooler        Pooler = "none"
	PgBouncerPooler Pooler = "pgbouncer"
	OtherPooler     Pooler = "external"
)

// Values are the allowed poolers.
func (Pooler) Values() []string {
	return []string{string(NoPooler), string(PgBouncerPooler), string(OtherPooler)}
}

// PgBouncer is the managed PgBouncer Deployment.
type PgBouncer struct {
	// Image with a version of at least 1.26.1.
	Image string `json:"image,omitempty"`
	// Replicas; every limit below is per replica. Default: 3.
	Replicas int `json:"replicas,omitempty" nonzero:"true"`
	// PoolSize of server connections per replica; derived when absent.
	PoolSize *int `json:"poolSize,omitempty"`
	// ReservePool of server connections per replica beyond the pool size. Default: 0.
	ReservePool int `json:"reservePool,omitempty"`
	// MaxClientConn per replica; derived when absent.
	MaxClientConn *int `json:"maxClientConn,omitempty"`
	// UserList is the existing Secret key with PgBouncer's userlist.txt.
	UserList SecretRef `json:"userList,omitzero"`
	// Adopt are live objects that Headroom takes over.
	Adopt AdoptPgBouncer `json:"adopt,omitzero"`
	// Resources per replica. Default: 1 core, 256Mi.
	Resources Amounts `json:"resources,omitzero" nonzero:"true"`
}

// ExternalPooler states the limits of a pooler that Headroom does not own.
type ExternalPooler struct {
	// MaxClients that it accepts with one of its instances lost.
	MaxClients int `json:"maxClients"`
	// ServerConnections that it opens to the database at most.
	ServerConnections int `json:"serverConnections"`
	// Processes that serve clients, one core each. Default: 1.
	Processes int `json:"processes,omitempty" nonzero:"true"`
}

// Client holds database connections besides the services.
type Client struct {
	// Name such as "migrations".
	Name string `json:"name"`
	// Connections that it holds at most.
	Connections int `json:"connections"`
}
