package render

import (
	"fmt"

	"github.com/agencyos/headroom/internal/standin"
)

const release = "kubernetes:helm.sh/v3:Release"

// chart writes the values of a Helm release, with the command that installs it.
func (r *renderer) chart(res standin.Resource) error {
	name, namespace := text(res.Inputs, "name"), text(res.Inputs, "namespace")
	path := "helm/" + name + ".yaml"
	if at := find(res.Inputs["values"], standin.Unknown, "values"); at != "" {
		return fmt.Errorf("%s is known only after a deployment, so the values would be incomplete", at)
	}
	if at := find(res.Inputs["values"], standin.Masked, "values"); at != "" {
		return fmt.Errorf("%s is a secret; refer to a Secret instead of holding its value", at)
	}
	command := fmt.Sprintf("helm upgrade --install %s %s --repo %s --version %s --namespace %s --values %s", name, text(res.Inputs, "chart"),
		text(res.Inputs, "repositoryOpts", "repo"), text(res.Inputs, "version"), namespace, path)
	if create, _ := res.Inputs["createNamespace"].(bool); create {
		command += " --create-namespace"
	}
	return r.write(path, []string{command}, res.Inputs["values"])
}
