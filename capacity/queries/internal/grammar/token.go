package grammar

import (
	"fmt"
	"strings"

	"github.com/wasilibs/go-pgquery/parser"
	"google.golang.org/protobuf/encoding/protowire"
)

// Token is one word or sign of a text, without the comments between.
type Token struct {
	// From and To are its bytes.
	From, To int
	// Word is its text in lower case; a quoted name keeps its quotes.
	Word string
	// Depth is how many parentheses are open around it; both of a pair are as
	// deep as what they hold.
	Depth int
}

// Param tells whether the token is a parameter such as $1.
func (t Token) Param() bool {
	return len(t.Word) > 1 && t.Word[0] == '$' && strings.Trim(t.Word[1:], "0123456789") == ""
}

// Tokens splits a text as PostgreSQL's scanner does.
func Tokens(text string) ([]Token, error) {
	data, err := guard(text, parser.ScanToProtobuf)
	if err != nil {
		return nil, err
	}
	var out []Token
	depth := 0
	err = fields(data, func(number protowire.Number, token []byte, _ uint64) {
		if number != scanTokens {
			return
		}
		t := span(token)
		if t.From < 0 || t.To > len(text) || t.From >= t.To {
			return
		}
		t.Word = strings.ToLower(text[t.From:t.To])
		if strings.HasPrefix(t.Word, "--") || strings.HasPrefix(t.Word, "/*") {
			return
		}
		if t.Word == "(" {
			depth++
		}
		t.Depth = depth
		if t.Word == ")" {
			depth--
		}
		out = append(out, t)
	})
	return out, err
}

// Fields of the scanner's messages.
// https://github.com/pganalyze/libpg_query/blob/17-6.1.0/protobuf/pg_query.proto ScanResult, ScanToken (2026-11-25)
const (
	scanTokens = 2
	tokenStart = 1
	tokenEnd   = 2
)

func span(message []byte) (t Token) {
	_ = fields(message, func(number protowire.Number, _ []byte, value uint64) { // a token that is cut off is an empty one
		switch number {
		case tokenStart:
			t.From = int(int32(value))
		case tokenEnd:
			t.To = int(int32(value))
		}
	})
	return t
}

// fields reads the varints and the nested messages of a message.
func fields(message []byte, field func(number protowire.Number, bytes []byte, value uint64)) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return fmt.Errorf("the scanner's answer is cut off: %w", protowire.ParseError(n))
		}
		message = message[n:]
		var bytes []byte
		var value uint64
		switch kind {
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return fmt.Errorf("the scanner's answer is cut off: %w", protowire.ParseError(n))
		}
		field(number, bytes, value)
		message = message[n:]
	}
	return nil
}
