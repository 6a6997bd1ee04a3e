package aws

import (
	"fmt"

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
