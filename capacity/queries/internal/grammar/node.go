package grammar

// Node is one node of a tree. Where any kind of node may stand, the tree has an
// object with the kind as its only key.
type Node map[string]any

// Kind unwraps a node: its kind and what it holds.
func (n Node) Kind() (string, Node) {
	if len(n) == 1 {
		for kind, body := range n {
			if body, ok := body.(map[string]any); ok {
				return kind, body
			}
		}
	}
	return "", nil
}

// Is is what a node holds if it is of the kind.
func (n Node) Is(kind string) (Node, bool) {
	got, body := n.Kind()
	return body, got == kind
}

// Child is the node under a key, nil without one.
func (n Node) Child(key string) Node {
	child, _ := n[key].(map[string]any)
	return child
}

// List is the nodes under a key.
func (n Node) List(key string) []Node {
	items, _ := n[key].([]any)
	out := make([]Node, 0, len(items))
	for _, item := range items {
		if item, ok := item.(map[string]any); ok {
			out = append(out, item)
		}
	}
	return out
}

// Text is the string under a key.
func (n Node) Text(key string) string {
	s, _ := n[key].(string)
	return s
}

// Int is the number under a key; the tree leaves zero out.
func (n Node) Int(key string) int {
	f, _ := n[key].(float64)
	return int(f)
}

// Names are the strings of a list, such as the parts of a qualified name.
func (n Node) Names(key string) []string {
	var out []string
	for _, item := range n.List(key) {
		if s, ok := item.Is("String"); ok {
			out = append(out, s.Text("sval"))
		}
	}
	return out
}

// Walk visits every node below and its kind.
func (n Node) Walk(visit func(kind string, body Node)) {
	if kind, body := n.Kind(); body != nil {
		visit(kind, body)
	}
	for _, child := range n {
		walk(child, visit)
	}
}

func walk(v any, visit func(string, Node)) {
	switch v := v.(type) {
	case map[string]any:
		Node(v).Walk(visit)
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}
