package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Setting is one value of a stack file.
type Setting struct {
	// Path such as "services.backend.autoscaling.minReplicas".
	Path string `json:"path"`
	// Value as it stands in a stack file.
	Value string `json:"value"`
}

// Edit writes settings into the text of a stack file and keeps everything else,
// comments and line ends included, as it is. The result reads as Set would have
// it, or else the error names what to set by hand and nothing is changed.
func Edit(file []byte, settings []Setting) ([]byte, error) {
	want, err := Raw(file)
	if err != nil {
		return nil, err
	}
	out := file
	for _, s := range settings {
		if want, err = Set(want, s.Path, s.Value); err != nil {
			return nil, err
		}
		if out, err = edit(out, s); err != nil {
			return nil, err
		}
	}
	got, err := Raw(out)
	if err != nil || !reflect.DeepEqual(plain(got), plain(want)) {
		return nil, Problems{{Path: "config", Rule: "is written in a form that cannot be edited safely", Fix: "set by hand: " + listed(settings)}}
	}
	return out, nil
}

func listed(settings []Setting) string {
	var out []string
	for _, s := range settings {
		out = append(out, s.Path+"="+s.Value)
	}
	return strings.Join(out, ", ")
}

// plain is raw config without its formatting; what cannot be read equals nothing.
func plain(raw map[string]json.RawMessage) map[string]any {
	out := map[string]any{}
	for key, text := range raw {
		var node any
		if json.Unmarshal(text, &node) == nil {
			out[key] = node
		}
	}
	return out
}

// edit writes one setting.
func edit(file []byte, s Setting) ([]byte, error) {
	steps, err := parsePath(s.Path)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(file, &doc); err != nil || len(doc.Content) == 0 {
		return nil, Problems{{Rule: "the stack file is not valid YAML"}}
	}
	text := document(file)
	if !text.holds(&doc) {
		return nil, byHand(s)
	}
	node := doc.Content[0]
	steps = append([]string{"config", Namespace + ":" + steps[0]}, steps[1:]...)
	for i, step := range steps {
		next := child(node, step)
		if next == nil {
			return text.insert(node, steps[i:], s)
		}
		node = next
	}
	return text.replace(node, s)
}

// child is the value under a key or an index, nil without one.
func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

// layout is a text by its lines, each with its line end.
type layout [][]byte

func document(file []byte) layout { return bytes.SplitAfter(file, []byte("\n")) }

// otherBreaks are what YAML counts as the end of a line and document does not:
// a carriage return alone (once those before a line feed are gone), NEL, LS, PS.
const otherBreaks = "\r\u0085\u2028\u2029"

// holds reports whether the lines that the nodes name are lines of the text.
func (l layout) holds(doc *yaml.Node) bool {
	text := strings.ReplaceAll(string(l.join()), "\r\n", "\n")
	return !strings.ContainsAny(text, otherBreaks) && lowest(doc) <= len(l)
}

func (l layout) join() []byte { return bytes.Join(l, nil) }

// replace puts a value in the place of another on the same line.
func (l layout) replace(n *yaml.Node, s Setting) ([]byte, error) {
	if n.Kind == yaml.SequenceNode && n.Style&yaml.FlowStyle == 0 {
		return l.replaceItems(n, s)
	}
	at := n.Line - 1
	from, ok := l.offset(at, n.Column)
	if !ok || n.Anchor != "" {
		return nil, byHand(s)
	}
	length := width(n, l[at][from:])
	if length == 0 || from+length > len(l[at]) {
		return nil, byHand(s)
	}
	l[at] = bytes.Join([][]byte{l[at][:from], []byte(s.Value), l[at][from+length:]}, nil)
	return l.join(), nil
}

// width is the length of a value in the text that begins with it, 0 when that
// cannot be told.
func width(n *yaml.Node, text []byte) int {
	switch {
	case n.Kind == yaml.ScalarNode && n.Style == 0:
		return len(n.Value)
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return quoted(text)
	case n.Kind == yaml.SequenceNode:
		return bracketed(text)
	}
	return 0
}

