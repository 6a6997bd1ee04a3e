// Package stacks wires a stack together: it reads the configuration, has the
// plan derived and proven, refuses what is not proven, and composes the
// components. Nothing else in the program knows about all of them.
package stacks
