// Package discover turns workloads that run into the services of a stack file: what
// their objects state is taken over, and what they do not state is named.
package discover
