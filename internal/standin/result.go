package standin

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Result is what one operation did, by the engine's own events.
type Result struct {
	// Resources are those of the program, sorted by URN.
	Resources []Resource
	// Steps are the operations planned or done, in order, without "same".
	Steps []Step
	// Changes counts operations by kind: create, update, replace, same, delete.
	Changes map[string]int
	// Violations are the policies broken.
	Violations []Violation
	// Diagnostics are the errors reported, one line or block each.
	Diagnostics []string
}

// Resource is one resource as the engine sees it. Secrets are masked by the
// engine; an unknown value reads as [Unknown].
type Resource struct {
	URN, Type, Name, Parent string
	Inputs                  map[string]any
}

// Step is one operation on one resource.
type Step struct {
	Op, URN string
	// Diffs are the inputs that differ, Replaces those that replace.
	Diffs, Replaces []string
}

// Violation is one broken policy.
type Violation struct {
	Policy, Pack, Level, URN, Message string
}

// Mandatory tells whether the violation stops a deployment.
func (v Violation) Mandatory() bool { return v.Level == string(apitype.Mandatory) }

const (
	// Unknown stands for a value that only a deployment can tell.
	Unknown = plugin.UnknownStringValue
	// Masked stands for a secret.
	Masked = "[secret]"
)

// NoChanges tells whether the operation left everything as it was.
func (r Result) NoChanges() bool { return len(r.Steps) == 0 }

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
	step := Step{Op: string(m.Op), URN: m.URN, Replaces: m.Keys}
	for path := range m.DetailedDiff {
		step.Diffs = append(step.Diffs, path)
	}
	slices.Sort(step.Diffs)
	c.result.Steps = append(c.result.Steps, step)
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
