package stacks

import (
	"encoding/json"
	"fmt"
)

// endpoint is how to reach an EKS cluster.
type endpoint struct {
	name, region, url string
	// authority is the certificate authority, base64.
	authority string
}

// kubeconfig is a kubeconfig in JSON that names one cluster and fetches a token
// when it is used: nothing in it is a secret, and nothing of the ambient
// kubeconfig can redirect it.
func kubeconfig(e endpoint) (string, error) {
	type named map[string]any
	text, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": e.name,
		"clusters": []named{{"name": e.name, "cluster": named{
			"server": e.url, "certificate-authority-data": e.authority,
		}}},
		"contexts": []named{{"name": e.name, "context": named{"cluster": e.name, "user": e.name}}},
		"users": []named{{"name": e.name, "user": named{"exec": named{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws",
			"args":            []string{"--region", e.region, "eks", "get-token", "--cluster-name", e.name, "--output", "json"},
			"interactiveMode": "Never",
		}}}},
	})
	if err != nil {
		return "", fmt.Errorf("writing the kubeconfig of %s: %w", e.name, err)
	}
	return string(text), nil
}
