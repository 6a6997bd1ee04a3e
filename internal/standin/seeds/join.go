package seeds

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// parameters of a group, which AWS answers without the group's name: the file is
// called after it.
type parameters struct {
	file, group string
	// tokens of the groups that they may belong to.
	tokens []string
	list   []any
}

// readParameters tells a cache's from a database's by how they say when a change
// applies. An empty list may be either's.
func readParameters(file string, list []map[string]any) parameters {
	p := parameters{file: file, group: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), list: changed(list)}
	if len(list) == 0 || list[0]["ChangeType"] != nil {
		p.tokens = append(p.tokens, cacheParameters)
	}
	if len(list) == 0 || list[0]["ChangeType"] == nil {
		p.tokens = append(p.tokens, parameterGroup)
	}
	return p
}

// joinParameters gives groups the parameters that stand in files of their own.
func (r *reader) joinParameters() {
	for _, p := range r.parameters {
		found := false
		for _, o := range r.seeds.Objects {
			if p.group == o.ID && slices.Contains(p.tokens, o.Token) {
				o.Inputs["parameters"], found = p.list, true
			}
		}
		if !found {
			r.problem(p.file, 0, "holds Parameters of a group %q that no file describes; name the file after the group, "+
				"and add aws rds describe-db-parameter-groups, or aws elasticache describe-cache-parameter-groups", p.group)
		}
	}
}

// group is a replication group that the AWS CLI answered, and where.
type group struct {
	provider.Seed
	file string
	n    int
}

// joinNodes completes replication groups by one of their nodes. A node of another
// group, or of none, is nothing that a stack declares.
func (r *reader) joinNodes() {
	used := 0
	for _, g := range r.groups {
		found := false
		for _, node := range r.nodes {
			if text(node, "ReplicationGroupId") == g.ID {
				addNode(g.Seed, node)
				found = true
				used++
			}
		}
		if !found {
			r.problem(g.file, g.n, "holds replication group %s without its nodes, which alone know its version, parameters and network; "+
				"add aws elasticache describe-cache-clusters", g.ID)
		}
	}
	if left := len(r.nodes) - used; left > 0 {
		r.seeds.Left["CacheCluster"] += left
	}
}
