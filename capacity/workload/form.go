package workload

import "encoding/json"

// form is an object as the API writes it, as far as it is read
// (k8s.io/api apps/v1, autoscaling/v2 and core/v1, v0.36).
type form struct {
	Kind     string   `json:"kind"`
	Metadata metaForm `json:"metadata"`
	Spec     specForm `json:"spec"`
	Status   struct {
		DesiredNumberScheduled *int `json:"desiredNumberScheduled"`
	} `json:"status"`
}

type metaForm struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// specForm is that of a workload or of an autoscaler: their fields have no name in
// common but with one meaning.
type specForm struct {
	Replicas        *int `json:"replicas"`
	MinReadySeconds int  `json:"minReadySeconds"`
	Selector        struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"selector"`
	Strategy struct {
		RollingUpdate struct {
			MaxSurge       loose `json:"maxSurge"`
			MaxUnavailable loose `json:"maxUnavailable"`
		} `json:"rollingUpdate"`
	} `json:"strategy"`
	Template struct {
		Spec podForm `json:"spec"`
	} `json:"template"`
	// JobTemplate of a CronJob.
	JobTemplate struct {
		Spec struct {
			Template struct {
				Spec podForm `json:"spec"`
			} `json:"template"`
		} `json:"spec"`
	} `json:"jobTemplate"`

	ScaleTargetRef struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"scaleTargetRef"`
	MinReplicas *int         `json:"minReplicas"`
	MaxReplicas int          `json:"maxReplicas"`
	Metrics     []metricForm `json:"metrics"`
	// TargetCPU is the field of autoscaling/v1.
	TargetCPU *int `json:"targetCPUUtilizationPercentage"`
}

type podForm struct {
	TerminationGracePeriodSeconds *int64          `json:"terminationGracePeriodSeconds"`
	Containers                    []containerForm `json:"containers"`
	InitContainers                []containerForm `json:"initContainers"`
	Resources                     resourcesForm   `json:"resources"`
}

type containerForm struct {
	Name          string `json:"name"`
	Image         string `json:"image"`
	RestartPolicy string `json:"restartPolicy"`
	Ports         []struct {
		Name          string `json:"name"`
		ContainerPort int    `json:"containerPort"`
	} `json:"ports"`
	Env []struct {
		Name      string          `json:"name"`
		Value     loose           `json:"value"`
		ValueFrom json.RawMessage `json:"valueFrom"`
	} `json:"env"`
	EnvFrom []struct {
		ConfigMapRef *metaForm `json:"configMapRef"`
		SecretRef    *metaForm `json:"secretRef"`
	} `json:"envFrom"`
	Resources resourcesForm `json:"resources"`
	Lifecycle struct {
		PreStop *preStopForm `json:"preStop"`
	} `json:"lifecycle"`
	ReadinessProbe probeForm `json:"readinessProbe"`
	LivenessProbe  probeForm `json:"livenessProbe"`
}

type resourcesForm struct {
	Requests map[string]loose `json:"requests"`
	Limits   map[string]loose `json:"limits"`
}

type preStopForm struct {
	Sleep *struct {
		Seconds int64 `json:"seconds"`
	} `json:"sleep"`
	Exec *struct {
		Command []string `json:"command"`
	} `json:"exec"`
}

type probeForm struct {
	HTTPGet struct {
		Path string `json:"path"`
	} `json:"httpGet"`
}

type metricForm struct {
	Type              string       `json:"type"`
	Resource          resourceForm `json:"resource"`
	ContainerResource resourceForm `json:"containerResource"`
}

type resourceForm struct {
	Name      string `json:"name"`
	Container string `json:"container"`
	Target    struct {
		AverageUtilization *int `json:"averageUtilization"`
	} `json:"target"`
}

// loose is a text or a number, as its text.
type loose string

// UnmarshalJSON takes any scalar.
func (l *loose) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*l = loose(text)
		return nil
	}
	*l = loose(raw)
	return nil
}
