package cdn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Merge puts the headers of a rendered vercel.json into one that exists. Only
// caching headers are Headroom's: every other key, and every other header, stays
// as it is. The entries of others come first, because the last match wins.
func (v Vercel) Merge(existing []byte) ([]byte, error) {
	var file document
	if err := json.Unmarshal(existing, &file); err != nil {
		return nil, fmt.Errorf("not a vercel.json: %w", err)
	}
	entries, err := others(&file)
	if err != nil {
		return nil, err
	}
	for _, e := range v.Headers {
		entries = append(entries, plain(e))
	}
	file.set("headers", listOf(entries))
	var out bytes.Buffer
	if err := json.Indent(&out, file.text(), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// others are the entries of a file without the headers that Headroom owns.
func others(file *document) ([]json.RawMessage, error) {
	raw := file.get("headers")
	if raw == nil {
		return nil, nil
	}
	var entries []document
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("headers: not a list of entries: %w", err)
	}
	var kept []json.RawMessage
	for i, entry := range entries {
		rest, err := foreign(&entry)
		if err != nil {
			return nil, fmt.Errorf("headers[%d]: %w", i, err)
		}
		if rest != nil {
			kept = append(kept, rest)
		}
	}
	return kept, nil
}

// foreign is an entry without caching headers; nil when it had no others.
func foreign(entry *document) (json.RawMessage, error) {
	raw := entry.get("headers")
	if raw == nil {
		return nil, errors.New("has no headers")
	}
	var headers []json.RawMessage
	if err := json.Unmarshal(raw, &headers); err != nil {
		return nil, fmt.Errorf("headers: not a list: %w", err)
	}
	var kept []json.RawMessage
	for _, h := range headers {
		var one VercelHeader
		if err := json.Unmarshal(h, &one); err != nil {
			return nil, fmt.Errorf("headers: %w", err)
		}
		if !slices.ContainsFunc(VercelNames(), func(n string) bool { return strings.EqualFold(n, one.Key) }) {
			kept = append(kept, h)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	entry.set("headers", listOf(kept))
	return entry.text(), nil
}
