package tune

import (
	"fmt"
	"path"
	"strings"
)

// only keeps the knobs whose path matches one of the globs, in which * stands for
// anything within a step, and a glob that names a group of settings for all of
// them. No glob keeps all.
func (sp space) only(globs []string) (space, error) {
	if len(globs) == 0 {
		return sp, nil
	}
	kept := map[string]bool{}
	for _, g := range globs {
		before := len(kept)
		for _, k := range sp.knobs {
			ok, err := matches(g, k.Path)
			if err != nil {
				return sp, fmt.Errorf("knob %s: is not a pattern; write it as services.*.autoscaling.minReplicas", g)
			}
			if ok {
				kept[k.Path] = true
			}
		}
		if len(kept) == before && !sp.any(g) {
			return sp, fmt.Errorf("knob %s: matches none; known: %s", g, strings.Join(sp.paths(), ", "))
		}
	}
	var knobs []Knob
	for _, k := range sp.knobs {
		if kept[k.Path] {
			knobs = append(knobs, k)
		}
	}
	sp.knobs = knobs
	return sp, nil
}

func (sp space) any(glob string) bool {
	for _, k := range sp.knobs {
		if ok, _ := matches(glob, k.Path); ok {
			return true
		}
	}
	return false
}

func (sp space) paths() []string {
	var out []string
	for _, k := range sp.knobs {
		out = append(out, k.Path)
	}
	return out
}

// matches compares a path with a glob, step by step. Brackets are part of the
// text.
func matches(glob, knob string) (bool, error) {
	want := strings.NewReplacer(".", "/", "[", `\[`, "]", `\]`).Replace(glob)
	have := strings.Split(knob, ".")
	n := strings.Count(want, "/") + 1
	return path.Match(want, strings.Join(have[:min(n, len(have))], "/"))
}
