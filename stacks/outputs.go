package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Output is the name of a stack output. Pipelines read them.
type Output string

// The outputs of every stack.
const (
	// OutHeadroomFactor and OutFirstLimit are the product's one number.
	OutHeadroomFactor Output = "headroomFactor"
	OutFirstLimit     Output = "firstLimit"
	// OutNamespace of the workloads.
	OutNamespace Output = "namespace"
	// OutSettings and OutAutoscalers are object names by service.
	OutSettings    Output = "settings"
	OutAutoscalers Output = "autoscalers"
)

// The outputs of a stack with a database.
const (
	// OutDatabaseHost and OutDatabasePort are what services connect to.
	OutDatabaseHost Output = "databaseHost"
	OutDatabasePort Output = "databasePort"
	// OutDatabaseServerHost is the database itself, for migrations.
	OutDatabaseServerHost Output = "databaseServerHost"
	// OutDatabaseSecretARN is where RDS keeps the master password.
	OutDatabaseSecretARN Output = "databaseSecretArn"
)

// The outputs of a stack with a cache.
const (
	// OutCacheHost and OutCachePort are what services connect to.
	OutCacheHost Output = "cacheHost"
	OutCachePort Output = "cachePort"
	// OutCacheReaderHost spreads reads over the replicas.
	OutCacheReaderHost Output = "cacheReaderHost"
)

// The outputs of a stack with a distribution.
const (
	// OutMediaDomain is where static media answers.
	OutMediaDomain Output = "mediaDomain"
	// OutMediaBucket is where its files are uploaded.
	OutMediaBucket Output = "mediaBucket"
	// OutDistribution is what an invalidation names.
	OutDistribution Output = "distributionId"
)

// results are what a stack hands out.
type results struct {
	headroomFactor, firstLimit, namespace pulumi.Input
	settings, autoscalers                 pulumi.StringMap
	// database is nil for a stack without one.
	database *databaseResults
	// cache is nil for a stack without one.
	cache *cacheResults
	// media is nil for a stack without a distribution.
	media *mediaResults
}

type mediaResults struct {
	domain, bucket pulumi.Input
	distribution   pulumi.StringInput
}

type cacheResults struct {
	readerHost, port pulumi.Input
	host             pulumi.StringInput
}

type databaseResults struct {
	host, port, secretARN pulumi.Input
	// serverHost and id are the database's own; no output names the id.
	serverHost, id pulumi.StringInput
}

// outputs names the results.
func outputs(r results) pulumi.Map {
	out := pulumi.Map{
		string(OutHeadroomFactor): r.headroomFactor,
		string(OutFirstLimit):     r.firstLimit,
		string(OutNamespace):      r.namespace,
		string(OutSettings):       r.settings,
		string(OutAutoscalers):    r.autoscalers,
	}
	if d := r.database; d != nil {
		out[string(OutDatabaseHost)] = d.host
		out[string(OutDatabasePort)] = d.port
		out[string(OutDatabaseServerHost)] = d.serverHost
		out[string(OutDatabaseSecretARN)] = d.secretARN
	}
	if c := r.cache; c != nil {
		out[string(OutCacheHost)] = c.host
		out[string(OutCachePort)] = c.port
		out[string(OutCacheReaderHost)] = c.readerHost
	}
	if m := r.media; m != nil {
		out[string(OutMediaDomain)] = m.domain
		out[string(OutMediaBucket)] = m.bucket
		out[string(OutDistribution)] = m.distribution
	}
	return out
}
