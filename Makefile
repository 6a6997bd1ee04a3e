# Headroom: the commands that people and CI run. `make` lists them.
SHELL := /bin/bash
STACK ?= prod
GO ?= go
# Built tools stay outside the tree and outlive it; beside the Pulumi CLI that the preview builds.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/headroom/bin
LINT := $(TOOLS)/golangci-lint
ACTIONLINT := $(TOOLS)/actionlint
VULN := $(TOOLS)/govulncheck
SBOM := $(TOOLS)/cyclonedx-gomod
GORELEASER := $(TOOLS)/goreleaser
# One cache for each checkout: the linter's common one shows a checkout the findings of another.
export GOLANGCI_LINT_CACHE ?= $(CURDIR)/bin/lint
FUZZTIME ?= 20000x
POSTGRES := tools/postgres/node_modules/.package-lock.json
EXPORTERS := $(addprefix $(TOOLS)/,postgres_exporter pgbouncer_exporter redis_exporter node_exporter blackbox_exporter kube-state-metrics prometheus-adapter yace)

# patiently runs a long command and says every 15 s that it is still at work.
define patiently
@$(2) & pid=$$!; n=0; while kill -0 $$pid 2>/dev/null; do sleep 0.2; n=$$((n+1)); \
  if [ $$((n % 75)) -eq 10 ]; then echo "$(1) ($$((n / 5)) s)" >&2; fi; done; wait $$pid
endef

.DEFAULT_GOAL := help
.PHONY: examples help preview plan test e2e servers cluster servers-install bench lint fmt golden fuzz oracle rules soak \
  report vuln build sbom release release-check state-version stack-preview stack-up stack-drift stack-verify

help: ## list the commands
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preview: ## the real engine's preview of STACK (default prod) with stand-in providers; FROM=HEAD~1 on top of a revision, LIVE=dir on what is live
	$(call patiently,compiling the preview with the Pulumi SDKs: minutes the first time and seconds after that,$(GO) build -o bin/preview ./cmd/preview)
	@bin/preview --stack $(STACK) $(if $(FROM),--from $(FROM)) $(if $(LIVE),--live $(LIVE)) $(ARGS)

plan: ## every number of STACK and whether they fit together, in milliseconds
	@$(GO) run ./cmd/headroom plan --stack $(STACK) $(ARGS)

test: ## unit, property, golden and real-engine tests; needs only Go, git and make
	$(GO) vet ./...
	$(GO) test -timeout 30m ./...

e2e: servers cluster ## preview, up, no-change preview and destroy of every stack on the real engine, servers, and the promises on a control plane
	$(GO) test -count=1 -v ./tests/engine/...

servers: $(POSTGRES) $(EXPORTERS) ## real load generators, Prometheus, its exporters and adapter, PostgreSQL, PgBouncer, Redis, nginx and a backend; make servers-install has what they need
	$(call patiently,building k6 and loading a server with it: minutes,HEADROOM_E2E=1 $(GO) test -count=1 -v -p 1 -timeout 45m ./tests/servers/...)
	cd tests/servers/exporters && HEADROOM_E2E=1 $(GO) test -count=1 -v -timeout 30m .

# Each is the program of a module under tools.
$(EXPORTERS): $(TOOLS)/%: tools/%/go.mod
	$(call patiently,compiling $*: minutes the first time,cd tools/$* && $(GO) build -o $@ tool)

cluster: ## what the plan promises, measured on a real control plane: a table (apt-get install prometheus)
	$(call patiently,building Kubernetes: minutes the first time,HEADROOM_E2E=1 $(GO) test -count=1 -timeout 3h -run TestBuild ./tests/cluster)
	HEADROOM_E2E=1 $(GO) test -count=1 ./tests/cluster ./tests/cluster/traffic
	@mkdir -p bin && rm -f bin/promises.txt
	$(call patiently,measuring on a control plane: nine to twelve minutes,{ HEADROOM_E2E=1 $(GO) test -count=1 -parallel 64 -timeout 30m ./tests/cluster/promises -promises.table=$(CURDIR)/bin/promises.txt; result=$$?; cat bin/promises.txt; exit $$result; })

# PostgreSQL 14 and 16 to 18; 15 is Debian's.
$(POSTGRES): tools/postgres/package-lock.json
	cd tools/postgres && npm ci --ignore-scripts --no-fund --no-audit && for p in node_modules/postgres-*; do (cd $$p && node scripts/hydrate-symlinks.js) || exit 1; done

bench: ## the benchmark table
	$(GO) test -run '^$$' -bench . -benchtime 1x -count 5 ./cmd/headroom ./tests/engine
	$(GO) test -run '^$$' -bench . ./capacity/... ./policies/...

servers-install: ## Debian's packages that the servers' tests drive
	.ci/debian

lint: $(LINT) $(ACTIONLINT) ## formatting and static checks, of the workflows too
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(LINT) run --allow-parallel-runners ./...
	$(ACTIONLINT)

$(LINT): tools/golangci-lint/go.mod
	$(call patiently,compiling golangci-lint: minutes the first time,cd tools/golangci-lint && $(GO) build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint)

# Tools whose program is not called as the folder of its module, or takes minutes.
$(ACTIONLINT): tools/actionlint/go.mod
	cd tools/actionlint && $(GO) build -o $@ github.com/rhysd/actionlint/cmd/actionlint
