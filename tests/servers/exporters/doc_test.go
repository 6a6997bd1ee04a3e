// Package exporters runs the real exporters with their flags against real servers,
// has a real Prometheus scrape them, and asks it by every query of every alert and
// panel whether what they read is there. It is a module of its own, because
// reading PromQL takes Prometheus' parser.
package exporters
