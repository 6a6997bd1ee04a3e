# Headroom: the commands that people and CI run. `make` lists them.
SHELL := /bin/bash
STACK ?= prod
GO ?= go
# Built tools stay outside the tree and outlive it; one folder per version.
TOOLS ?= $(shell $(GO) env GOCACHE)/headroom-tools
LINT := $(TOOLS)/golangci-lint
FUZZTIME ?= 20s

.DEFAULT_GOAL := help
.PHONY: help preview plan test e2e bench lint fmt golden fuzz soak

help: ## list the commands
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preview: ## the real engine's preview of STACK (default prod) with stand-in providers, policy result and plan
	@echo "building the preview (the first time compiles the Pulumi SDKs: some minutes)" >&2
	@$(GO) build -o $(TOOLS)/preview ./cmd/preview
	@$(TOOLS)/preview --stack $(STACK) $(ARGS)

plan: ## every number of STACK and whether they fit together, in milliseconds
	@$(GO) run ./cmd/headroom plan --stack $(STACK) $(ARGS)

test: ## unit, property, golden and real-engine tests; needs only Go, git and make
	$(GO) vet ./...
	$(GO) test ./...

e2e: ## preview, up, no-change preview and destroy of every stack on the real engine
	$(GO) test -count=1 -v -run Engine ./tests/engine/...

bench: ## the benchmark table
	$(GO) test -run '^$$' -bench . -benchtime 1x -count 5 ./cmd/headroom ./tests/engine
	$(GO) test -run '^$$' -bench . ./capacity/... ./policies/...

lint: $(LINT) ## formatting and static checks
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(LINT) run ./...

$(LINT): tools/golangci-lint/go.mod
	@echo "building golangci-lint from source (some minutes the first time)" >&2
	cd tools/golangci-lint && $(GO) build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

golden: ## rewrite golden files and generated docs; look at the diff before you commit
	-$(GO) test ./capacity/... ./schema ./components/... ./stacks ./cmd/headroom ./tests/docs -update >/dev/null
	git status --short

fuzz: ## fuzz what reads input, FUZZTIME each
	$(GO) test ./capacity/spec -run '^$$' -fuzz FuzzDecodeFile -fuzztime $(FUZZTIME)
	$(GO) test ./capacity/baseline -run '^$$' -fuzz FuzzDecode -fuzztime $(FUZZTIME)

soak: ## long fuzz runs
	$(MAKE) fuzz FUZZTIME=30m
