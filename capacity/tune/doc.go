// Package tune searches the settings of a stack for those that cost least and
// still hold the SLO on given traces. A configuration is derived and proven like
// any stack, then replayed: with the fluid simulator while it searches, and
// request by request before it recommends anything. What it changes are settings
// of the stack file.
package tune
