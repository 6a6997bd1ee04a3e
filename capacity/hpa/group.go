package hpa

import "time"

// load is the sum over some pods. The weight is their request for Utilization
// and their number otherwise.
type load struct{ pods, usage, weight int64 }

func (l *load) add(m load) {
	l.pods += m.pods
	l.usage += m.usage
	l.weight += m.weight
}

func (l load) times(n int64) load { return load{l.pods * n, l.usage * n, l.weight * n} }

func (l load) idle() load { return load{pods: l.pods, weight: l.weight} }

// groups are the pods by how they enter the proposal.
type groups struct{ counted, unready, missing load }

// group sums the pods of a metric by class. A missing pod is given what it counts
// for on the way down: the target, or the whole request if that is more. It fails
// when a request that is needed is not stated, of ignored pods too.
func (a *Autoscaler) group(now time.Duration, m *Metric, samples []Sample, pods []Pod) (g groups, ok bool) {
	utilization := m.Target == Utilization
	fallback := max(100, m.Value)
	for i := range pods {
		s := &samples[i]
		one := load{pods: 1, weight: 1}
		if utilization {
			if one.weight, ok = a.settings.request(s); !ok {
				return groups{}, false
			}
		}
		n := 1 + int64(pods[i].Alike)
		switch a.settings.classify(now, &pods[i], s, m.CPU) {
		case counted:
			one.usage = s.Value
			g.counted.add(one.times(n))
		case unready:
			g.unready.add(one.times(n))
		case missing:
			one.usage = m.Value
			if utilization {
				one.usage = one.weight * fallback / 100
			}
			g.missing.add(one.times(n))
		}
	}
	return g, true
}

func (s *Settings) request(sample *Sample) (milli int64, ok bool) {
	if sample.Request == NoContainer && s.Version < V135 {
		return 0, true
	}
	return sample.Request, sample.Request >= 0
}

// ratio is usage over target. Both the whole percent and the average per pod
// are truncated first.
func (m *Metric) ratio(l load) float64 {
	if m.Target == Utilization {
		return float64(int32(l.usage*100/l.weight)) / float64(m.Value)
	}
	return float64(l.usage/l.weight) / float64(m.Value)
}
