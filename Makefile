# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

SHELL := bash
TOOL := go tool -modfile=tools/go.mod
BINARY := _build/headcount
SOURCES := $(shell git ls-files '*.go' 'apps/*.yaml' go.mod go.sum builder-config.yaml 2>/dev/null)

.PHONY: help run build test parity lint generate tidy bench prove clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: build ## Build, then show what a real installation would send, beside what it looks like raw
	@rm -rf _build/demo
	@HEADCOUNT_STATE_DIR=_build/demo DATABASE_URL=sqlite:///testdata/golden/02-typical/app.sqlite3 \
	  DEBUG=True EXPLORER_CHARTS_ENABLED=True EXPLORER_TRANSFORM_COUNT=2 \
	  $(BINARY) --config app:sql-explorer --config app:demo

build: $(BINARY) ## Build the distribution into _build/headcount

$(BINARY): $(SOURCES)
	@echo "Building the distribution: some minutes the first time, seconds afterwards"
	@$(TOOL) builder --config builder-config.yaml --skip-strict-versioning=false
	@touch $@

test: build ## Run all tests
	go vet ./...
	go test -race -timeout 14m $$(go list ./... | grep -v /parity)
	go test -timeout 5m ./anonymizer/...
	.ci/fuzz 3s

parity: build ## Compare with what the real sql-explorer reports, in each version on each database
	HEADCOUNT_PARITY=1 go test -v -count 1 -timeout 30m -run TestParity ./parity

lint: ## Check formatting, code and known vulnerabilities
	.ci/lint

generate: ## Make the generated files anew
	go generate ./...

tidy: ## Bring the module files in order
	go mod tidy
	cd bench && go mod tidy

bench: ## Measure against peers; the figures go to standard output
	cd bench && go test -run '^$$' -bench . -benchmem ./...

prove: build ## The long variants of the proofs, with new seeds, and ten minutes of each fuzz target
	.ci/prove ./anonymizer/... ./e2e/...
	.ci/fuzz 10m

clean: ## Remove what was built
	rm -rf _build
