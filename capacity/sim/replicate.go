package sim

import (
	"context"
	"errors"
	"sync"
)

// Replicate runs a scenario once per seed, several at a time. Results are in the
// order of the seeds and do not depend on the number of workers. Progress, when
// not nil, is told after every run, from one goroutine at a time.
func Replicate(ctx context.Context, s Scenario, seeds []uint64, workers int, progress func(done, all int)) ([]Result, error) {
	if len(seeds) == 0 {
		return nil, errors.New("seeds: at least one is needed")
	}
	results, errs := make([]Result, len(seeds)), make([]error, len(seeds))
	jobs := make(chan int)
	var wait sync.WaitGroup
	var tell sync.Mutex
	done := 0
	for range min(max(1, workers), len(seeds)) {
		wait.Go(func() {
			for i := range jobs {
				one := s
				one.Seed = seeds[i]
				results[i], errs[i] = Run(one)
				tell.Lock()
				if done++; progress != nil {
					progress(done, len(seeds))
				}
				tell.Unlock()
			}
		})
	}
	err := feed(ctx, jobs, len(seeds))
	wait.Wait()
	return results, errors.Join(append(errs, err)...)
}

// feed hands out the jobs until the context ends.
func feed(ctx context.Context, jobs chan<- int, n int) error {
	defer close(jobs)
	for i := range n {
		select {
		case jobs <- i:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
