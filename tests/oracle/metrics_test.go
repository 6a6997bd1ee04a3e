package oracle

import (
	"context"
	"errors"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"

	"github.com/agencyos/headroom/capacity/hpa"
)

// series names what a metrics API would be asked for. Two metrics with the same
// series have the same samples.
func series(m hpa.Metric, i int) string {
	switch m.Source {
	case hpa.Resource:
		return string(resourceOf(m)) + "/"
	case hpa.ContainerResource:
		return string(resourceOf(m)) + "/" + appContainer
	}
	return metricName(i)
}

func metricName(i int) string { return "m" + strconv.Itoa(i) }

func resourceOf(m hpa.Metric) corev1.ResourceName {
	if m.CPU {
		return corev1.ResourceCPU
	}
	return corev1.ResourceMemory
}

var errMetric = errors.New("metrics API is down")

// metricsClient answers from the picture that the controller may see now.
type metricsClient struct{ c *controller }

func (m metricsClient) reading(key string) (*picture, *hpa.Reading, error) {
	p := m.c.now.Load()
	for i := range p.series {
		if p.series[i] == key {
			r := &p.observation.Readings[i]
			if r.Failed {
				return nil, nil, errMetric
			}
			return p, r, nil
		}
	}
	return nil, nil, errors.New("no such metric: " + key)
}

func (m metricsClient) perPod(key string) (metrics.PodMetricsInfo, time.Time, error) {
	p, r, err := m.reading(key)
	if err != nil {
		return nil, time.Time{}, err
	}
	info := make(metrics.PodMetricsInfo, len(r.Samples))
	for i, s := range r.Samples {
		if s.Present {
			info[p.names[i]] = metrics.PodMetric{Timestamp: m.c.epoch.Add(s.At), Window: s.Window, Value: s.Value}
		}
	}
	return info, time.Now(), nil
}

func (m metricsClient) GetResourceMetric(_ context.Context, r corev1.ResourceName, _ string, _ labels.Selector, container string) (metrics.PodMetricsInfo, time.Time, error) {
	return m.perPod(string(r) + "/" + container)
}

func (m metricsClient) GetRawMetric(metric, _ string, _, _ labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	return m.perPod(metric)
}

func (m metricsClient) GetObjectMetric(metric, _ string, _ *autoscalingv2.CrossVersionObjectReference, _ labels.Selector) (int64, time.Time, error) {
	_, r, err := m.reading(metric)
	if err != nil {
		return 0, time.Time{}, err
	}
	return r.Total, time.Now(), nil
}

// GetExternalMetric splits the total, as an adapter does that has one series per
// pod.
func (m metricsClient) GetExternalMetric(metric, _ string, _ labels.Selector) ([]int64, time.Time, error) {
	_, r, err := m.reading(metric)
	if err != nil {
		return nil, time.Time{}, err
	}
	return []int64{r.Total / 3, r.Total - r.Total/3}, time.Now(), nil
}
