package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Exit codes.
const (
	exitViolated = 1
	exitInvalid  = 2
)

// failure is an error with the exit code and hints that it leads to.
type failure struct {
	code    int
	message string
	hints   []string
}

func (f failure) Error() string { return f.message }

// violated ends the command after its output said why.
var violated = failure{code: exitViolated}

// invalid is a failure of usage; a hint that has nothing to say is left out.
func invalid(message string, hints ...string) failure {
	spoken := slices.DeleteFunc(slices.Clone(hints), func(hint string) bool { return hint == "" })
	return failure{code: exitInvalid, message: message, hints: spoken}
}

// problems turns an error of many lines into one line and a hint per problem.
func problems(what string, err error) failure {
	lines := strings.Split(err.Error(), "\n")
	noun := "problems"
	if len(lines) == 1 {
		noun = "problem"
	}
	return failure{code: exitInvalid, message: fmt.Sprintf("%s has %d %s", what, len(lines), noun), hints: lines}
}

// asFailure is any error as a failure; what cobra says is about usage.
func asFailure(err error) failure {
	var f failure
	if errors.As(err, &f) {
		return f
	}
	return invalid(err.Error(), "run headroom help")
}
