// Package live reads running systems, a package each, and changes nothing in them.
package live

// Error is why a running system could not be read and what to do about it. It never
// has a password.
type Error struct {
	Message string
	Hints   []string
}

func (e *Error) Error() string { return e.Message }

// Fail is an Error.
func Fail(message string, hints ...string) error { return &Error{message, hints} }
