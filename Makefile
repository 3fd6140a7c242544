# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

SHELL := bash
TOOL := go tool -modfile=tools/go.mod
BINARY := _build/headcount
MAKERS := _build/headcount-makers
# A program says of which commit it is, where git can be asked.
VCS := $(shell git status >/dev/null 2>&1 && echo true || echo false)
# Sources without git, or of another owner, rebuild as well: then every file counts.
SOURCES := $(shell git ls-files '*.go' 'apps/*.yaml' '*.css' '*.js' '*.html' 'collect/*.json' 'cmd/*/go.*' go.mod go.sum 2>/dev/null | grep . || \
  find . -path ./_build -prune -o \( -name '*.go' -o -name '*.yaml' -o -name '*.css' -o -name '*.js' -o -name '*.html' -o -name '*.json' -o -name go.mod -o -name go.sum \) -print)

.PHONY: help run build makers test check packages parity lint generate tidy bench prove release verify-release clean servers
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: build ## Build, then show what a real installation would send, beside what it looks like raw
	@rm -rf _build/demo
	@echo "All of this stays on this machine, so it is shown also where DO_NOT_TRACK is set. Ctrl-C ends it."
	@env -u DO_NOT_TRACK -u HEADCOUNT_MODE HEADCOUNT_STATE_DIR=_build/demo DATABASE_URL=sqlite:///testdata/golden/02-typical/app.sqlite3 \
	  DEBUG=True EXPLORER_CHARTS_ENABLED=True EXPLORER_TRANSFORM_COUNT=2 \
	  $(BINARY) --config app:sql-explorer --config app:demo

build: $(BINARY) ## Build the operator's program into _build/headcount

makers: $(MAKERS) ## Build the makers' program, with Prometheus, Kafka and ClickHouse, into _build/headcount-makers

# Functions begin at 16 bytes, and what makes the page's elements, knows PostgreSQL's types and declares protobuf's messages is called and not copied: a fortieth of the program.
SMALL := -gcflags=maragu.dev/gomponents/...=-l -gcflags=github.com/jackc/pgx/v5/pgtype=-l -gcflags=google.golang.org/protobuf/...=-l -ldflags '-s -w -funcalign=16'

$(BINARY) $(MAKERS): _build/%: $(SOURCES)
	@echo "Building $*: some minutes the first time, seconds afterwards"
	@cd cmd/$* && CGO_ENABLED=0 go build -tags grpcnotrace -buildvcs=$(VCS) -mod=mod -trimpath $(SMALL) -o ../../$@ .
	@touch $@

test: build makers ## Run all tests; what they lack is skipped, and listed at the end
	.ci/test

check: ## A quick answer while developing: vet, lint and the tests of the packages that differ from main
	.ci/check

packages: ## Install the Debian packages with which every test runs; lists them first, starts no service
	.ci/packages

parity: build ## Compare with what the real sql-explorer reports, in each version on each database
	HEADCOUNT_PARITY=1 HEADCOUNT_PROGRAMS=$${HEADCOUNT_PROGRAMS:-use} go test -v -count 1 -timeout 30m -parallel 4 -run TestParity ./parity

servers: ## Run the readings' tests on other majors of PostgreSQL and MariaDB, from Maven's artifacts
	.ci/servers

lint: ## Check formatting, code and known vulnerabilities
	.ci/lint

generate: ## Make the generated files anew; the two programs' from builder-config*.yaml
	go generate ./...
	.ci/status
	.ci/distribution

tidy: ## Bring the module files in order
	go mod tidy
	cd bench && go mod tidy
	cd docs/deploying && go mod tidy
	cd docs/deploying/helm && go mod tidy
	cd tools/image && go mod tidy
	cd examples/go-app && go mod tidy
	cd examples/go-app-otlp && go mod tidy
	cd examples/otlp && go mod tidy

bench: build ## Measure against peers, some twenty minutes; makes the table of bench/README.md
	cd bench && go test ./... && go run ./table

prove: build makers ## The long variants of the proofs, with new seeds, and three million inputs for each fuzz target
	.ci/prove ./anonymizer/... ./e2e/... ./internal/draft ./oblivious/... ./receiver/appusagereceiver/...
	go run ./internal/faults
	.ci/mutants
	.ci/fuzz 3000000
	.ci/package-test
	cd tools/image && HEADCOUNT_PROVE=1 HEADCOUNT_PROGRAMS=$${HEADCOUNT_PROGRAMS:-use} go test -v ./...
	cd docs/deploying/helm && go test ./...
	.ci/wine
	.ci/bare

release: ## Build for Linux, macOS and Windows into _build/release: archives, notices, bills of materials; packages; images
	.ci/release
	.ci/packaged
	.ci/images

verify-release: ## Build what lies in _build/release once more, in a fresh clone, and compare byte for byte
	.ci/verify-release

clean: ## Remove what was built
	rm -rf _build
