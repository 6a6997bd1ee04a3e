package componenttest

import (
	"crypto/sha256"
	"fmt"
)

// longest text that a golden file shows as it is. Whole files, such as dashboards,
// have golden files of their own.
const longest = 4096

// abridged is a value whose long texts are told apart by their digest.
func abridged(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, one := range value {
			out[key] = abridged(one)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, one := range value {
			out[i] = abridged(one)
		}
		return out
	case string:
		if len(value) > longest {
			return fmt.Sprintf("[%d bytes, sha256 %x]", len(value), sha256.Sum256([]byte(value)))
		}
	}
	return value
}