// replaceItems puts a list in the place of the items of another, a line each.
func (l layout) replaceItems(n *yaml.Node, s Setting) ([]byte, error) {
	items := strings.Split(strings.Trim(s.Value, "[]"), ",")
	first, last := n.Line-1, n.Content[len(n.Content)-1].Line-1
	if last-first != len(n.Content)-1 {
		return nil, byHand(s)
	}
	var fresh layout
	for _, item := range items {
		fresh = append(fresh, l.line(first, indent(l[first]), "- "+strings.TrimSpace(item)))
	}
	return append(append(append(layout{}, l[:first]...), fresh...), l[last+1:]...).join(), nil
}

// insert adds the steps that are missing to a mapping.
func (l layout) insert(n *yaml.Node, steps []string, s Setting) ([]byte, error) {
	switch {
	case n.Kind != yaml.MappingNode || n.Anchor != "":
		return nil, byHand(s)
	case n.Style&yaml.FlowStyle != 0:
		return l.insertFlow(n, steps, s)
	}
	column := n.Content[0].Column - 1
	last := l.end(n, column)
	var fresh layout
	for i, step := range steps {
		text := step + ":"
		if i == len(steps)-1 {
			text += " " + s.Value
		}
		fresh = append(fresh, l.line(last, column+2*i, text))
	}
	if len(l[last]) > 0 && l[last][len(l[last])-1] != '\n' { // the file ends without a line end
		l[last] = append(l[last], '\n')
		fresh[len(fresh)-1] = bytes.TrimRight(fresh[len(fresh)-1], "\r\n")
	}
	return append(append(append(layout{}, l[:last+1]...), fresh...), l[last+1:]...).join(), nil
}

// insertFlow adds the steps before the closing brace of { … }.
func (l layout) insertFlow(n *yaml.Node, steps []string, s Setting) ([]byte, error) {
	at := n.Line - 1
	from, ok := l.offset(at, n.Column)
	length := 0
	if ok {
		length = bracketed(l[at][from:])
	}
	if length == 0 {
		return nil, byHand(s)
	}
	body := bytes.TrimRight(l[at][:from+length-1], " ")
	text := strings.Join(steps, ": { ") + ": " + s.Value + strings.Repeat(" }", len(steps)-1)
	if body[len(body)-1] != '{' {
		text = "," + " " + text
	} else {
		text = " " + text
	}
	l[at] = bytes.Join([][]byte{body, []byte(text + " }"), l[at][from+length:]}, nil)
	return l.join(), nil
}

// end is the last line of a mapping whose keys stand in a column.
func (l layout) end(n *yaml.Node, column int) int {
	last := lowest(n) - 1
	for last+1 < len(l) && len(bytes.TrimSpace(l[last+1])) > 0 && indent(l[last+1]) > column {
		last++
	}
	return last
}

// lowest is the last line on which a node or one below it starts.
func lowest(n *yaml.Node) int {
	line := n.Line
	for _, c := range n.Content {
		line = max(line, lowest(c))
	}
	return line
}

// offset is the byte at which a column begins; columns count characters from 1.
func (l layout) offset(line, column int) (int, bool) {
	if line < 0 || line >= len(l) {
		return 0, false
	}
	n := 1
	for i := range string(l[line]) {
		if n == column {
			return i, true
		}
		n++
	}
	return 0, false
}

// line is a new line with the line end of another.
func (l layout) line(like, indent int, text string) []byte {
	end := "\n"
	if bytes.HasSuffix(l[like], []byte("\r\n")) {
		end = "\r\n"
	}
	return []byte(strings.Repeat(" ", indent) + text + end)
}

func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// quoted is the length of a quoted text on one line, 0 when it ends elsewhere.
func quoted(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[0] == '"' && text[i] == '\\':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return 0
}

// bracketed is the length of [ … ] or { … } on one line, 0 when it ends elsewhere.
func bracketed(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case (c == '"' || c == '\'') && i > 0 && strings.ContainsRune(" [{,:", rune(text[i-1])):
			n := quoted(text[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func byHand(s Setting) error {
	return Problems{{Path: s.Path, Rule: "stands in a form that cannot be edited", Fix: fmt.Sprintf("set it to %s by hand", s.Value)}}
}
