package rules

// nodeIMDS prevents a pod from becoming its node: without signed requests, or
// with two hops, any pod can ask the metadata service for the node's role.
func nodeIMDS() Rule {
	return Rule{
		ID: "node-imds", Severity: High, Level: Mandatory, Single: true,
		What:    "nodes answer only signed metadata requests of their own",
		Why:     "one forged request from a pod would get the credentials of the node",
		Fix:     "set metadataOptions httpTokens: required and httpPutResponseHopLimit: 1; pods get theirs by Pod Identity",
		Anchors: []string{"CKV_AWS_79", "CKV_AWS_341", "AWS-0028", "AWS-0130"},
		Types:   []string{typeLaunchTemplate},
		Eval: each("whether pods can ask for the node's role", func(_ Input, v *verdict, t Resource) {
			options := t.at("metadataOptions")
			v.oneOf(options.at("httpTokens"), "", "required")
			// EKS sets 2 where a template says nothing.
			v.within(options.at("httpPutResponseHopLimit"), 2, 0, 1, " hop")
			v.pass("signed requests, one hop")
		}, typeLaunchTemplate),
	}
}

// nodeDisk prevents images, logs and emptyDirs in plain text on a disk.
func nodeDisk() Rule {
	return Rule{
		ID: "node-disk", Severity: Medium, Level: Mandatory, Single: true,
		What:    "disks of nodes are encrypted",
		Why:     "secrets that pods write to disk would lie there in plain text",
		Fix:     "set encrypted: true on every block device of the launch template",
		Anchors: []string{"CKV_AWS_8", "CKV_AWS_153", "AWS-0008", "AWS-0131", "nag EC26"},
		Types:   []string{typeLaunchTemplate},
		Eval: each("whether its disks are encrypted", func(_ Input, v *verdict, t Resource) {
			devices := v.list(t.at("blockDeviceMappings"))
			if len(devices) == 0 && v.complete() {
				v.fault("blockDeviceMappings is not set, so the image decides")
			}
			for _, d := range devices {
				v.on(d.at("ebs.encrypted"))
			}
			v.pass("encrypted")
		}, typeLaunchTemplate),
	}
}

// nodeReplaceable prevents a cluster without a single node: whatever replaces a
// group of fixed name must delete it first.
func nodeReplaceable() Rule {
	return Rule{
		ID: "node-replaceable", Severity: Critical, Level: Mandatory, Single: true,
		What:    "a node group can be replaced by one that stands beside it",
		Why:     "a group with a fixed name is deleted before its successor exists: no compute at all for minutes",
		Fix:     "use nodeGroupNamePrefix, or ignore changes of nodeGroupName and of what replaces the group",
		Anchors: []string{"tf-aws 16699", "roadmap 746", "aws-cdk 26931"},
		Types:   []string{typeNodeGroup},
		Eval: each("whether it can be replaced without a gap", func(_ Input, v *verdict, g Resource) {
			name := g.at("nodeGroupName")
			v.pass("its successor can stand beside it")
			switch {
			case name.Absent() || g.Options.ignores("nodeGroupName"):
			case !g.Options.Known:
				v.wait("the resource options of %s", g.label())
			case g.Observed || name.Unknown() || name.Secret():
				v.wait("what the program states for %s", name)
			default:
				v.fault("nodeGroupName is fixed to %s", show(name))
			}
		}, typeNodeGroup),
	}
}
