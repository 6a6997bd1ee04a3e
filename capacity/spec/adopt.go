package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// What an adopt block names is imported and kept from then on; what it does not
// name is created. An adopted Deployment or instance is the exception: what
// surrounds it and is not named stays as it is, outside of Pulumi.

// LivePrefix begins the logical name of what a program reads and does not
// declare. The engine shows both to a policy pack alike.
const LivePrefix = "live:"

// ObjectID is a live Kubernetes object as Pulumi imports it: "namespace/name".
type ObjectID string

var objectForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)

// Form is the regular expression of the text, for the editor schema.
func (ObjectID) Form() string { return objectForm.String() }

func (*ObjectID) rule() string { return `must be a live object as "namespace/name"` }

// UnmarshalJSON reads "namespace/name".
func (o *ObjectID) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil || !objectForm.MatchString(text) {
		return errors.New(o.rule())
	}
	*o = ObjectID(text)
	return nil
}

// Namespace of the object.
func (o ObjectID) Namespace() string {
	namespace, _, _ := strings.Cut(string(o), "/")
	return namespace
}

// Name of the object, or the fallback where none is adopted.
func (o ObjectID) Name(fallback string) string {
	if _, name, ok := strings.Cut(string(o), "/"); ok {
		return name
	}
	return fallback
}

// AdoptService are live objects of a service that Headroom takes over, besides
// its Deployment.
type AdoptService struct {
	// Autoscaler is the live HorizontalPodAutoscaler.
	Autoscaler ObjectID `json:"autoscaler,omitempty"`
	// DisruptionBudget is the live PodDisruptionBudget.
	DisruptionBudget ObjectID `json:"disruptionBudget,omitempty"`
	// Settings is a live ConfigMap that the Deployment includes by envFrom; the
	// plan's variables are added to it.
	Settings ObjectID `json:"settings,omitempty"`
}

// AdoptDatabase are live parts of an adopted instance. What is not named stays
// with the instance and outside of Pulumi.
type AdoptDatabase struct {
	// ParameterGroup that the instance uses; required. One that RDS made, such as
	// default.postgres17, cannot be changed: Headroom then makes one of its own.
	ParameterGroup string `json:"parameterGroup,omitempty"`
	// SubnetGroup that the instance lies in.
	SubnetGroup string `json:"subnetGroup,omitempty"`
	// SecurityGroup of the instance that admits the nodes, such as "sg-0a1b2c3d".
	SecurityGroup string `json:"securityGroup,omitempty"`
	// IngressRule of that group that admits the nodes' security group, such as
	// "sgr-0a1b2c3d". Without it one is made.
	IngressRule string `json:"ingressRule,omitempty"`
}

// AdoptPgBouncer are live objects of a PgBouncer that Headroom takes over.
type AdoptPgBouncer struct {
	// Deployment of PgBouncer; its selector stays.
	Deployment ObjectID `json:"deployment,omitempty"`
	// Settings is the ConfigMap with pgbouncer.ini.
	Settings ObjectID `json:"settings,omitempty"`
	// Service that the applications connect to.
	Service ObjectID `json:"service,omitempty"`
	// DisruptionBudget is the live PodDisruptionBudget.
	DisruptionBudget ObjectID `json:"disruptionBudget,omitempty"`
}

// Replacement allows one resource that holds data to be replaced or deleted
// until a date. Until then it is not protected.
type Replacement struct {
	// Resource is the name or URN of the resource.
	Resource string `json:"resource"`
	// Reason says why.
	Reason string `json:"reason"`
	// Until is the last day, as YYYY-MM-DD.
	Until string `json:"until"`
}

// Allows tells whether the replacement is meant and its date has not passed.
func (r Replacement) Allows(urn string, today time.Time) bool {
	end, err := time.Parse(DateForm, r.Until)
	name := urn[strings.LastIndex(urn, "::")+1:]
	return err == nil && !today.Truncate(24*time.Hour).After(end) && (r.Resource == urn || r.Resource == strings.TrimPrefix(name, ":"))
}

// Replaceable tells whether some replacement allows a resource to go.
func (p Policy) Replaceable(urn string, today time.Time) bool {
	for _, r := range p.Replacements {
		if r.Allows(urn, today) {
			return true
		}
	}
	return false
}

