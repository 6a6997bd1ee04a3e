// Package draft writes the first stack file of a product from a few answers. It
// asks nothing: who answers (flags, a person at a terminal, the description of a
// cluster) fills [Answers], and what can be derived stays empty. Every value that
// nobody stated is either derived by the plan or labeled as an example in the
// file that is written.
package draft
