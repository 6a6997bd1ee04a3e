package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/agencyos/headroom/internal/standin"
)

// Write tells every change with its differences.
func Write(w io.Writer, all []Change) {
	for _, c := range all {
		fmt.Fprintf(w, "%s %s %s%s\n", c.verb(), kind(c.Type), c.Name, c.liveID())
		if len(c.Differences) == 0 {
			if c.Op == "import" {
				fmt.Fprintln(w, "  nothing differs")
			}
			continue
		}
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprint(table, "  FIELD\tLIVE\tWANTED\tSET BY\tEFFECT\n")
		for _, d := range c.Differences {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", d.Field, Show(d.Live), Show(d.Wanted), cmp.Or(d.Setting, "-"),
				strings.TrimSuffix(string(d.Effect)+": "+d.Note, ": "))
		}
		_ = table.Flush() // a writer that fails is reported by its owner
	}
}

// verb says what happens, in one word or two.
func (c Change) verb() string {
	switch {
	case c.Imported && c.Op == "import":
		return "adopts"
	case c.Imported:
		return "adopts and " + c.Op + "s"
	}
	return c.Op + "s"
}

// liveID is the object's id where it says more than the name.
func (c Change) liveID() string {
	if c.ID == "" || c.ID == c.Name {
		return ""
	}
	return " (" + c.ID + ")"
}

// kind is the last part of a type token.
func kind(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// shown is the longest value in a table, in characters.
const shown = 44

// Show writes a value as short as it may be.
func Show(v any) string {
	var text string
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if text = v; v == standin.Unknown {
			text = "(known later)"
		}
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return "?"
		}
		text = strings.ReplaceAll(string(data), standin.Unknown, "(known later)")
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > shown {
		return string(r[:shown-1]) + "…"
	}
	return text
}
