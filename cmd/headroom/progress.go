package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress says on stderr that long work goes on: after two seconds, and then
// every two on a terminal and every ten elsewhere.
type progress struct {
	out      io.Writer
	what     string
	next     time.Time
	every    time.Duration
	terminal bool
}

func newProgress(out io.Writer, what string) *progress {
	p := &progress{out: out, what: what, next: time.Now().Add(2 * time.Second), every: 10 * time.Second, terminal: isTerminal(out)}
	if p.terminal {
		p.every = 2 * time.Second
	}
	return p
}

// tell reports how much is done. It is called from one goroutine at a time.
func (p *progress) tell(done, all int) { p.say("%d of %d", done, all) }

// bytes reports how much was read of what has no known end.
func (p *progress) bytes(n int64) { p.say("%d MB", n/1e6) }

func (p *progress) say(format string, args ...any) {
	if time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(p.every)
	text := p.what + ": " + fmt.Sprintf(format, args...)
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s ", text)
		return
	}
	fmt.Fprintln(p.out, text)
}

// end leaves the line of a terminal.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// bar is progress through several stages, drawn on a terminal.
type bar struct {
	*progress
	started time.Time
}

func newBar(out io.Writer) *bar {
	b := &bar{newProgress(out, ""), time.Now()}
	if b.terminal {
		b.every = 200 * time.Millisecond
	}
	return b
}

// barWidth in characters.
const barWidth = 30

func (b *bar) tell(stage string, done, all int) {
	b.what = stage
	if !b.terminal || all <= 0 {
		b.progress.tell(done, all)
		return
	}
	if time.Now().Before(b.next) {
		return
	}
	b.next = time.Now().Add(b.every)
	full := min(barWidth, barWidth*done/all)
	fmt.Fprintf(b.out, "\r%-10s [%s%s] %d of %d, %.0f s ", stage, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), done, all, time.Since(b.started).Seconds())
}
