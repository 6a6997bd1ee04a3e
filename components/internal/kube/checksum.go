package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// NoteChecksum on pods makes a change of their settings roll them: a running
// process does not read them again.
const NoteChecksum = "headroom.dev/config-checksum"

// Checksum identifies a configuration of one or more files.
func Checksum(files ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(files, "\x00")))
	return hex.EncodeToString(sum[:])[:16]
}
