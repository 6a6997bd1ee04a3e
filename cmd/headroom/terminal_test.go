package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrap(t *testing.T) {
	cases := map[string]struct{ reason, text, want string }{
		"Fits":  {"nothing is touched", "CHECK  HAVE\n\nok     1\n", "CHECK  HAVE\n\nok     1\n"},
		"Prose": {"what goes on is indented", "the pool is too small for it\n", "the pool is too\n  small for it\n"},
		"Item":  {"and stands below the words of an item", "  - the pool is too small\n", "  - the pool is\n    too small\n"},
		"Long":  {"a word that fits no line stays whole, to be copied", "  " + strings.Repeat("x", 45) + "\n", "  " + strings.Repeat("x", 45) + "\n"},
		"Deep":  {"indentation leaves room for words", strings.Repeat(" ", 19) + "pool is small\n", "     pool is small\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, wrap(tc.text, 20)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestPaint(t *testing.T) {
	cases := map[string]struct{ reason, text, want string }{
		"Fine":     {"the verdict, not the word", "db-load  ok  1 is ok \n", "db-load  \x1b[32mok\x1b[m  1 is ok \n"},
		"Violated": {"wherever it stands", "x is VIOLATED here", "x is \x1b[1;31mVIOLATED\x1b[m here"},
		"Audit":    {"levels begin a line", "  risk at risk\n  breaks it", "\x1b[33m  risk\x1b[m at risk\n\x1b[1;31m  breaks\x1b[m it"},
		"Example":  {"values that nobody measured", "EXAMPLE VALUES: x", "\x1b[33mEXAMPLE VALUES\x1b[m: x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, paint(tc.text)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
