#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     (not written down before: a profile of our own start showed it) to take a configuration out of the Collector's
#            confmap costs what is in it: the same hundred values cost the same, however many maps they stand under.
# Version:   confmap v1.71.0, koanf/maps v0.1.3.
# Seen:      ToStringMap, Get of a section and what decodes a component copy each map whole, by reflection, and then each
#            map in it whole once more: a value is copied once for every map above it. Under sixteen maps a hundred values
#            take ten times the allocations (22,735) that they take at the top (2,372).
# For us:    a profile stands six to eight maps deep, and a start copies it a dozen times: these copies were half of the
#            processor's time of a start. A converter takes the section that it needs, not the whole, and takes it once.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/copies

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/collector/confmap"
)

// nested is a map of a hundred values under so many maps.
func nested(depth int) map[string]any {
	m := map[string]any{}
	for i := range 100 {
		m[fmt.Sprint("key", i)] = i
	}
	for range depth {
		m = map[string]any{"below": m}
	}
	return m
}

func main() {
	for _, depth := range []int{0, 16} {
		conf := confmap.NewFromStringMap(nested(depth))
		fmt.Println(int(testing.AllocsPerRun(100, func() { conf.ToStringMap() })))
	}
}
GO
go get go.opentelemetry.io/collector/confmap@v1.71.0 github.com/knadh/koanf/maps@v0.1.3 2>/dev/null
go mod tidy 2>/dev/null
mapfile -t allocations < <(go run .)
echo "allocations of a copy of a hundred values: at the top ${allocations[0]}, under sixteen maps ${allocations[1]}"
[ "${allocations[1]}" -gt $((5 * allocations[0])) ]
