package report

// Document is the report as JSON. It is an interface: additions only.
type Document struct {
	// OK says that nothing stops an update.
	OK bool `json:"ok"`
	// Resources is how many were judged.
	Resources int `json:"resources"`
	Counts
	Findings   []Finding   `json:"findings"`
	Exceptions []Exception `json:"exceptions"`
}

// Finding is one verdict.
type Finding struct {
	Rule     string `json:"rule"`
	State    string `json:"state"`
	Level    string `json:"level"`
	Severity string `json:"severity"`
	Resource string `json:"resource"`
	URN      string `json:"urn,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Message  string `json:"message"`
	// WaitsFor names what could not be read.
	WaitsFor []string `json:"waitsFor,omitempty"`
	Fix      string   `json:"fix,omitempty"`
	// AcceptedBy is the exception that accepts a violation.
	AcceptedBy string `json:"acceptedBy,omitempty"`
}

// Exception is a suppression, a waiver or an annotation.
type Exception struct {
	Kind     string `json:"kind"`
	Rule     string `json:"rule"`
	Resource string `json:"resource"`
	Reason   string `json:"reason"`
	Until    string `json:"until"`
	// Problem says why it does not hold.
	Problem string `json:"problem,omitempty"`
	// Accepts is how many violations it accepts.
	Accepts int `json:"accepts"`
}

// Document is the report in its form for JSON.
func (r Report) Document() Document {
	d := Document{OK: r.OK(), Resources: r.Resources, Counts: r.Counts(), Findings: []Finding{}, Exceptions: []Exception{}}
	for _, f := range r.Findings {
		one := Finding{Rule: f.Rule, State: string(f.State), Level: string(f.Level), Severity: string(r.rule(f.Rule).Severity),
			Resource: f.Resource, URN: f.URN, Message: f.Message, WaitsFor: f.WaitsFor, Fix: f.Fix, AcceptedBy: f.Silenced}
		one.File, one.Line = r.place(f)
		d.Findings = append(d.Findings, one)
	}
	for _, e := range r.Exceptions {
		d.Exceptions = append(d.Exceptions, Exception{Kind: e.Kind(), Rule: e.Rule, Resource: e.Resource, Reason: e.Reason, Until: e.Until, Problem: e.Problem, Accepts: e.Used})
	}
	return d
}
