package oracle

import (
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
)

// ours is capacity/hpa with the conditions that upstream would have set by now.
type ours struct {
	*hpa.Autoscaler
	behaves bool
	last    answer
}

// answer is what capacity/hpa decides, in the words of the upstream conditions. A
// condition that a sync does not touch stays.
func (o *ours) answer(d hpa.Decision, current int32) answer {
	a := &o.last
	a.Replicas, a.Able = d.Replicas, "SucceededGetScale"
	switch d.Outcome {
	case hpa.Computed:
		a.Active, a.Limited = "True", "False/DesiredWithinRange"
		if d.Limit != hpa.NoLimit {
			a.Limited = "True/" + string(d.Limit)
		}
		switch {
		case !d.Stabilized:
			a.Able = "ReadyForNewScale"
		case o.behaves && d.Desired >= current:
			a.Able = "ScaleUpStabilized"
		default:
			a.Able = "ScaleDownStabilized"
		}
	case hpa.Failing, hpa.Disabled:
		a.Active = "False"
	}
	if d.Replicas != current {
		a.Able = "SucceededRescale"
	}
	return *a
}

// run lives a scenario for some syncs, in a bubble, and compares.
func (s *scenario) run(t *testing.T, syncs int, seen *tally) *recording {
	rec := &recording{Settings: s.settings, Spec: s.spec}
	ours := &ours{behaves: s.spec.Behavior != nil}
	var err error
	if ours.Autoscaler, err = hpa.New(s.settings, s.spec); err != nil {
		t.Fatal(err)
	}
	upstream, stop := start(s.settings, s.latency)
	defer stop()
	upstream.replicas.Store(s.world.first)
	const margin = time.Millisecond // after the sync, so that no two timers meet
	half := hpa.DefaultSyncPeriod / 2
	for i := range syncs {
		wait := half + s.latency + margin
		if i > 0 {
			time.Sleep(half - margin)
		}
		frame := s.prepare(upstream, ours, i > 0)
		if i == 0 {
			upstream.create(s.spec)
			if wait = s.latency + margin; !s.settings.Version.SyncsNewAtOnce() {
				wait += hpa.DefaultSyncPeriod
			}
		}
		frame.Now = upstream.mustSync(t, wait)
		current := frame.Observation.SpecReplicas
		d := ours.Step(frame.Now, frame.Observation)
		got := ours.answer(d, current)
		frame.Want = upstream.answer()
		rec.Frames = append(rec.Frames, frame)
		seen.count(d, current)
		if got != frame.Want {
			t.Errorf("sync %d at %v\n  upstream %+v\n  ours     %+v\n  decision %+v\n  settings %+v\n  spec     %s\n  observed %s",
				i, frame.Now, frame.Want, got, d, s.settings, asJSON(s.spec), asJSON(frame.Observation))
			return rec
		}
	}
	return rec
}

// prepare lets the world move to now and shows it to both; once the HPA exists,
// its owner may interfere.
func (s *scenario) prepare(c *controller, o *ours, exists bool) frame {
	w, now := s.world, time.Since(c.epoch)
	var f frame
	if exists && chance(w.rng, s.edits) {
		s.edit(c, o)
		spec := s.spec
		f.Spec = &spec
	}
	replicas := c.replicas.Load()
	if chance(w.rng, s.byHand) || replicas == 0 && chance(w.rng, 0.02) {
		replicas = w.rng.Int32N(s.spec.MaxReplicas + 8)
		c.replicas.Store(replicas)
	}
	for _, p := range w.advance(now, replicas) {
		if err := c.pods.Delete(c.newPod(p)); err != nil {
			panic(err)
		}
	}
	for _, p := range w.pods {
		if p.known && p.shown == p.state {
			continue
		}
		p.known, p.shown = true, p.state
		if err := c.pods.Update(c.newPod(p)); err != nil {
			panic(err)
		}
	}
	picture := w.look(now, replicas)
	c.now.Store(picture)
	f.Observation = picture.observation
	return f
}

// edit gives both a new spec, or only a new behavior.
func (s *scenario) edit(c *controller, o *ours) {
	if r := s.world.rng; chance(r, 0.7) {
		s.spec.Behavior = &hpa.Behavior{ScaleUp: newRandomRules(r), ScaleDown: newRandomRules(r)}
	} else {
		s.spec = newSpec(r, s.settings.ScaleToZero)
		s.world.adopt(s.spec)
	}
	c.edit(s.spec)
	if err := o.Update(s.spec); err != nil {
		panic(err)
	}
	o.behaves = s.spec.Behavior != nil
}
