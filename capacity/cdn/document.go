package cdn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// document is a JSON object whose members keep their order and their text: what
// is not ours must come out as it went in.
type document []member

type member struct {
	key   string
	value json.RawMessage
}

// UnmarshalJSON reads an object.
func (d *document) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	switch open, err := decoder.Token(); {
	case err != nil:
		return err
	case open != json.Delim('{'):
		return errors.New("not a JSON object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		m := member{key: fmt.Sprint(key)}
		if d.get(m.key) != nil {
			return fmt.Errorf("key %q stands twice", m.key)
		}
		if err := decoder.Decode(&m.value); err != nil {
			return err
		}
		*d = append(*d, m)
	}
	if _, err := decoder.Token(); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows the JSON object")
	}
	return nil
}

// get is the value of a key, nil when there is none.
func (d *document) get(key string) json.RawMessage {
	for _, m := range *d {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// set changes a member in its place, or adds it at the end.
func (d *document) set(key string, value []byte) {
	for i, m := range *d {
		if m.key == key {
			(*d)[i].value = value
			return
		}
	}
	*d = append(*d, member{key, value})
}

// text is the object. It escapes nothing that was not escaped.
func (d *document) text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range *d {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(plain(m.key))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// plain encodes what has no text yet, without escapes for HTML.
func plain(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte("null") // Only text and entries are written, which always encode.
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// listOf joins values to a list.
func listOf(values []json.RawMessage) []byte {
	parts := make([][]byte, len(values))
	for i, v := range values {
		parts[i] = v
	}
	return append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
}
