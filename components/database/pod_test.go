package database

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

const (
	typeStatefulSet = "kubernetes:apps/v1:StatefulSet"
	typeSecret      = "kubernetes:core/v1:Secret"
	localPassword   = "a-password-of-enough-characters"
)

// local is a database in the cluster of a local stack, behind PgBouncer.
func local() Args {
	args := base()
	args.Cluster, args.Protect, args.Password = spec.Cluster{Context: "kind", Namespace: "default"}, false, pulumi.String(localPassword)
	args.Spec.InstanceClass, args.Spec.EngineVersion, args.Spec.Image = "", "", "postgres:17.7"
	args.Spec.Resources = spec.Amounts{CPU: 250, Memory: 512}
	args.Spec.Storage = spec.Storage{GiB: 20}
	return args
}

func TestDatabaseOfALocalStack(t *testing.T) {
	r := declare(t, local())
	want := []string{typeToken, typeDeployment, typeStatefulSet, typeConfigMap, typeSecret, typeSecret, typeService, typeService, typePDB}
	if diff := cmp.Diff(want, r.Types()); diff != "" {
		t.Errorf("types: nothing on AWS (-want +got):\n%s", diff)
	}
	const pod, box = "spec.template.spec.", "spec.template.spec.containers.0."
	componenttest.Expect(t, componenttest.Only(t, r, typeStatefulSet), map[string]any{
		"spec.replicas": 1.0, "spec.serviceName": "postgres", pod + "securityContext.fsGroup": 999.0,
		box + "resources.limits.memory": "512Mi", box + "securityContext.readOnlyRootFilesystem": true,
		box + "env.3.valueFrom.secretKeyRef":                          map[string]any{"name": "postgres", "key": "password"},
		"spec.volumeClaimTemplates.0.spec.resources.requests.storage": "20Gi",
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeConfigMap), map[string]any{
		"data.[databases.ini]": "[databases]\napp = host=postgres port=5432 dbname=app\n",
		"data.[pgbouncer.ini]": ini(bouncerPlan(), "userlist.txt", "prefer", "pgbouncer_stats"),
	})
	text, err := r.Golden()
	if err != nil || strings.Contains(text, localPassword) {
		t.Errorf("the inputs of some resource hold the password in plain text (%v)", err)
	}
}

func TestSettingsOfALocalDatabase(t *testing.T) {
	args := local()
	args.Spec.Parameters = map[string]string{"work_mem": "16MB", "log_min_duration_statement": "100"}
	want := []string{"postgres", "-c", "log_min_duration_statement=100", "-c", "max_connections=200", "-c", "port=5432",
		"-c", "shared_preload_libraries=pg_stat_statements", "-c", "track_io_timing=on", "-c", "work_mem=16MB"}
	if diff := cmp.Diff(want, server{Args: args}.settings()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestUserListQuotes(t *testing.T) {
	if got, want := userList("app", `a"b\c`), `"app" "a""b\c"`+"\n"; got != want {
		t.Errorf("userList = %q, want %q", got, want)
	}
}

func TestLocalDatabaseRefuses(t *testing.T) {
	for want, mutate := range map[string]func(*Args){
		"database.image": func(a *Args) { a.Spec.Image = "" }, "localPassword": func(a *Args) { a.Password = nil },
		"database.maxConnections": func(a *Args) { a.Plan.MaxConnections = 7 }, "cluster.namespace": func(a *Args) { a.Cluster.Namespace = "" },
	} {
		args := local()
		mutate(&args)
		if err := (server{name: "db", Args: args}).validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("validate = %v, want a problem of %s", err, want)
		}
	}
}
