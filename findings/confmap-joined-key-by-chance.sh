#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     (not written down before: it was seen beside another check) a key that is written as a::b counts as b under
#            a, and a later file's wins over an earlier file's, wherever it stands.
# Version:   confmap, fileprovider v1.71.0, koanf/maps v0.1.3.
# Seen:      At the top of a file it does: 2,000 of 2,000. One level below, under `processors:`, a later file's
#            `batch::timeout: 2s` wins over the earlier file's `batch: {timeout: 1s}` in 1,744 of 2,000 starts, and is
#            lost in the other 256, without an error. koanf takes keys apart at the top of what is loaded only (Unflatten);
#            below it, both stay side by side until the whole is flattened for decoding, where both have one name, and the
#            one that Go's map yields last stays.
# For us:    a site's wish to send less could be lost at one start and hold at the next. The distribution refuses such a
#            key below the top; Collectors that others build have no such check, so write one key a line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/joined

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
)

// outcomes counts what the timeout is when the two files are resolved anew.
func outcomes(later string) map[any]int {
	seen := map[any]int{}
	for range 2000 {
		r, err := confmap.NewResolver(confmap.ResolverSettings{
			URIs:              []string{"file:earlier.yaml", "file:" + later},
			ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()},
		})
		if err != nil {
			log.Fatal(err)
		}
		conf, err := r.Resolve(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		var decoded struct {
			Processors struct {
				Batch struct {
					Timeout string `mapstructure:"timeout"`
				} `mapstructure:"batch"`
			} `mapstructure:"processors"`
		}
		if err := conf.Unmarshal(&decoded); err != nil {
			log.Fatal(err)
		}
		seen[decoded.Processors.Batch.Timeout]++
	}
	return seen
}

func main() {
	fmt.Println(len(outcomes("top.yaml")), len(outcomes("nested.yaml")), len(outcomes("plain.yaml")))
	for _, later := range []string{"top.yaml", "nested.yaml", "plain.yaml"} {
		fmt.Println(later, outcomes(later))
	}
}
GO
echo 'processors: {batch: {timeout: 1s}}' >earlier.yaml
echo 'processors::batch::timeout: 2s' >top.yaml
echo 'processors: {"batch::timeout": 2s}' >nested.yaml
echo 'processors: {batch: {timeout: 2s}}' >plain.yaml
go get go.opentelemetry.io/collector/confmap@v1.71.0 go.opentelemetry.io/collector/confmap/provider/fileprovider@v1.71.0 github.com/knadh/koanf/maps@v0.1.3 2>/dev/null
go mod tidy 2>/dev/null
go run . | tee seen
[ "$(head -1 seen)" = "1 2 1" ]
