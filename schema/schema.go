// Package schema holds the generated JSON schema of the stack file, for
// editors. `make golden` regenerates it from the types in capacity/spec.
package schema

import _ "embed"

// Stack is the schema of Pulumi.<stack>.yaml.
//
//go:embed stack.schema.json
var Stack []byte
