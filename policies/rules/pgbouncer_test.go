package rules

import (
	"strings"
	"testing"
)

// TestServerSide: what PgBouncer opens is what the database must have.
func TestServerSide(t *testing.T) {
	for name, c := range map[string]struct {
		reason, ini   string
		size, reserve int
		clients       string
		waits         string
	}{
		"Defaults":    {"an empty file has PgBouncer's own", "", 20, 0, "(not set)", ""},
		"Stated":      {"limits of the section pgbouncer", "[pgbouncer]\nmax_client_conn = 500\ndefault_pool_size=40\nreserve_pool_size=5", 40, 5, "500", ""},
		"Elsewhere":   {"a limit of another section is none", "[users]\ndefault_pool_size=40", 20, 0, "(not set)", ""},
		"Comments":    {"lines after ; and # and empty ones say nothing", "[pgbouncer]\ndefault_pool_size=40\n\n; default_pool_size=1\n# default_pool_size=2\n;default_pool_size=3\n#default_pool_size=4", 40, 0, "(not set)", ""},
		"Last":        {"the last of two lines holds", "[pgbouncer]\ndefault_pool_size=1\ndefault_pool_size=40", 40, 0, "(not set)", ""},
		"Spaces":      {"spaces around a section mean nothing", "[ pgbouncer ]\n  default_pool_size =  40  ", 40, 0, "(not set)", ""},
		"Databases":   {"each database has a pool", "[databases]\na = host=x\nb = host=y pool_size=10", 30, 0, "(not set)", ""},
		"NoDatabase":  {"a database that is commented out has none", "[databases]\na = host=x\n; b = host=y\n#c = host=z", 20, 0, "(not set)", ""},
		"Reserve":     {"and a reserve, which it may state too", "[databases]\na = host=x\nb = host=y reserve_pool=1\n[pgbouncer]\nreserve_pool_size=5", 40, 6, "(not set)", ""},
		"Bound":       {"max_db_connections bounds pool and reserve", "[pgbouncer]\ndefault_pool_size=40\nreserve_pool_size=5\nmax_db_connections=44", 44, 0, "(not set)", ""},
		"BoundEqual":  {"at the bound nothing is taken away", "[pgbouncer]\ndefault_pool_size=40\nreserve_pool_size=5\nmax_db_connections=45", 40, 5, "(not set)", ""},
		"BoundZero":   {"0 is no bound", "[pgbouncer]\ndefault_pool_size=40\nmax_db_connections=0", 40, 0, "(not set)", ""},
		"BoundOfOne":  {"a database may state its own", "[databases]\na = host=x max_db_connections=7\nb = host=y", 27, 0, "(not set)", ""},
		"Word":        {"a word is no number", "[pgbouncer]\ndefault_pool_size=many", 20, 0, "(not set)", "default_pool_size in pgbouncer.ini of ConfigMap pgbouncer to be a number"},
		"NoValue":     {"a key without a value says nothing that counts", "[databases]\na = host=x pool_size", 20, 0, "(not set)", "pool_size of a in pgbouncer.ini of ConfigMap pgbouncer to be a number"},
		"OtherKey":    {"a longer key is another", "[databases]\na = host=x min_pool_size=3", 20, 0, "(not set)", ""},
		"NegativeKey": {"less than nothing is no size", "[pgbouncer]\ndefault_pool_size=-1", 20, 0, "(not set)", "default_pool_size in pgbouncer.ini of ConfigMap pgbouncer = -1 to be a whole number from 0 to 100000"},
	} {
		ini := parseINI(leaf{where: "data", of: "ConfigMap pgbouncer"}, c.ini)
		f := &facts{}
		size, reserve := ini.serverSide(f)
		if size != c.size || reserve != c.reserve || show(ini.get("max_client_conn")) != c.clients {
			t.Errorf("%s: %s\nsize %d, reserve %d, max_client_conn %s; want %d, %d, %s", name, c.reason, size, reserve, show(ini.get("max_client_conn")), c.size, c.reserve, c.clients)
		}
		if got := strings.Join(f.waits, "; "); got != c.waits {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.waits)
		}
	}
}

// TestPoolerFile finds what PgBouncer reads among the volumes.
func TestPoolerFile(t *testing.T) {
	ini := configMap("limits", node{pgBouncerFile: "[pgbouncer]\nmax_client_conn=700"}, nil)
	mounts := func(names ...any) []any {
		var all []any
		for _, name := range names {
			all = append(all, node{"configMap": node{"name": name}})
		}
		return all
	}
	for name, c := range map[string]struct {
		reason        string
		volumes       any
		beside        []Resource
		clients, wait string
	}{
		"Mounted":   {"the one with the file", mounts("limits"), []Resource{ini}, "700", ""},
		"Others":    {"other ConfigMaps have other files", mounts("users", "limits"), []Resource{configMap("users", node{"users.txt": "x"}, nil), ini}, "700", ""},
		"Other":     {"other kinds of volumes have none", append([]any{node{"secret": node{"secretName": "s"}}}, mounts("limits")...), []Resource{ini}, "700", ""},
		"None":      {"no volume has it", mounts("users"), []Resource{configMap("users", node{"users.txt": "x"}, nil)}, "(not set)", "a ConfigMap with pgbouncer.ini that Deployment pgbouncer mounts"},
		"Elsewhere": {"the ConfigMap is not here, which says enough", mounts("limits"), nil, "(not set)", "ConfigMap limits, not in this stack"},
		"Output":    {"which volumes there are is an output", Unknown(), []Resource{ini}, "(not set)", "spec.template.spec.volumes of Deployment pgbouncer, not known yet"},
		"Hidden":    {"what is in the file is an output", mounts("limits"), []Resource{configMap("limits", node{pgBouncerFile: Unknown()}, nil)}, "(not set)", "data.pgbouncer.ini of ConfigMap limits, not known yet"},
	} {
		d := bouncer()
		d.Inputs = set(d.Inputs, strings.Split("spec/template/spec/volumes", "/"), c.volumes)
		f := &facts{}
		file := NewModel(append(c.beside, d)).poolerFile(f, d)
		if got := show(file.get("max_client_conn")); got != c.clients {
			t.Errorf("%s: %s\nmax_client_conn = %s, want %s", name, c.reason, got, c.clients)
		}
		if got := strings.Join(f.waits, "; "); got != c.wait {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.wait)
		}
	}
}

