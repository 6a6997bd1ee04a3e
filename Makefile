# Headroom: the commands that people and CI run. `make` lists them.
SHELL := /bin/bash
STACK ?= prod
GO ?= go
# Built tools stay outside the tree and outlive it; beside the Pulumi CLI that the preview builds.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/headroom/bin
LINT := $(TOOLS)/golangci-lint
# One cache for each checkout: the linter's common one shows a checkout the findings of another.
export GOLANGCI_LINT_CACHE ?= $(CURDIR)/bin/lint
FUZZTIME ?= 20s
POSTGRES := tools/postgres/node_modules/.package-lock.json

# patiently runs a long command and says every 15 s that it is still at work.
define patiently
@$(2) & pid=$$!; n=0; while kill -0 $$pid 2>/dev/null; do sleep 0.2; n=$$((n+1)); \
  if [ $$((n % 75)) -eq 10 ]; then echo "$(1) ($$((n / 5)) s)" >&2; fi; done; wait $$pid
endef

.DEFAULT_GOAL := help
.PHONY: help preview plan test e2e servers bench lint fmt golden fuzz oracle soak

help: ## list the commands
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preview: ## the real engine's preview of STACK (default prod) with stand-in providers; FROM=HEAD~1 on top of a revision, LIVE=dir on what is live
	$(call patiently,compiling the preview with the Pulumi SDKs: minutes the first time and seconds after that,$(GO) build -o bin/preview ./cmd/preview)
	@bin/preview --stack $(STACK) $(if $(FROM),--from $(FROM)) $(if $(LIVE),--live $(LIVE)) $(ARGS)

plan: ## every number of STACK and whether they fit together, in milliseconds
	@$(GO) run ./cmd/headroom plan --stack $(STACK) $(ARGS)

test: ## unit, property, golden and real-engine tests; needs only Go, git and make
	$(GO) vet ./...
	$(GO) test -timeout 30m ./...

e2e: servers ## preview, up, no-change preview and destroy of every stack on the real engine, and servers
	$(GO) test -count=1 -v ./tests/engine/...

servers: $(POSTGRES) ## real load generators, Prometheus, PostgreSQL, PgBouncer, Redis, nginx and a backend (apt-get install prometheus postgresql-15 postgresql-15-hypopg pgbouncer redis-server nginx-light varnish npm, and the packages of examples/backend/README.md)
	$(call patiently,building k6 and loading a server with it: minutes,HEADROOM_E2E=1 $(GO) test -count=1 -p 1 ./tests/servers/...)

# PostgreSQL 14 and 16 to 18; 15 is Debian's.
$(POSTGRES): tools/postgres/package-lock.json
	cd tools/postgres && npm ci --ignore-scripts --no-fund --no-audit && for p in node_modules/postgres-*; do (cd $$p && node scripts/hydrate-symlinks.js) || exit 1; done

bench: ## the benchmark table
	$(GO) test -run '^$$' -bench . -benchtime 1x -count 5 ./cmd/headroom ./tests/engine
	$(GO) test -run '^$$' -bench . ./capacity/... ./policies/...

lint: $(LINT) ## formatting and static checks
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(LINT) run --allow-parallel-runners ./...

$(LINT): tools/golangci-lint/go.mod
	$(call patiently,compiling golangci-lint: minutes the first time,cd tools/golangci-lint && $(GO) build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint)

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

golden: ## rewrite golden files and generated docs; look at the diff before you commit
	-$(GO) test ./capacity/... ./schema ./components/... ./stacks ./cmd/headroom ./policies/rules ./policies/rules/report ./tests/docs -update >/dev/null
	git status --short

# Go spends up to a minute on making one interesting input smaller, in which a short run tries nothing else.
FUZZ := -run '^$$' -fuzzminimizetime 20x
fuzz: ## fuzz everything that reads input, FUZZTIME each
	@set -eo pipefail; for file in $$(git grep -l '^func Fuzz' -- '*_test.go' ':!tests/oracle'); do \
	  for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
	    echo "$$name in $$(dirname $$file)"; $(GO) test ./$$(dirname $$file) $(FUZZ) -fuzztime $(FUZZTIME) -fuzz "^$$name$$" | grep -v '^fuzz: elapsed'; done; done

CLOSED := TestErlang|TestGeneralService|TestProcessorSharing|TestBalancers|TestTurnsAreNearlyChance|TestPoolWait
soak: ## long fuzz runs, and simulations of 10⁷ requests against closed forms
	$(MAKE) fuzz FUZZTIME=30m
	$(GO) test ./capacity/sim/station -run '$(CLOSED)' -station.arrivals 1e7 -timeout 1h -v
	$(GO) test ./capacity/sim -run 'FidelitiesAgree|AnyScenario' -sim.long -rapid.checks 10000 -timeout 1h -v
	cd tests/oracle && $(GO) test -run Differential -timeout 1h -oracle.syncs 2000000 -oracle.seed 100000

oracle: ## the autoscaler model against the unmodified upstream controller
	cd tests/oracle && $(GO) test ./...
