package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serves NAME FILE: what a running system answers, until the script ends. FILE is a
// JSON object: an answer by a part of the path and query of the request, the longest
// that fits; everything else is not found. $NAME is the address, and NAME.kubeconfig
// has a context prod of it.
func serves(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: serves name file")
	}
	var answers map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &answers))
	server := httptest.NewServer(answering(answers))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".kubeconfig"), []byte(`{"apiVersion":"v1","kind":"Config","current-context":"prod",
		"clusters":[{"name":"prod","cluster":{"server":"`+server.URL+`"}}],"users":[{"name":"me","user":{}}],
		"contexts":[{"name":"prod","context":{"cluster":"prod","user":"me"}}]}`), 0o600))
}

// answering gives each request the answer with the longest key in it. An answer with
// a code is an error of that status.
func answering(answers map[string]json.RawMessage) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked, found := r.URL.Path+"?"+r.FormValue("query"), ""
		for key := range answers {
			if strings.Contains(asked, key) && len(key) > len(found) {
				found = key
			}
		}
		w.Header().Set("Content-Type", "application/json")
		answer, status := answers[found], http.StatusOK
		if found == "" {
			answer = []byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"the server could not find the requested resource","code":404}`)
		}
		var failed struct{ Code int }
		if json.Unmarshal(answer, &failed) == nil && failed.Code > 0 {
			status = failed.Code
		}
		w.WriteHeader(status)
		_, _ = w.Write(slices.Clone(answer)) // the client reads it
	}
}
