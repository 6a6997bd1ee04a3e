package rules

import (
	"encoding/json"
	"slices"
	"strings"
)

// statements are those of an IAM document, which is JSON in a text or a tree.
func (f *facts) statements(document leaf) []leaf {
	if !f.readable(document) {
		return nil
	}
	if raw, ok := document.text(); ok {
		var tree any
		if err := json.Unmarshal([]byte(raw), &tree); err != nil {
			f.wait("%s to be a JSON document", document)
			return nil
		}
		document.Value = From(tree)
	}
	list := document.at("Statement")
	if list.kind == object {
		return []leaf{list}
	}
	return f.list(list)
}

// iamLeast prevents a workload that can do what its owner can: a role with
// everything is how one hole in a pod becomes the account.
func iamLeast() Rule {
	return Rule{
		ID: "iam-least", Severity: High, Level: Mandatory, Single: true,
		What:    "roles may do what they need: no action *, and no change to every resource without a condition",
		Why:     "one compromised pod would have the account; a Cluster Autoscaler could end every instance in it",
		Fix:     "name the actions, and bind those that change something to ARNs or to a tag, such as aws:ResourceTag/k8s.io/cluster-autoscaler/<cluster>: owned",
		Anchors: []string{"CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_286", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "AWS-0057", "nag IAM5", "hardeneks employ_least_privileged_access_cluster_autoscaler_role"},
		Types:   []string{typeRolePolicy, typePolicy},
		Eval: each("what the role may do", func(_ Input, v *verdict, p Resource) {
			v.require(func(f *facts) string {
				var faults []string
				for _, s := range f.statements(p.at("policy")) {
					if f.textOr(s.at("Effect"), "") == "Allow" {
						faults = append(faults, f.broad(s)...)
					}
				}
				return strings.Join(faults, "; ")
			})
			v.pass("names its actions and what they change")
		}, typeRolePolicy, typePolicy),
	}
}

// broad are the actions of a statement that reach too far.
func (f *facts) broad(s leaf) []string {
	var faults []string
	reach := f.reach(s)
	if !s.at("NotAction").Absent() {
		faults = append(faults, "NotAction allows every other action")
	}
	for _, action := range f.texts(s.at("Action")) {
		switch {
		case strings.ContainsAny(action, wildcards) && !readOnly(action):
			faults = append(faults, "action "+action+" is a wildcard over changes")
		case reach != "" && s.at("Condition").Absent() && !readOnly(action):
			faults = append(faults, "action "+action+" on "+reach+", without a condition")
		}
	}
	return faults
}

// wildcards of actions and resources
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html, 2026-11).
const wildcards = "*?"

// reach says that a statement is about every resource, or about every other one;
// empty where it names its resources.
func (f *facts) reach(s leaf) string {
	if len(f.texts(s.at("NotResource"))) > 0 {
		return "every resource that NotResource leaves"
	}
	if slices.ContainsFunc(f.texts(s.at("Resource")), everywhere) {
		return "every resource"
	}
	return ""
}

// everywhere says that a resource is a pattern that names nothing: * alone, or an
// ARN without region, account and name, such as arn:aws:s3:::*.
func everywhere(resource string) bool {
	parts := strings.SplitN(resource, ":", 6)
	if parts[0] == "arn" {
		parts = parts[min(3, len(parts)-1):]
	}
	return strings.Contains(resource, "*") && strings.Trim(strings.Join(parts, ""), wildcards) == ""
}

// readOnly says that an action changes nothing, by the verbs of AWS.
func readOnly(action string) bool {
	_, verb, _ := strings.Cut(action, ":")
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "BatchGet"}, func(p string) bool { return strings.HasPrefix(verb, p) })
}

// iamTrust prevents a role that others can take: a trust without a condition on
// who asks admits every pod of a cluster, or every account.
func iamTrust() Rule {
	return Rule{
		ID: "iam-trust", Severity: Critical, Level: Mandatory, Single: true,
		What:    "roles can be assumed by one service, or by one named identity",
		Why:     "every pod of the cluster, or every account, could take the role",
		Fix:     "name a service as principal, or pin both sub and aud of a federated identity by StringEquals",
		Anchors: []string{"CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_358", "none elsewhere for IRSA"},
		Types:   []string{typeRole},
		Eval: each("who can assume the role", func(_ Input, v *verdict, r Resource) {
			v.require(func(f *facts) string {
				for _, s := range f.statements(r.at("assumeRolePolicy")) {
					if f.textOr(s.at("Effect"), "") != "Allow" {
						continue
					}
					if f.anybody(s.at("Principal")) {
						return "everybody can assume the role"
					}
					if fault := f.federated(s); fault != "" {
						return fault
					}
				}
				return ""
			})
			v.pass("one identity can assume the role")
		}, typeRole),
	}
}

// federated judges the trust in an identity provider: both claims must be equal
// to something.
func (f *facts) federated(s leaf) string {
	provider := s.at("Principal.Federated")
	if provider.Absent() {
		return ""
	}
	f.readable(provider)
	equal := s.at("Condition.StringEquals")
	f.tree(equal)
	for _, claim := range []string{":sub", ":aud"} {
		if !slices.ContainsFunc(equal.Keys(), func(key string) bool { return strings.HasSuffix(key, claim) }) {
			return "a federated identity is trusted without StringEquals on " + claim[1:]
		}
	}
	return ""
}
