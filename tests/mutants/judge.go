package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long tests may take under a mutant. Longer counts as noticed:
// the mutant made something endless.
const patience = 10 * time.Minute

// judge runs the tests of a binary under each mutant.
type judge struct {
	binary, folder string
	// first are the quick tests that notice most; skip are never run.
	first, skip string
	// with are further flags; what tests leave behind, such as the failures that
	// rapid keeps, must not fail those of the next mutant.
	with []string
	done atomic.Int64
}

// notices says whether any test fails while a mutant lives.
func (j *judge) notices(id int) (bool, error) {
	if j.first != "" {
		failed, err := j.fails(id, "-test.run", j.first)
		if failed || err != nil {
			return failed, err
		}
	}
	if j.skip != "" {
		return j.fails(id, "-test.skip", j.skip)
	}
	return j.fails(id)
}

func (j *judge) fails(id int, args ...string) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, j.binary, append(append(args, "-test.failfast"), j.with...)...)
	cmd.Dir = j.folder
	cmd.Env = append(os.Environ(), variable+"="+strconv.Itoa(id))
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return true, nil
	}
	return false, err
}

// survivors are the mutants that no test notices.
func (j *judge) survivors(all []mutant, jobs int) ([]mutant, error) {
	noticed := make([]bool, len(all))
	errs := make([]error, len(all))
	var group sync.WaitGroup
	slots := make(chan struct{}, jobs)
	for i, m := range all {
		slots <- struct{}{}
		group.Go(func() {
			noticed[i], errs[i] = j.notices(m.id)
			j.done.Add(1)
			<-slots
		})
	}
	group.Wait()
	var found []mutant
	for i, m := range all {
		if !noticed[i] {
			found = append(found, m)
		}
	}
	return found, errors.Join(errs...)
}
