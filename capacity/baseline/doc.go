// Package baseline holds the measured facts of a stack: what one pod of each
// service costs and carries, how long a node takes to boot, what the cache
// spends per operation. It is one of the two sources of numbers (the stack
// file is the other), kept in baselines/<stack>.json.
//
// Facts are measured, never derived, so nothing here has a silent default
// that makes a service look faster than somebody measured it to be: a figure
// that matters is required, and the fix says what to write when nobody knows.
//
// The package is pure: it reads bytes and returns values or every problem it
// found at once.
package baseline
