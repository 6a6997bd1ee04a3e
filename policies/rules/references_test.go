package rules

import "testing"

// What fixtures cannot say: where a value comes from, and which resources are
// live objects.

// TestOriginIsSigned: an output of another resource is an identity although it is
// not known yet.
func TestOriginIsSigned(t *testing.T) {
	const access = "origins/0/originAccessControlId"
	from := func(property string) []Resource {
		stack := goodStack()
		for i := range stack {
			if stack[i].Type == typeDistribution {
				stack[i].References = map[string][]string{property: {"urn:access"}}
			}
		}
		return stack
	}
	judgeRows(t, "cdn-origin", map[string]row{
		"Known":   {reason: "the identity is there", want: Pass},
		"Output":  {reason: "it comes from another resource", stack: from("origins"), want: Pass, edits: []edit{{"Distribution media", access, Unknown()}}},
		"Nowhere": {reason: "an output of nothing may be empty", want: CannotKnow, says: "originAccessControlId", edits: []edit{{"Distribution media", access, Unknown()}}},
		"Other":   {reason: "another property comes from it", stack: from("aliases"), want: CannotKnow, says: "originAccessControlId", edits: []edit{{"Distribution media", access, Unknown()}}},
		"Gone":    {reason: "nothing signs", stack: from("origins"), want: Violation, says: "is not set", edits: []edit{{"Distribution media", access, gone{}}}},
		"None":    {reason: "no distribution", only: []string{"Deployment api"}, want: NotApplicable},
	})
}

// TestReplaceableAsWritten: a live group always has a name, whoever gave it.
func TestReplaceableAsWritten(t *testing.T) {
	live := goodStack()
	for i := range live {
		live[i].Observed = live[i].Type == typeNodeGroup
	}
	judgeRows(t, "node-replaceable", map[string]row{
		"Prefix": {reason: "a name is made up for each group", want: Pass},
		"Fixed":  {reason: "the successor needs the name", want: Violation, says: "fixed to live", edits: []edit{{"NodeGroup general", "nodeGroupName", "live"}}},
		"Live":   {reason: "only the live object has it", stack: live, want: CannotKnow, says: "what the program states", edits: []edit{{"NodeGroup general", "nodeGroupName", "live"}}},
		"None":   {reason: "no group", only: []string{"Deployment api"}, want: NotApplicable},
	})
}

// TestCacheOfGroups: user groups that come from another resource are some.
func TestCacheOfGroups(t *testing.T) {
	stack := goodStack()
	for i := range stack {
		if stack[i].Type == typeCache {
			stack[i].References = map[string][]string{"userGroupIds": {"urn:group"}}
		}
	}
	judgeRows(t, "cache-access", map[string]row{
		"Known":   {reason: "a group is named", want: Pass},
		"Output":  {reason: "one is an output of another resource", stack: stack, want: Pass, edits: []edit{{"ReplicationGroup sessions", "userGroupIds", Unknown()}}},
		"Nowhere": {reason: "an output of nothing may be empty", want: CannotKnow, edits: []edit{{"ReplicationGroup sessions", "userGroupIds", Unknown()}}},
		"Gone":    {reason: "none at all lets everybody in", stack: stack, want: Violation, edits: []edit{{"ReplicationGroup sessions", "userGroupIds", gone{}}}},
		"None":    {reason: "no cache", only: []string{"Deployment api"}, want: NotApplicable},
	})
}

// TestDaemonSetsKeepNoNode: the Cluster Autoscaler removes a node whatever its
// DaemonSets say.
func TestDaemonSetsKeepNoNode(t *testing.T) {
	annotated := node{"spec": node{"template": node{"metadata": node{"annotations": node{"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}}}}}
	for typ, want := range map[string]State{typeDaemonSet: NotApplicable, typeDeployment: Violation} {
		report := Run(NewModel([]Resource{declared(typ, "agent", annotated)}), []Rule{podEvictable()}, RunOptions{Today: today})
		if got := worst(report, "pod-evictable"); got != want {
			t.Errorf("pod-evictable of %s = %s, want %s", typ, got, want)
		}
	}
}
