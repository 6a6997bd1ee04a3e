package edge

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/drift"
)

func TestHeaders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		switch {
		case r.Header.Get("Authorization") != "":
			w.Header().Set("Cache-Control", "private, no-store")
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/gone":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer server.Close()
	for path, c := range map[string]struct {
		reason, want, doubt string
	}{
		"/":      {"a good answer", "max-age=60", ""},
		"/moved": {"the address itself, not where it leads", "max-age=60", ""},
		"/gone":  {"an error proves nothing about good answers", "", "it answers 404"},
	} {
		var seen drift.Seen
		Headers(t.Context(), server.URL+path, &seen)
		want := map[drift.Setting]string{{Source: drift.Edge, Object: server.URL + path, Name: drift.SignedIn}: "private, no-store"}
		if c.want != "" {
			want[drift.Setting{Source: drift.Edge, Object: server.URL + path, Name: cdn.CacheControl}] = c.want
		}
		if diff := cmp.Diff(want, seen.Values); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", path, c.reason, diff)
		}
		if c.doubt == "" && len(seen.Doubts) > 0 || c.doubt != "" && (len(seen.Doubts) != 1 || !strings.Contains(seen.Doubts[0].Why, c.doubt)) {
			t.Errorf("%s: doubts %v", path, seen.Doubts)
		}
	}
	var seen drift.Seen
	Headers(t.Context(), "http://127.0.0.1:1/", &seen)
	if len(seen.Doubts) != 2 || len(seen.Values) > 0 {
		t.Errorf("nobody there: doubts %v, values %v", seen.Doubts, seen.Values)
	}
}
