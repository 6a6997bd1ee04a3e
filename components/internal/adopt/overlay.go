package adopt

import "maps"

// Over lays one map over another. Keys of ours that are no longer set go, those
// of others stay.
func Over(live, set map[string]string, ours ...string) map[string]string {
	out := maps.Clone(live)
	if out == nil {
		out = map[string]string{}
	}
	for _, key := range ours {
		delete(out, key)
	}
	maps.Copy(out, set)
	return out
}
