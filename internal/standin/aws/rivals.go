package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// rivalInstances are live databases of the same engine: what is about to be made
// would be a second one, without any data.
func rivalInstances(all []provider.Live, declared provider.Live) []provider.Rival {
	var found []provider.Rival
	for _, other := range foreign(all, declared.Inputs) {
		found = append(found, provider.Rival{ID: identifierOf(other), Why: "is a live " + declared.Inputs.At("engine").Text() +
			" instance: the stack would make a second one beside it, without any data"})
	}
	return found
}

// rivalGroups are the parameter groups of live databases that nobody adopted,
// also those that RDS made itself.
func rivalGroups(all []provider.Live, _ provider.Live) []provider.Rival {
	var found []provider.Rival
	for _, other := range foreign(all, provider.Value{}) {
		if name := other.At("parameterGroupName").Text(); name != "" {
			found = append(found, provider.Rival{ID: name, Why: fmt.Sprintf("is the parameter group of the live instance %s", identifierOf(other))})
		}
	}
	return found
}

// rivalCaches are live replication groups: what is about to be made would be a
// second one, empty, while the services keep what they know in the first. Their
// engine says nothing, because Valkey takes over from Redis in place.
func rivalCaches(all []provider.Live, declared provider.Live) []provider.Rival {
	var found []provider.Rival
	for _, other := range foreignCaches(all) {
		if other.ID == declared.Inputs.At("replicationGroupId").Text() {
			continue // It exists already, which is told.
		}
		found = append(found, provider.Rival{ID: other.ID, Why: "is a live replication group: the stack would make a second, empty one beside it"})
	}
	return found
}

// rivalCacheGroups are the parameter groups of live replication groups that nobody
// adopted.
func rivalCacheGroups(all []provider.Live, _ provider.Live) []provider.Rival {
	var found []provider.Rival
	for _, other := range foreignCaches(all) {
		if name := other.Inputs.At("parameterGroupName").Text(); name != "" {
			found = append(found, provider.Rival{ID: name, Why: "is the parameter group of the live replication group " + other.ID})
		}
	}
	return found
}

// foreignCaches are live replication groups that no program has.
func foreignCaches(all []provider.Live) []provider.Live {
	return slices.DeleteFunc(slices.Clone(all), func(l provider.Live) bool { return l.Token != replicationGroup || l.URN != "" })
}

// rivalOrigins are the buckets that live distributions of the same name serve from:
// who adopts the distribution says which bucket it is to go on with.
func rivalOrigins(all []provider.Live, declared provider.Live) []provider.Rival {
	var found []provider.Rival
	names := textsOf(declared.Inputs.At("aliases"))
	for _, other := range all {
		shared := func(name string) bool { return slices.Contains(names, name) }
		if other.Token != distribution || other.URN != "" || !slices.ContainsFunc(textsOf(other.Inputs.At("aliases")), shared) {
			continue
		}
		for _, origin := range other.Inputs.At("origins").List() {
			if bucket, _, ok := strings.Cut(origin.At("domainName").Text(), ".s3."); ok {
				found = append(found, provider.Rival{Value: bucket, Why: fmt.Sprintf("the live distribution %s of the same name serves from bucket %s", other.ID, bucket)})
			}
		}
	}
	return found
}

func textsOf(list provider.Value) (out []string) {
	for _, one := range list.List() {
		out = append(out, one.Text())
	}
	return out
}

// foreign are live instances that no program has, of one engine where one is
// named.
func foreign(all []provider.Live, in provider.Value) []provider.Value {
	var found []provider.Value
	engine := in.At("engine").Text()
	for _, l := range all {
		if l.Token == instance && l.URN == "" && (engine == "" || l.Inputs.At("engine").Text() == engine) {
			found = append(found, l.Inputs)
		}
	}
	return found
}

func identifierOf(in provider.Value) string { return in.At("identifier").Text() }
