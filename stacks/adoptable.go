package stacks

import (
	"fmt"
	"strings"
)

// adoptable says where the stack file holds the id of a live object, by the
// component and the type of the leaf. %s is the component's name.
var adoptable = []struct{ component, resource, path, mode string }{
	{"headroom:service:Service", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "services.%s.adopt.autoscaler", ""},
	{"headroom:service:Service", "kubernetes:policy/v1:PodDisruptionBudget", "services.%s.adopt.disruptionBudget", ""},
	{"headroom:service:Service", "kubernetes:core/v1:ConfigMap", "services.%s.adopt.settings", ""},
	{"headroom:service:Service", "kubernetes:apps/v1:Deployment", "services.%s.id", "services.%s.mode"},
	{"headroom:database:Database", "aws:rds/instance:Instance", "database.id", "database.mode"},
	{"headroom:database:Database", "aws:rds/parameterGroup:ParameterGroup", "database.adopt.parameterGroup", "database.mode"},
	{"headroom:database:Database", "aws:rds/subnetGroup:SubnetGroup", "database.adopt.subnetGroup", "database.mode"},
	{"headroom:database:Database", "aws:ec2/securityGroup:SecurityGroup", "database.adopt.securityGroup", "database.mode"},
	{"headroom:database:Database", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "database.adopt.ingressRule", "database.mode"},
	{"headroom:database:Database", "kubernetes:apps/v1:Deployment", "database.pgbouncer.adopt.deployment", ""},
	{"headroom:database:Database", "kubernetes:core/v1:ConfigMap", "database.pgbouncer.adopt.settings", ""},
	{"headroom:database:Database", "kubernetes:core/v1:Service", "database.pgbouncer.adopt.service", ""},
	{"headroom:database:Database", "kubernetes:policy/v1:PodDisruptionBudget", "database.pgbouncer.adopt.disruptionBudget", ""},
}

// Setting is a value of the stack file.
type Setting struct{ Path, Value string }

// Adoption are the settings with which the stack file adopts a live object in
// place of a declared one; none for a type that nothing adopts.
func Adoption(urn, parent, id string) []Setting {
	for _, row := range adoptable {
		if typeOf(parent) != row.component || typeOf(urn) != row.resource {
			continue
		}
		at := func(path string) string {
			if strings.Contains(path, "%s") {
				return fmt.Sprintf(path, nameOf(parent))
			}
			return path
		}
		settings := []Setting{{at(row.path), id}}
		if row.mode != "" {
			settings = append([]Setting{{at(row.mode), "adopt"}}, settings...)
		}
		return settings
	}
	return nil
}

// typeOf is the type of a URN without those of its parents.
func typeOf(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	return parts[2][strings.LastIndex(parts[2], "$")+1:]
}

func nameOf(urn string) string { return urn[strings.LastIndex(urn, "::")+2:] }
