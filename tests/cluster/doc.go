// Package cluster runs a genuine Kubernetes control plane for tests: etcd, API
// server, controller manager with its autoscaler, scheduler, metrics-server,
// Prometheus and its adapter, all built from the modules under tools/. Simulated
// are the machines: kwok plays the nodes and the life of pods, and package traffic
// what kubelets and containers report.
//
//	c := cluster.Start(t, cluster.Options{})
//	c.AddNodes(t, cluster.Shape{Count: 3, CPU: "4", Memory: "16Gi", Pods: 58})
//	objects, err := cluster.Read("rendered/kubernetes")
//	c.Apply(t.Context(), objects...)
//	// c.Kubeconfig is a file that any client reads.
//
// Everything listens on free ports of 127.0.0.1 and ends with the test, also when
// it fails or is killed. Tests that use it run where HEADROOM_E2E=1, as make
// cluster and make e2e set it; elsewhere they are skipped.
package cluster
