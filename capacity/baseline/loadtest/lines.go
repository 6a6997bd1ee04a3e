package loadtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/agencyos/headroom/capacity/baseline"
)

// maxLine is the longest line of a results file: URLs and headers are in it.
const maxLine = 4 << 20

// mostProblems are told at once.
const mostProblems = 20

func at(line int) string { return fmt.Sprintf("line %d", line) }

// lines gives every line that is not empty to read, with its number, until there
// are too many problems. progress is told now and then how many bytes were read.
func lines(file io.Reader, progress func(int64), read func(number int, line []byte) *baseline.Problem) error {
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 0, 1<<20), maxLine)
	var found baseline.Problems
	number, bytesRead := 0, int64(0)
	for scanner.Scan() && len(found) < mostProblems {
		number++
		bytesRead += int64(len(scanner.Bytes())) + 1
		if progress != nil && number%4096 == 0 {
			progress(bytesRead)
		}
		line := bytes.TrimSpace(scanner.Bytes())
		if len(line) == 0 {
			continue
		}
		p := read(number, line)
		if p == nil {
			continue
		}
		if found = append(found, *p); number == 1 {
			return found // of something else altogether
		}
	}
	if err := scanner.Err(); err != nil {
		found = append(found, unreadable(number+1, err))
	}
	if len(found) > 0 {
		return found
	}
	return nil
}

// unreadable says why a file could not be read on.
func unreadable(line int, err error) baseline.Problem {
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return baseline.Problem{Path: at(line), Rule: fmt.Sprintf("must be at most %d bytes", maxLine), Fix: "give one JSON object per line"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return baseline.Problem{Path: at(line), Rule: "the compressed file is cut off or damaged", Fix: "copy it again, or run the test again"}
	}
	return baseline.Problem{Path: at(line), Rule: err.Error(), Fix: "check the file"}
}

// plain is the content of a file, uncompressed when it is gzip by its first bytes.
func plain(file io.Reader) (*bufio.Reader, error) {
	raw := bufio.NewReaderSize(file, 1<<16)
	if magic, _ := raw.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return raw, nil
	}
	inside, err := gzip.NewReader(raw)
	if err != nil {
		return nil, baseline.Problems{unreadable(1, err)}
	}
	return bufio.NewReaderSize(inside, 1<<16), nil
}

// clip keeps a value from filling the message.
func clip(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
