package hpa

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Version is a minor version of Kubernetes 1, from 34 to 37.
//
// The versions differ in five places. From 35 the per-HPA tolerance counts,
// an Object or External count beyond int32 is capped and a container that a pod
// does not have is an error. From 36 only a workload that the HPA itself scaled to
// zero comes back. From 37 minReplicas 0 is on by default, and a new or changed HPA
// is synced at once.
type Version int

// The versions.
const (
	V134 Version = 34
	V135 Version = 35
	V136 Version = 36
	V137 Version = 37
)

// String is the version as people write it: "1.36".
func (v Version) String() string { return fmt.Sprintf("1.%d", int(v)) }

// SyncsNewAtOnce reports whether a new or changed HPA is synced at once; before
// 1.37 its first sync comes one period later (feature gate HPAGeneration).
func (v Version) SyncsNewAtOnce() bool { return v >= V137 }

// The tolerance and the sync period of kube-controller-manager.
const (
	DefaultTolerance  = 0.1
	DefaultSyncPeriod = 15 * time.Second
)

// Settings are the flags and feature gates of kube-controller-manager, the same
// for all HPAs of a cluster. EKS fixes all of them.
type Settings struct {
	Version Version
	// Tolerance is how far usage over target may be from 1 without a change.
	Tolerance float64
	// DownscaleStabilization is the scale-down window where an HPA names none.
	DownscaleStabilization time.Duration
	// CPUInitialization is how long after its start the CPU of a pod counts only
	// while it is ready and its sample is younger than that.
	CPUInitialization time.Duration
	// InitialReadiness is how late after its start a pod may turn unready and
	// still count as one that was never ready.
	InitialReadiness time.Duration
	// ConfigurableTolerance is the gate HPAConfigurableTolerance: whether the
	// tolerance of an HPA counts.
	ConfigurableTolerance bool
	// ScaleToZero is the gate HPAScaleToZero: whether minReplicas may be 0.
	ScaleToZero bool
}

// Defaults are the settings of a version that nobody configured.
func Defaults(v Version) Settings {
	return Settings{
		Version:                v,
		Tolerance:              DefaultTolerance,
		DownscaleStabilization: 5 * time.Minute,
		CPUInitialization:      5 * time.Minute,
		InitialReadiness:       30 * time.Second,
		ConfigurableTolerance:  v >= V135,
		ScaleToZero:            v >= V137,
	}
}

func (s Settings) validate() error {
	var errs []error
	if s.Version < V134 || s.Version > V137 {
		errs = append(errs, fmt.Errorf("version = %d: known are 34 to 37", int(s.Version)))
	}
	if !validTolerance(s.Tolerance) {
		errs = append(errs, fmt.Errorf("tolerance = %v: must be 0 or more", s.Tolerance))
	}
	if min(s.DownscaleStabilization, s.CPUInitialization, s.InitialReadiness) < 0 {
		errs = append(errs, errors.New("settings: a duration is negative"))
	}
	return errors.Join(errs...)
}

func validTolerance(t float64) bool { return t >= 0 && !math.IsInf(t, 1) }