// TestIsPgBouncer by its label, on the Deployment or its pods.
func TestIsPgBouncer(t *testing.T) {
	labeled := func(own, pods any) Resource {
		return declared(typeDeployment, "x", node{"metadata": node{"labels": own}, "spec": node{"template": node{"metadata": node{"labels": pods}}}})
	}
	is, other := node{labelName: "pgbouncer"}, node{labelName: "api"}
	for name, c := range map[string]struct {
		reason     string
		deployment Resource
		want       certainty
	}{
		"Own":      {"its own label says it", labeled(is, nil), yes},
		"Pods":     {"that of its pods does", labeled(nil, is), yes},
		"Other":    {"another label says another thing", labeled(other, other), no},
		"None":     {"no label", labeled(nil, nil), no},
		"Output":   {"an output may be it", labeled(node{labelName: Unknown()}, nil), maybe},
		"Secret":   {"a secret too", labeled(nil, node{labelName: Secret()}), maybe},
		"Labels":   {"all labels are an output", labeled(Unknown(), nil), maybe},
		"Answered": {"what one place hides the other says", labeled(Unknown(), is), yes},
	} {
		if got := isPgBouncer(c.deployment); got != c.want {
			t.Errorf("%s: %s\nisPgBouncer = %d, want %d", name, c.reason, got, c.want)
		}
	}
}

// TestScalerOf: an autoscaler that is overlooked opens what nobody counted, and one
// that has nothing to do with it keeps the sum from being known.
func TestScalerOf(t *testing.T) {
	scaler := func(edits ...edit) []Resource { return apply(t, []Resource{hpa("other", "2", 9)}, edits...) }
	const other, target = "HorizontalPodAutoscaler other", "spec/scaleTargetRef/"
	name, kind := edit{other, target + "name", Unknown()}, edit{other, target + "kind", Unknown()}
	neighbor := renamed(pod(typeDeployment, node{}), "neighbor")
	neighbor.Inputs = set(neighbor.Inputs, []string{"metadata", "name"}, "neighbor")
	for label, c := range map[string]struct {
		reason string
		stack  []Resource
		found  bool
		waits  string
	}{
		"None":      {"nothing scales it", nil, false, ""},
		"Named":     {"its name is the target", scaler(edit{other, target + "name", "pgbouncer"}), true, ""},
		"Other":     {"another name is not", scaler(), false, ""},
		"Namespace": {"nor one elsewhere", scaler(name, edit{other, "metadata/namespace", "elsewhere"}), false, ""},
		"Kind":      {"nor one of another kind", scaler(name, edit{other, target + "kind", "StatefulSet"}), false, ""},
		"Late":      {"a name that is an output may be its own", scaler(name), false, "spec.scaleTargetRef.name of HorizontalPodAutoscaler other, not known yet"},
		"Unstated":  {"also where the kind is left out", scaler(name, edit{other, target + "kind", gone{}}), false, "spec.scaleTargetRef.name of HorizontalPodAutoscaler other, not known yet"},
		"LateSpace": {"a namespace that is an output may be its own, too", scaler(name, edit{other, "metadata/namespace", Unknown()}), false, "spec.scaleTargetRef.name of HorizontalPodAutoscaler other, not known yet"},
		"LateKind":  {"whatever kind it has, it scales its neighbor", append(scaler(kind, edit{other, target + "name", "neighbor"}), neighbor), false, ""},
		"LateOwn":   {"or PgBouncer", scaler(kind, edit{other, target + "name", "pgbouncer"}), true, "spec.scaleTargetRef.kind of HorizontalPodAutoscaler other, not known yet"},
	} {
		f := &facts{}
		pgbouncer := bouncer()
		got := NewModel(append([]Resource{pgbouncer}, c.stack...)).scalerOf(f, pgbouncer)
		if (got != nil) != c.found || strings.Join(f.waits, "; ") != c.waits {
			t.Errorf("%s: %s\nfound %v, waits for %q; want %v, %q", label, c.reason, got != nil, f.waits, c.found, c.waits)
		}
	}
	hidden := bouncer()
	hidden.Inputs = set(hidden.Inputs, []string{"metadata", "namespace"}, Unknown())
	f := &facts{}
	if NewModel(append(scaler(name), hidden)).scalerOf(f, hidden); f.complete() {
		t.Error("a PgBouncer whose namespace is an output is nobody's neighbor")
	}
}
