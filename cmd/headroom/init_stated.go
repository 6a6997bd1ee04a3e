package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/draft"
	"github.com/agencyos/headroom/capacity/spec"
)

// mistakes are the problems of what is stated, without those of what is not.
func mistakes(read spec.Problems, a draft.Answers) spec.Problems {
	var all spec.Problems
	if !errors.As(together(read, a.Validate()), &all) {
		return nil
	}
	return slices.DeleteFunc(all, func(p spec.Problem) bool { return p.Value == "" && (p.Path == "name" || p.Path == "peak-rps") })
}

// together are all problems; what could not be read is told once, as that.
func together(read spec.Problems, err error) error {
	var rest spec.Problems
	if !errors.As(err, &rest) && err != nil {
		return err
	}
	all := slices.Clone(read)
	for _, p := range rest {
		if !slices.ContainsFunc(read, func(r spec.Problem) bool { return r.Path == p.Path }) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// stated are the answers that flags and the files that they name give.
func (f initFlags) stated() (draft.Answers, spec.Problems) {
	a, wrong := f.answers, spec.Problems{}
	add := func(err error) {
		var ps spec.Problems
		if errors.As(err, &ps) {
			wrong = append(wrong, ps...)
		}
	}
	var err error
	a.Services, err = draft.ParsePeaks(f.peaks)
	add(err)
	for _, text := range f.subnets {
		subnet, err := draft.ParseSubnet(text)
		if err == nil {
			a.Cluster.Subnets = append(a.Cluster.Subnets, subnet)
		}
		add(err)
	}
	a.Cluster, err = f.described(a.Cluster)
	add(err)
	if p := f.taken(f.firstName()); p != nil {
		wrong = append(wrong, *p)
	}
	for _, n := range []struct {
		flag  string
		value float64
	}{{"growth", a.Growth}, {"budget", a.Monthly}} {
		if f.set(n.flag) && n.value == 0 {
			wrong = append(wrong, spec.Problem{Path: n.flag, Value: "0", Rule: "must be more than 0", Fix: "leave it out for the default"})
		}
	}
	return a, wrong
}

// described adds what files say of the cluster.
func (f initFlags) described(c spec.Cluster) (spec.Cluster, error) {
	cluster, clusterErr := optional("eks", f.eks)
	subnets, subnetsErr := optional("eks-subnets", f.eksSubnets)
	c, err := draft.FromEKS(c, cluster, subnets)
	return c, together(append(clusterErr, subnetsErr...), err)
}

// marked are the services with what is said about them by name.
func (f initFlags) marked(services []draft.Service, wrong spec.Problems) ([]draft.Service, spec.Problems) {
	for _, name := range f.stateless {
		i := slices.IndexFunc(services, func(s draft.Service) bool { return s.Name == name })
		if i < 0 {
			wrong = append(wrong, spec.Problem{Path: "stateless", Value: name, Rule: "is no service", Fix: "name it by --peak-rps " + name + "=RPS"})
			continue
		}
		services[i].Stateless = true
	}
	return services, wrong
}

// optional reads a file that a flag names; no name is nothing.
func optional(flag, path string) ([]byte, spec.Problems) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, spec.Problems{{Path: flag, Value: path, Rule: "cannot be read: " + errors.Unwrap(err).Error()}}
	}
	return text, nil
}

// usualName of a stack that nobody named.
const usualName = "prod"

// firstName is the name that was stated, or else the usual one, or that with the
// first number that is free.
func (f initFlags) firstName() string {
	name := f.answers.Stack
	if name != "" {
		return name
	}
	name = usualName
	for n := 2; f.isThere(name) != ""; n++ {
		name = fmt.Sprintf("%s-%d", usualName, n)
	}
	return name
}

// isThere is the stack file of that name that would be replaced unasked; "" for none.
func (f initFlags) isThere(name string) string {
	file := source{stack: name, dir: f.dir}.path()
	if _, err := os.Stat(file); err != nil || f.force {
		return ""
	}
	return file
}

// taken is why no stack file of that name can be written, or nil.
func (f initFlags) taken(name string) *spec.Problem {
	if p := draft.NameProblem(name); p != nil {
		return p
	}
	if err := writable("--dir", source{stack: name, dir: f.dir}.path()); err != nil {
		return &spec.Problem{Rule: err.Error(), Fix: strings.Join(asFailure(err).hints, "; ")}
	}
	if file := f.isThere(name); file != "" {
		return &spec.Problem{Path: "name", Value: name, Rule: file + " is there already", Fix: "--force replaces it, another --name writes another"}
	}
	return nil
}
