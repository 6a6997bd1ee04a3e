package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/agencyos/headroom/capacity/spec"
)

// The keys of the stack's configuration that the pack reads; both hold JSON.
const (
	keyPolicy  = spec.Namespace + ":policy"
	keyWaivers = spec.Namespace + ":waivers"
)

// stackConfig is what the stack file says to the pack.
type stackConfig struct {
	policy   spec.Policy
	waivers  []spec.Waiver
	problems []string
}

// readConfig never fails: what cannot be read silences nothing, and is said.
func readConfig(config map[string]string) stackConfig {
	var c stackConfig
	c.read(config, keyPolicy, &c.policy)
	c.read(config, keyWaivers, &c.waivers)
	return c
}

func (c *stackConfig) read(config map[string]string, key string, into any) {
	text, ok := config[key]
	if !ok || text == "" {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		c.problems = append(c.problems, fmt.Sprintf("%s cannot be read, so nothing in it holds: %v", key, err))
	}
}
