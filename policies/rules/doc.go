// Package rules judges declared resources: whether what a program is about to
// create can survive its own autoscaling ceiling.
//
// The rules read resources, never the plan that produced them, so they catch a
// hand-edited resource and a second program as well. They are pure: a [Model] of
// property trees goes in, [Finding] values come out. The Pulumi policy pack and
// the command line both run this package.
//
// # Not knowing
//
// During a preview many values are outputs that nobody knows yet, and some are
// secrets. A rule that needs such a value answers [CannotKnow] and names what it
// waits for. It answers [Pass] only if no value of what it could not read would
// change that, and [Violation] only from values that it read. A rule that panics
// yields a violation of itself and leaves the other rules alone.
//
// # Adding a rule
//
// Put a function that returns a [Rule] into a file named after its id, list it
// in [All], and give it a table in its test: what it refuses, what it allows,
// what it has no opinion on, what it cannot know. The soundness tests then run
// over it by themselves.
package rules
