package rules

import (
	"fmt"
	"strings"
)

// imagePinned prevents pods of one rollout from running different code: a scale-
// out pulls a moving tag anew, so the pods that arrive in the peak may be a
// version that nobody tested.
func imagePinned() Rule {
	return Rule{
		ID: "image-pinned", Severity: Medium, Level: Mandatory, Single: true,
		What:    "images have a tag other than latest, or a digest",
		Why:     "pods that a scale-out starts would run whatever the tag points to by then",
		Fix:     "name a version or a digest in headroom:services.<name>.image",
		Anchors: []string{"CKV_K8S_14", "CKV_K8S_43", "KSV-0013", "KY disallow-latest-tag"},
		Types:   podTypes,
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, w := range m.of(podTypes...) {
				all = append(all, judgeImages(w))
			}
			return all
		},
	}
}

func judgeImages(w Resource) Finding {
	f := &facts{}
	var faults, fine []string
	spec := podOf(w)
	for _, c := range append(f.list(spec.at("containers")), f.list(spec.at("initContainers"))...) {
		image := c.at("image")
		name := f.textOr(image, "")
		switch {
		case name == "":
		case !pinned(name):
			faults = append(faults, fmt.Sprintf("container %s runs %s, which can change", show(c.at("name")), legible(name)))
		default:
			fine = append(fine, legible(name))
		}
	}
	if len(faults)+len(fine) == 0 && f.complete() {
		return notApplicable(w, "names no image")
	}
	return decide(w, f, "whether its images are pinned", faults, strings.Join(fine, ", "))
}

// pinned looks only after the last slash: a colon before it is a port. What
// follows the first one is the tag, or ends in a digest.
func pinned(image string) bool {
	_, tag, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	return tag != "" && tag != "latest"
}
