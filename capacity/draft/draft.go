package draft

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"text/template"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Draft is a first stack file and what it leads to.
type Draft struct {
	// File is the text of the stack file, Baseline that of the measured facts.
	File, Baseline []byte
	// Plan of both; its violations say what to change.
	Plan plan.Plan
	// Examples are the paths that nobody stated and that must be replaced before
	// anything is deployed.
	Examples []string
}

// New drafts a stack. The facts are an existing baseline, or nil for an example.
// The error is spec.Problems or baseline.Problems when the answers make no valid
// stack; a violated check is none.
func New(a Answers, facts []byte, today time.Time) (Draft, error) {
	if err := a.Validate(); err != nil {
		return Draft{}, err
	}
	p := pageOf(a)
	if facts == nil {
		var err error
		if facts, err = baseline.Encode(exampleFacts(p, today)); err != nil {
			return Draft{}, err
		}
	}
	base, err := baseline.Decode(facts)
	if err != nil {
		return Draft{}, err
	}
	s := sizing{page: p, base: base, today: today}
	if err := s.choose(); err != nil {
		return Draft{}, err
	}
	file, err := s.page.render()
	if err != nil {
		return Draft{}, err
	}
	derived, err := s.plan(false)
	if err != nil {
		return Draft{}, err
	}
	return Draft{File: file, Baseline: facts, Plan: derived, Examples: s.page.examples}, nil
}

// page is what the template shows.
type page struct {
	Answers
	Pod struct {
		CPU           spec.MilliCPU
		Memory, Limit spec.MiB
	}
	Prices  []price
	Storage int
	// examples are paths with made-up values; derived, by setting, says why a value
	// was chosen.
	examples []string
	derived  map[string]string
}

type price struct {
	Name string
	USD  float64
}

// The values of a page that nobody stated. They are labeled where they stand.
const (
	exampleCPU    = spec.MilliCPU(1500)
	exampleMemory = spec.MiB(1024)
	exampleLimit  = spec.MiB(1536)
	exampleNodes  = "m7i.xlarge"
	// exampleWorkers per pod.
	exampleWorkers = 2
	// exampleVersion is a Kubernetes minor version that EKS offers
	// (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html, 2026-11).
	exampleVersion = "1.35"
)

// pageOf fills in what the answers leave open.
func pageOf(a Answers) page {
	p := page{Answers: a, derived: map[string]string{}}
	p.Storage = leastGiB
	p.Pod.CPU, p.Pod.Memory, p.Pod.Limit = exampleCPU, exampleMemory, exampleLimit
	fill(&p.Growth, 5)
	fill(&p.Nodes, exampleNodes)
	fill(&p.Cluster.Namespace, "default")
	p.Services = slices.Clone(a.Services)
	for i := range p.Services {
		p.live(&p.Services[i])
		fill(&p.Services[i].Port, 8000)
		fill(&p.Services[i].Workers, exampleWorkers)
	}
	if p.Cluster.Context != "" {
		fill(&p.Cluster.Version, exampleVersion)
		return p
	}
	p.example("cluster.name", &p.Cluster.Name, a.Stack)
	p.example("cluster.account", &p.Cluster.Account, "111122223333")
	p.example("cluster.region", &p.Cluster.Region, "us-east-1")
	p.example("cluster.version", &p.Cluster.Version, exampleVersion)
	p.example("cluster.vpcId", &p.Cluster.VpcID, "vpc-00000000000000000")
	p.example("cluster.nodeSecurityGroupId", &p.Cluster.NodeSecurityGroupID, "sg-00000000000000000")
	if len(p.Cluster.Subnets) == 0 {
		p.examples = append(p.examples, "cluster.subnets")
		for i, letter := range []string{"a", "b", "c"} {
			p.Cluster.Subnets = append(p.Cluster.Subnets, spec.Subnet{
				ID: "subnet-0000000000000000" + letter, Zone: p.Cluster.Region + letter, CIDR: fmt.Sprintf("10.0.%d.0/20", 16*i),
			})
		}
	}
	p.examples = append(p.examples, "monitoring", "budget.emails")
	return p
}

// fill sets what is not set.
func fill[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

// example fills a value in and remembers that nobody stated it.
func (p *page) example(path string, to *string, value string) {
	if *to == "" {
		*to = value
		p.examples = append(p.examples, path)
	}
}

//go:embed stack.yaml.tmpl
var stackTemplate string

func (p page) render() ([]byte, error) {
	t, err := template.New("stack").Funcs(template.FuncMap{
		"q":      quoted,
		"stated": stated,
		"n":      func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) },
		"example": func(path string) string {
			if slices.Contains(p.examples, path) {
				return " # EXAMPLE: replace it"
			}
			return ""
		},
		"derived": func(setting string) string {
			if why := p.derived[setting]; why != "" {
				return " # " + why
			}
			return ""
		},
	}).Parse(stackTemplate)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, p)
	return out.Bytes(), err
}

// quoted keeps a value in its place, whatever it holds. What YAML reads as the same
// text without quotes has none; y and null are not such texts.
func quoted(text string) string {
	var read any
	if plainText.MatchString(text) && yaml.Unmarshal([]byte(text), &read) == nil && read == any(text) {
		return text
	}
	return strconv.Quote(text)
}

var plainText = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9._/]*$`)
