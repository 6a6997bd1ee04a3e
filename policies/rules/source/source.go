package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agencyos/headroom/policies/rules"
)

// MaxBytes bounds one input. A state of thousands of resources is a tenth of it.
const MaxBytes = 64 << 20

// ErrNothing says that an input holds no resource that could be judged.
var ErrNothing = errors.New("holds neither Kubernetes objects nor a preview nor a state export")

// Read tells the form of an input by its content. Name is the file, and begins
// the URN of every object that has none of its own.
func Read(name string, data []byte) ([]rules.Resource, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("is %d MiB: at most %d are read", len(data)>>20, MaxBytes>>20)
	}
	// The byte order mark that some editors and shells put first is no content.
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) > 0 && data[0] == '{' {
		if all, ok, err := engine(data); ok || err != nil {
			return all, err
		}
	}
	return manifests(name, data)
}

// engine reads JSON that the Pulumi CLI wrote; ok says that it is such.
func engine(data []byte) (all []rules.Resource, ok bool, err error) {
	var form map[string]json.RawMessage
	// One object of YAML in flow style begins alike; it fills no form.
	_ = json.Unmarshal(data, &form)
	switch {
	case form["steps"] != nil:
		all, err = preview(data)
	case form["deployment"] != nil:
		all, err = export(data)
	default:
		return nil, false, nil
	}
	return all, true, err
}
