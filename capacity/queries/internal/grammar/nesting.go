package grammar

import "strings"

// deepest is how deep a text may nest. The parser's stack is small and has no
// guard: from about 250 levels on it was seen to trap or to run on for ever
// (libpg_query 17 in WebAssembly, 2026-11-25). What people and ORMs write nests
// less than 30 levels.
const deepest = 100

// level is what is open inside one pair of parentheses.
type level struct {
	// chain is the operators of the expression at hand, each a level of its own.
	chain int
	// tail is the joins and set operations so far, which nest to the left.
	tail int
}

// nesting is how deep the tree of a text can become, judged by its tokens and
// never below the truth.
func nesting(tokens []Token) int {
	open := []level{{}}
	most, below := 0, 0
	for _, t := range tokens {
		top := &open[len(open)-1]
		switch t.Word {
		case "(", "[", "case":
			below += 1 + top.chain + top.tail
			open = append(open, level{})
		case ")", "]", "end":
			if len(open) > 1 {
				open = open[:len(open)-1]
				top = &open[len(open)-1]
				below -= 1 + top.chain + top.tail
			}
		default:
			top.read(t.Word)
		}
		top = &open[len(open)-1]
		most = max(most, below+top.chain+top.tail)
	}
	return most
}

// read counts a word in.
func (l *level) read(word string) {
	switch word {
	case ",", "and", "or":
		l.chain = 0
	case "join", "union", "intersect", "except":
		l.tail++
	default:
		if chains(word) {
			l.chain++
		}
	}
}

// chains tells whether a word nests what stands before or after it.
func chains(word string) bool {
	switch word {
	case "not", "is", "isnull", "notnull", "collate", "at":
		return true
	}
	return strings.ContainsRune("+-*/<>=~!@#%^&|`?:", rune(word[0]))
}
