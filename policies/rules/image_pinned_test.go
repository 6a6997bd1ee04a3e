package rules

import "testing"

func TestImagePinned(t *testing.T) {
	image := func(name any) []edit {
		return []edit{{"Deployment api", "spec/template/spec/containers/0/image", name}}
	}
	judgeRows(t, "image-pinned", map[string]row{
		"Pinned":     {reason: "a tag and a digest", want: Pass},
		"Port":       {reason: "a colon before the slash is a port, the one after it a tag", want: Pass, edits: image("host:5000/api:1")},
		"Latest":     {reason: "latest moves", want: Violation, says: "api:latest", edits: image("example/api:latest")},
		"Untagged":   {reason: "no tag is latest", want: Violation, edits: image("example/api")},
		"OnlyPort":   {reason: "a port is no tag", want: Violation, edits: image("host:5000/api")},
		"Init":       {reason: "init containers run as well", also: []string{"pod-hardened"}, want: Violation, edits: []edit{{"Deployment api", "spec/template/spec/initContainers", []any{node{"name": "m", "image": "migrate"}}}}},
		"NoWorkload": {reason: "nothing runs", only: []string{mainDB}, want: NotApplicable},
		"Patch":      {reason: "a patch that names no image leaves it alone", only: []string{"DeploymentPatch web"}, want: NotApplicable},
		"Unknown":    {reason: "an output may be latest", want: CannotKnow, edits: image(Unknown())},
	})
}
