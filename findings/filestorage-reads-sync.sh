#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     (not written down before: our own start showed it) the Collector's file storage answers a Get from a read
#            transaction: whatever `fsync` says, reading writes nothing.
# Version:   contrib's extension/storage/filestorage v0.165.1 on Linux.
# Seen:      with `fsync: true` a Get syncs the file twice, as a Set does, also of a key that is not there: a hundred Gets
#            are two hundred syncs. A hundred Gets in one Batch are two.
# For us:    a component that looks up its keys one by one at the start waits for the disk at each of them (our ledger's 512
#            entries: a thousand syncs). Read in batches, and once; and our file_storage ends each reading with a write
#            that bbolt refuses, so that it is rolled back.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/reads

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

func main() {
	ctx := context.Background()
	factory := filestorage.NewFactory()
	config := factory.CreateDefaultConfig().(*filestorage.Config)
	config.Directory, config.FSync = os.Args[1], true
	made, err := factory.Create(ctx, extensiontest.NewNopSettings(factory.Type()), config)
	must(err)
	must(made.Start(ctx, componenttest.NewNopHost()))
	client, err := made.(storage.Extension).GetClient(ctx, component.KindExporter, component.MustNewID("reads"), "")
	must(err)

	must(client.Set(ctx, "key", []byte("value")))
	switch os.Args[2] {
	case "get":
		for range 100 {
			value, err := client.Get(ctx, "key")
			must(err)
			if string(value) != "value" {
				panic("not the value")
			}
		}
	case "absent":
		for i := range 100 {
			_, err := client.Get(ctx, strconv.Itoa(i))
			must(err)
		}
	case "batch":
		var gets []*storage.Operation
		for range 100 {
			gets = append(gets, storage.GetOperation("key"))
		}
		must(client.Batch(ctx, gets...))
	}
	must(client.Close(ctx))
	must(made.Shutdown(ctx))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
GO
go get github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage@v0.165.1 2>/dev/null
go mod tidy 2>/dev/null
go build -o reads .

# syncs prints how often a run synced a file.
syncs() {
  mkdir "$1"
  strace -f -qq -e trace=fsync,fdatasync -o "$1.trace" ./reads "$1" "$1"
  grep -c 'sync(' "$1.trace"
}
none=$(syncs none)
get=$(($(syncs get) - none))
absent=$(($(syncs absent) - none))
batch=$(($(syncs batch) - none))
echo "syncs of 100 Gets: $get; of 100 Gets of keys that are not there: $absent; of 100 Gets in one Batch: $batch"
[ "$get $absent $batch" = "200 200 2" ]
