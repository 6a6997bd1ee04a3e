package draft

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// None answers that the product has no database, or no cache.
const None = "none"

// Answers are what is known of a product before its first stack file.
type Answers struct {
	// Stack is the name of the stack, such as "shop"; required.
	Stack string
	// Services with their peak; at least one. The first uses the database and the
	// cache, the others as they say.
	Services []Service
	// Growth is the multiple of today's peak to be ready for. Default: 5.
	Growth float64
	// Cluster as far as it is known. What an EKS cluster lacks becomes an example
	// that is labeled; a context makes the stack a local one.
	Cluster spec.Cluster
	// Database is the RDS class, None, or empty for the smallest that holds.
	Database string
	// Cache is the node type, None, or empty for the smallest that holds.
	Cache string
	// Nodes is the instance type of the node group. Default: m7i.xlarge.
	Nodes string
	// Monthly is the budget in USD. Default: the ceiling that the plan comes to.
	Monthly float64
}

// Service is an autoscaled workload.
type Service struct {
	Name string
	// PeakRPS is today's peak as users send it.
	PeakRPS float64
	// Stateless says that it uses neither the database nor the cache.
	Stateless bool
	// Port that the container listens on. Default: 8000.
	Port int
	// Workers per pod. Default: 2.
	Workers int
	// Live is what a running workload states, and Open says what it does not; nil is
	// a service that nobody looked at.
	Live *spec.Service
	Open []string
}

// mainService is the name of the only service.
const mainService = "backend"

// ParsePeaks reads "320" or "backend=320": the peak of one service. Those that can
// be read are returned beside the problems of the others.
func ParsePeaks(texts []string) ([]Service, error) {
	var out []Service
	var ps spec.Problems
	for _, text := range texts {
		name, number, named := strings.Cut(text, "=")
		if !named {
			name, number = mainService, text
		}
		name = strings.TrimSpace(name)
		rps, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		switch {
		case err != nil || !(rps > 0 && rps <= mostRPS):
			ps = append(ps, spec.Problem{Path: "peak-rps", Value: text, Rule: fmt.Sprintf("must be requests per second, more than 0 and at most %d", mostRPS), Fix: "such as 320, or backend=320 for a service by name"})
		case slices.ContainsFunc(out, func(s Service) bool { return s.Name == name }):
			ps = append(ps, spec.Problem{Path: "peak-rps", Value: text, Rule: "states a service twice", Fix: "name each service once, such as backend=320"})
		default:
			out = append(out, Service{Name: name, PeakRPS: rps})
		}
	}
	if len(ps) > 0 {
		return out, ps
	}
	return out, nil
}

// mostRPS keeps a slip of the keyboard from being planned for.
const mostRPS = 10_000_000

// ParseSubnet reads "subnet-0a1b2c3d,us-east-1a,10.0.0.0/20", with the free
// addresses as a fourth part where they are known.
func ParseSubnet(text string) (spec.Subnet, error) {
	parts := strings.Split(text, ",")
	bad := spec.Problems{{Path: "subnet", Value: text, Rule: "must be id,zone,cidr or id,zone,cidr,free", Fix: "such as subnet-0a1b2c3d,us-east-1a,10.0.0.0/20"}}
	if len(parts) < 3 || len(parts) > 4 {
		return spec.Subnet{}, bad
	}
	n := spec.Subnet{ID: strings.TrimSpace(parts[0]), Zone: strings.TrimSpace(parts[1]), CIDR: strings.TrimSpace(parts[2])}
	if len(parts) == 4 {
		free, err := strconv.Atoi(strings.TrimSpace(parts[3]))
		if err != nil {
			return spec.Subnet{}, bad
		}
		n.FreeIPs = &free
	}
	return n, nil
}

// stackName is what Pulumi and a file name both take.
var stackName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$`)

// NameProblem is what is wrong with the name of a stack, or nil.
func NameProblem(name string) *spec.Problem {
	if stackName.MatchString(name) {
		return nil
	}
	return &spec.Problem{Path: "name", Value: name, Rule: "must be a lower-case name of letters, digits and dashes, at most 40 long", Fix: "such as shop"}
}

// Validate reports all that is wrong with the answers: what the stack file could not
// say by itself, or would say under a path that nobody typed, and then what it says.
func (a Answers) Validate() error {
	ps := a.problems()
	var file spec.Problems
	if _, err := a.standIn().stack(); errors.As(err, &file) {
		ps = append(ps, file...)
	} else if err != nil {
		return err
	}
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func (a Answers) problems() spec.Problems {
	var ps spec.Problems
	add := func(ok bool, path, value, rule, fix string) {
		if !ok {
			ps = append(ps, spec.Problem{Path: path, Value: value, Rule: rule, Fix: fix})
		}
	}
	if p := NameProblem(a.Stack); p != nil {
		ps = append(ps, *p)
	}
	add(len(a.Services) > 0, "peak-rps", "", "must be stated: the requests per second of today's busiest minute", "it is what everything else is derived from")
	for _, s := range a.Services {
		add(spec.ServiceName(s.Name), "peak-rps", s.Name, "must name a service by lower-case letters, digits and dashes, at most 50", "such as backend=320")
	}
	add(a.Monthly >= 0, "budget", fmt.Sprint(a.Monthly), "must not be negative", "")
	if a.Cluster.Context != "" {
		for _, c := range a.ofCloud() {
			add(c.value == "", c.name, c.value, "is of EKS, and the context "+a.Cluster.Context+" is that of a local cluster", "leave out one of them")
		}
	}
	return ps
}

// ofCloud are the answers that a local cluster has no use for.
func (a Answers) ofCloud() []struct{ name, value string } {
	subnet, budget := "", ""
	if len(a.Cluster.Subnets) > 0 {
		subnet = a.Cluster.Subnets[0].ID
	}
	if a.Monthly != 0 {
		budget = fmt.Sprint(a.Monthly)
	}
	c := a.Cluster
	return []struct{ name, value string }{
		{"cluster", c.Name}, {"region", c.Region}, {"account", c.Account}, {"vpc", c.VpcID}, {"node-security-group", c.NodeSecurityGroupID}, {"subnet", subnet},
		{"database", strings.TrimPrefix(a.Database, None)}, {"cache", strings.TrimPrefix(a.Cache, None)}, {"nodes", a.Nodes}, {"budget", budget},
	}
}

// standIn are the answers with something valid in place of what has a problem of its
// own, so that the rest can be judged.
func (a Answers) standIn() *sizing {
	if NameProblem(a.Stack) != nil {
		a.Stack = "stack"
	}
	a.Services = slices.DeleteFunc(slices.Clone(a.Services), func(s Service) bool { return !spec.ServiceName(s.Name) })
	if len(a.Services) == 0 {
		a.Services = []Service{{Name: mainService, PeakRPS: 1}}
	}
	if !(a.Monthly >= 0) {
		a.Monthly = 0
	}
	s := &sizing{page: pageOf(a)}
	s.begin()
	return s
}