$(VULN): tools/govulncheck/go.mod
	cd tools/govulncheck && $(GO) build -o $@ golang.org/x/vuln/cmd/govulncheck
$(SBOM): tools/sbom/go.mod
	cd tools/sbom && $(GO) build -o $@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
$(GORELEASER): tools/goreleaser/go.mod
	$(call patiently,compiling goreleaser: minutes the first time,cd tools/goreleaser && $(GO) build -o $@ github.com/goreleaser/goreleaser/v2)

vuln: $(VULN) ## known vulnerabilities of what the program calls
	@.ci/vuln $(VULN) $(ARGS)

report: ## what a pull request moves against BASE (default main), as Markdown, HTML and SARIF in bin/report
	@.ci/report $(or $(BASE),main) $(STACKS)

# The same flags as in .goreleaser.yaml: two builds of one revision are one binary.
build: ## bin/headroom as it is released
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -buildid=' -o bin/headroom ./cmd/headroom

sbom: $(SBOM) build ## the bill of materials of bin/headroom, in bin/sbom.json
	$(SBOM) bin -json -noserial -version "$$(git describe --always --dirty)" -output bin/sbom.json bin/headroom

release-check: sbom ## whether a release could be made: its configuration, the bill of materials, equal builds
	cd tools/goreleaser && $(GO) run ./config ../../.goreleaser.yaml
	$(GO) test -count=1 ./tests/release

release: $(GORELEASER) $(SBOM) ## what a tag releases; needs GITHUB_TOKEN
	PATH="$(TOOLS):$$PATH" $(GORELEASER) release --clean

# With accounts: what CI runs after it has taken a role. PACK is the folder of the
# policy pack, which for a pull request is that of the base branch.
PACK ?= policies
PULUMI_VERSION := $(shell sed -n 's/.*pulumi\/pkg\/v3 v\([0-9.]*\).*/\1/p' tools/pulumi/go.mod)
state-version: ## refuses a state of STACK that a newer Pulumi wrote
	@set -o pipefail; pulumi stack export -s $(STACK) | .ci/state-version $(PULUMI_VERSION)

stack-preview: ## pulumi preview of STACK with the policy pack PACK
	pulumi preview -s $(STACK) --non-interactive --diff --policy-pack $(PACK)

stack-up: ## pulumi up of STACK with the policy pack
	pulumi up -s $(STACK) --non-interactive --yes --policy-pack $(PACK)

stack-drift: ## fails when what STACK declares was changed by hand
	pulumi preview -s $(STACK) --non-interactive --diff --refresh --expect-no-changes --policy-pack $(PACK)

stack-verify: ## what runs of STACK, in the EKS cluster CLUSTER, against what was proven
	aws eks update-kubeconfig --name "$(CLUSTER)" --kubeconfig bin/kubeconfig
	$(GO) run ./cmd/headroom verify --stack $(STACK) --kubeconfig bin/kubeconfig

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

golden: ## rewrite golden files and generated docs; look at the diff before you commit
	-$(GO) test ./capacity/... ./schema ./components/... ./stacks ./policies/rules ./policies/rules/report ./tests/docs -update >/dev/null
	git status --short

# Counts of inputs, not durations: Go before 1.27 now and then reports a run that its deadline ends as failed
# (https://go.dev/issue/75804). And it spends up to a minute on making one interesting input smaller, in which a
# short run tries nothing else.
FUZZ := -run '^$$' -fuzzminimizetime 20x
fuzz: ## fuzz everything that reads input, FUZZTIME inputs each
	@set -eo pipefail; for file in $$(git grep -l '^func Fuzz' -- '*_test.go' ':!tests/oracle'); do \
	  for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
	    echo "$$name in $$(dirname $$file)"; $(GO) test ./$$(dirname $$file) $(FUZZ) -fuzztime $(FUZZTIME) -fuzz "^$$name$$" | grep -v '^fuzz: elapsed'; done; done

CLOSED := TestErlang|TestGeneralService|TestProcessorSharing|TestBalancers|TestTurnsAreNearlyChance|TestPoolWait
soak: ## long fuzz runs, simulations of 10⁷ requests against closed forms, every condition of the rules turned around, and alerts, headers and tags deleted
	$(GO) run ./tests/mutants -first '^TestFixtures$$' -with -rapid.nofailfile ./policies/rules
	HEADROOM_SOAK=1 $(GO) test ./tests/mutants -run Deletions -timeout 1h -v
	$(MAKE) fuzz FUZZTIME=2000000x
	$(GO) test ./capacity/sim/station -run '$(CLOSED)' -station.arrivals 1e7 -timeout 1h -v
	$(GO) test ./capacity/sim -run 'FidelitiesAgree|AnyScenario' -sim.long -rapid.checks 10000 -timeout 1h -v
	cd tests/oracle && $(GO) test -run Differential -timeout 1h -oracle.syncs 2000000 -oracle.seed 100000

rules: ## alerts and dashboards against Prometheus' own engine, custom resources against its operator
	cd tests/rules && $(GO) test ./...
	cd tests/operator && $(GO) test ./...

examples: ## the program that imports two components, in its own module
	cd examples/program && $(GO) vet ./... && $(GO) test ./...

oracle: ## the autoscaler model against the unmodified upstream controller
	cd tests/oracle && $(GO) test ./...
