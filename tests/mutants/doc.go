// Command mutants measures what the tests of a package notice. It changes one
// condition at a time and runs the package's tests: a change that no test
// notices has survived, and shows a condition that could be wrong or gone.
//
//	go run ./tests/mutants -first TestFixtures -with -rapid.nofailfile ./policies/rules
//
// Every changed form is compiled into one test binary and switched on by number,
// so that hundreds of mutants cost one compilation. Tools that compile each of
// them spend minutes on linking for every second of testing.
//
// Comments are not kept, so a package with directives, such as go:embed, cannot be
// judged.
//
// A condition is forced to true and to false, an operand of && and || is taken
// out, a bound includes or excludes its limit, and an equality that is returned
// or passed on is negated. A mutant that cannot change the outcome, such as a
// shortcut that only saves time, survives rightly; the list is to be read.
package main