// live reports an object that lies in another namespace than the stack.
func (ps *Problems) live(path string, id ObjectID, namespace string) {
	ps.require(id == "" || id.Namespace() == namespace, path, id,
		fmt.Sprintf("lies outside the stack's namespace (%s)", namespace), "name an object of the namespace, or set cluster.namespace")
}

func (a AdoptService) validate(ps *Problems, at, namespace string) {
	ps.live(at+".autoscaler", a.Autoscaler, namespace)
	ps.live(at+".disruptionBudget", a.DisruptionBudget, namespace)
	ps.live(at+".settings", a.Settings, namespace)
}

var (
	identifierForm = regexp.MustCompile(`^[a-zA-Z](-?[0-9a-zA-Z])*$`)
	groupForm      = regexp.MustCompile(`^[0-9A-Za-z_ .-]+$`)
	securityForm   = regexp.MustCompile(`^sg-[0-9a-f]+$`)
	ruleForm       = regexp.MustCompile(`^sgr-[0-9a-f]+$`)
)

// DefaultGroup tells whether RDS made the parameter group itself.
func (a AdoptDatabase) DefaultGroup() bool { return strings.HasPrefix(a.ParameterGroup, "default.") }

func (a AdoptDatabase) validate(ps *Problems, mode Mode) {
	const at = "database.adopt"
	if mode != Adopt {
		ps.require(a == AdoptDatabase{}, at, nil, "needs mode adopt", "set database.mode to adopt, or remove the block")
		return
	}
	form := func(key, value string, form *regexp.Regexp, like string) {
		ps.require(value == "" || form.MatchString(value), at+key, value, "must be "+like, "")
	}
	ps.require(a.ParameterGroup != "", at+".parameterGroup", nil, "must name the parameter group that the instance uses",
		"aws rds describe-db-instances tells it under DBParameterGroups")
	form(".parameterGroup", a.ParameterGroup, groupForm, "the name of a parameter group")
	form(".subnetGroup", a.SubnetGroup, groupForm, "the name of a subnet group")
	form(".securityGroup", a.SecurityGroup, securityForm, `a security group id such as "sg-0a1b2c3d"`)
	form(".ingressRule", a.IngressRule, ruleForm, `a security group rule id such as "sgr-0a1b2c3d"`)
	ps.require(a.IngressRule == "" || a.SecurityGroup != "", at+".ingressRule", a.IngressRule, "needs securityGroup beside it",
		"a rule belongs to a group")
}

func (a AdoptPgBouncer) validate(ps *Problems, namespace string) {
	const at = "database.pgbouncer.adopt"
	ps.live(at+".deployment", a.Deployment, namespace)
	ps.live(at+".settings", a.Settings, namespace)
	ps.live(at+".service", a.Service, namespace)
	ps.live(at+".disruptionBudget", a.DisruptionBudget, namespace)
}

// validateWorkload checks whose the Deployment is and what of it is stated.
func (v Service) validateWorkload(ps *Problems, at, namespace string) {
	ps.adopted(at+".id", v.Mode, string(v.ID))
	ps.live(at+".id", v.ID, namespace)
	const theirs = "has no effect: an adopted Deployment keeps what its owner set"
	stated := map[string]bool{
		"image": v.Image != "", "command": len(v.Command) > 0, "env": len(v.Env) > 0, "envFrom": len(v.EnvFrom) > 0,
		"serviceAccount": v.ServiceAccount != "",
	}
	for _, key := range sortedKeys(stated) {
		ps.require(v.Mode != Adopt || !stated[key], at+"."+key, nil, theirs, "remove it")
	}
	ps.require(v.Deployment == "" || v.Mode == External, at+".deployment", v.Deployment, "names an external Deployment",
		"an adopted one is named by id, a managed one by the service")
	ps.require(v.Deployment == "" || dnsLabel.MatchString(v.Deployment), at+".deployment", v.Deployment, "must be the name of a Deployment", "")
	ps.require(len(v.Selector) == 0 || v.Mode == External, at+".selector", nil, "is for the pods of an external Deployment",
		"an adopted Deployment tells its own, a managed one has the service's")
	ps.require(v.Container == "" || v.Mode == Adopt || v.Patch, at+".container", v.Container,
		"is for an adopted Deployment or one with patch: true", "remove it")
	ps.require(v.Container == "" || dnsLabel.MatchString(v.Container), at+".container", v.Container, "must be the name of a container", "")
	v.Adopt.validate(ps, at+".adopt", namespace)
}
