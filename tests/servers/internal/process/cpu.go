//go:build linux

package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ticks per second of the times in /proc: USER_HZ, which is 100 on every
// architecture that Go knows (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, 2026-11).
const ticks = 100

// stat is what the kernel counts for one process.
type stat struct {
	parent int
	// cpu of the process, and of children that have ended, in ticks.
	cpu uint64
	// pages that are resident.
	pages int64
}

// CPUSeconds that the program and all that it started have used so far.
func (p *Process) CPUSeconds() (float64, error) {
	cpu, _, err := p.used()
	return cpu, err
}

// MemoryMiB that the program and all that it started have resident; what they
// share counts for each.
func (p *Process) MemoryMiB() (float64, error) {
	_, memory, err := p.used()
	return memory, err
}

func (p *Process) used() (cpuSeconds, memoryMiB float64, err error) {
	all := stats()
	if _, there := all[p.PID()]; !there {
		return 0, 0, fmt.Errorf("%s is gone", p.spec.Name)
	}
	var cpu uint64
	var pages int64
	for pid, s := range all {
		if descends(all, pid, p.PID()) {
			cpu, pages = cpu+s.cpu, pages+s.pages
		}
	}
	return float64(cpu) / ticks, float64(pages) * float64(os.Getpagesize()) / (1 << 20), nil
}

// Titles are the command lines, by process id, of all that the program started.
func (p *Process) Titles() map[int]string {
	all, titles := stats(), map[int]string{}
	for pid := range all {
		if pid != p.PID() && descends(all, pid, p.PID()) {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty once it has ended
			titles[pid] = string(text)
		}
	}
	return titles
}

// descends tells whether a process is another one or was started by it.
func descends(all map[int]stat, pid, from int) bool {
	for ; pid > 0; pid = all[pid].parent {
		if pid == from {
			return true
		}
	}
	return false
}

// stats of every process that can be read.
func stats() map[int]stat {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	out := make(map[int]stat, len(files))
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if text, err := os.ReadFile(file); err == nil { // it may have ended since
			out[pid] = parse(string(text))
		}
	}
	return out
}

// parse reads a line of proc_pid_stat(5). The name of the program, field 2, may hold
// anything and ends at the last parenthesis.
func parse(line string) stat {
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	number := func(field int) uint64 {
		if at := field - 3; at < len(fields) {
			n, _ := strconv.ParseUint(fields[at], 10, 64)
			return n
		}
		return 0
	}
	return stat{parent: int(number(4)), cpu: number(14) + number(15) + number(16) + number(17), pages: int64(number(24))}
}
