package standin

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// collector gathers the engine's events of one operation.
type collector struct {
	events chan events.EngineEvent
	done   chan struct{}
	result Result
	byURN  map[string]Resource
}

func newCollector() *collector {
	c := &collector{
		events: make(chan events.EngineEvent, 64), done: make(chan struct{}),
		result: Result{Changes: map[string]int{}}, byURN: map[string]Resource{},
	}
	go c.run()
	return c
}

func (c *collector) run() {
	defer close(c.done)
	for e := range c.events {
		c.take(e.EngineEvent)
	}
}

func (c *collector) take(e apitype.EngineEvent) {
	switch {
	case e.ResourcePreEvent != nil:
		c.step(e.ResourcePreEvent.Metadata)
	case e.ResOutputsEvent != nil:
		c.outcome(e.ResOutputsEvent.Metadata)
	case e.PolicyEvent != nil:
		p := e.PolicyEvent
		c.result.Violations = append(c.result.Violations, Violation{
			Policy: p.PolicyName, Pack: p.PolicyPackName, Level: p.EnforcementLevel,
			URN: p.ResourceURN, Message: strings.TrimSpace(uncolored(p.Message)),
		})
	case e.DiagnosticEvent != nil:
		c.diagnose(*e.DiagnosticEvent)
	case e.SummaryEvent != nil:
		for op, n := range e.SummaryEvent.ResourceChanges {
			c.result.Changes[string(op)] += n
		}
	}
}

func (c *collector) step(m apitype.StepEventMetadata) {
	if m.Op == apitype.OpRefresh {
		return
	}
	if m.New != nil {
		urn := resource.URN(m.URN)
		c.byURN[m.URN] = Resource{
			URN: m.URN, Type: m.Type, Name: urn.Name(), Parent: m.New.Parent, Inputs: cleanMap(m.New.Inputs),
		}
	}
	if m.Op == apitype.OpSame || strings.HasPrefix(m.Type, "pulumi:") && m.Op == apitype.OpRead {
		return
	}
	c.result.Steps = append(c.result.Steps, newStep(m))
}

func newStep(m apitype.StepEventMetadata) Step {
	step := Step{Op: string(m.Op), URN: m.URN, Type: m.Type, Name: resource.URN(m.URN).Name(), Replaces: m.Keys}
	// A provider served by the SDK answers the paths in Diffs alone.
	step.Diffs = slices.Concat(m.Diffs, slices.Collect(maps.Keys(m.DetailedDiff)))
	slices.Sort(step.Diffs)
	step.Diffs = slices.Compact(step.Diffs)
	if m.Old != nil {
		step.ID, step.Parent, step.Protected, step.Old = m.Old.ID, m.Old.Parent, m.Old.Protect, cleanMap(m.Old.Inputs)
	}
	if m.New != nil {
		step.Parent, step.New = m.New.Parent, cleanMap(m.New.Inputs)
	}
	return step
}

// outcome adds to a step what the provider answered. An import has read the
// live object only now.
func (c *collector) outcome(m apitype.StepEventMetadata) {
	for i := len(c.result.Steps) - 1; i >= 0; i-- {
		step := &c.result.Steps[i]
		if step.URN != m.URN || step.Op != string(m.Op) {
			continue
		}
		if m.New != nil {
			step.After = cleanMap(m.New.Outputs)
			step.ID = cmp.Or(m.New.ID, step.ID)
			if m.Op == apitype.OpImport {
				step.Old, step.New = cleanMap(m.New.Inputs), cleanMap(m.New.Inputs)
			}
		}
		return
	}
}

// echoes are the engine's own last words, which name no cause.
var echoes = []string{"error: preview failed", "error: update failed", "preview failed", "update failed"}

func (c *collector) diagnose(d apitype.DiagnosticEvent) {
	text := strings.TrimSpace(uncolored(d.Message))
	if d.Severity != "error" || d.Ephemeral || text == "" || slices.Contains(echoes, text) {
		return
	}
	if d.URN != "" && !strings.Contains(text, "resource '") {
		urn := resource.URN(d.URN)
		text = string(urn.Type()) + " " + urn.Name() + ": " + strings.TrimPrefix(text, "error: ")
	}
	if !slices.Contains(c.result.Diagnostics, text) {
		c.result.Diagnostics = append(c.result.Diagnostics, text)
	}
}

// clean turns the engine's secret envelopes into Masked and drops bookkeeping.
func clean(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			return Masked
		}
		return cleanMap(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = clean(e)
		}
		return list
	default:
		return v
	}
}

func cleanMap(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if !strings.HasPrefix(k, "__") {
			out[k] = clean(v)
		}
	}
	return out
}

// finish waits for the last events. An operation that ended before the engine
// started has none, and nobody closes the stream then.
func (c *collector) finish(ctx context.Context) Result {
	select {
	case <-c.done:
	case <-ctx.Done():
		return Result{Changes: map[string]int{}}
	case <-time.After(eventPatience):
		return Result{Changes: map[string]int{}}
	}
	for _, r := range c.byURN {
		c.result.Resources = append(c.result.Resources, r)
	}
	slices.SortStableFunc(c.result.Violations, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.URN, b.URN))
	})
	slices.SortFunc(c.result.Resources, func(a, b Resource) int { return cmp.Compare(a.URN, b.URN) })
	return c.result
}

// eventPatience is how long to wait for the end of an event stream that the
// engine has left without closing.
const eventPatience = 10 * time.Second
