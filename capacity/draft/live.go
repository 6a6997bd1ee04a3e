package draft

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/discover"
	"github.com/agencyos/headroom/capacity/spec"
)

// FromLive completes services by what was found running. Those whose peak nobody
// stated are left out, and named. A peak without a name is that of the only service
// there is.
func FromLive(stated []Service, found []discover.Found) (services []Service, left []string, err error) {
	if len(found) == 1 && len(stated) == 1 && stated[0].Name == mainService {
		stated = []Service{stated[0]}
		stated[0].Name = found[0].Name
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Name)
		if !slices.ContainsFunc(stated, func(s Service) bool { return s.Name == f.Name }) {
			left = append(left, f.Name)
		}
	}
	var ps spec.Problems
	for _, s := range stated {
		i := slices.Index(names, s.Name)
		if i < 0 {
			ps = append(ps, spec.Problem{Path: "peak-rps", Value: s.Name, Rule: "no such service runs there", Fix: "these do: " + strings.Join(names, ", ")})
			continue
		}
		services = append(services, s.as(found[i]))
	}
	if len(stated) == 0 {
		ps = append(ps, spec.Problem{Path: "peak-rps", Rule: "must be stated: the requests per second of each service's busiest minute", Fix: "these run there: " + strings.Join(names, ", ")})
	}
	if len(ps) > 0 {
		return nil, nil, ps
	}
	return services, left, nil
}

// as is a service whose peak is known as it runs.
func (s Service) as(f discover.Found) Service {
	live := f.Service
	s.Live, s.Port, s.Workers = &live, live.Port, live.Workers
	for _, o := range f.Open {
		if !strings.HasSuffix(o.Path, ".peakRps") {
			s.Open = append(s.Open, o.String())
		}
	}
	return s
}

// live completes what a running service leaves open by examples.
func (p *page) live(s *Service) {
	if s.Live == nil {
		return
	}
	own := *s.Live
	s.Live = &own
	own.PeakRPS = spec.RPS(s.PeakRPS)
	example := func(setting string) { p.examples = append(p.examples, fmt.Sprintf("services.%s.%s", s.Name, setting)) }
	if s.Workers == 0 {
		s.Workers = exampleWorkers
		example("workers")
	}
	own.Workers = s.Workers
	if p.Database == None || s.Stateless {
		own.Pool = nil
	}
	requests := &own.Resources.Requests
	if requests.CPU == 0 {
		requests.CPU = exampleCPU
		example("resources.requests.cpu")
	}
	if requests.Memory == 0 {
		requests.Memory = exampleMemory
		example("resources.requests.memory")
	}
}

// stated is a service as the stack file states it, below its name.
func stated(s *spec.Service) (string, error) {
	text, err := yaml.Marshal(s)
	if err != nil {
		return "", err
	}
	const indent = "      "
	return indent + strings.ReplaceAll(strings.TrimRight(string(text), "\n"), "\n", "\n"+indent), nil
}
