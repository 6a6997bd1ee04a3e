// Package audit judges the requests and limits of containers against what they
// were measured to use: what is missing, too small or paid for in vain, what
// breaks an autoscaler, what is throttled or killed, and which values would do.
package audit
