#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     (its source was read before the first run; what was believed until then) an error of the Collector's validation names the key as the file has it; a struct that is squashed into
#            another has no key, so that its fields are named as the other's own.
# Version:   confmap v1.71.0.
# Seen:      a squashed struct is a part of the path, by its field's name in small letters (stats::a of the file is said to
#            be options::stats::a), or by the name in its tag, which nothing else reads. An embedded struct that is not
#            exported is decoded all the same, but neither validated nor, by print-config, written.
# For us:    no shape of a configuration struct keeps both: errors that name keys, and options that stand once for several
#            components. Our programs reword the paths (cmd/headcount/command/paths.go); in a Collector that others build
#            the path has the part, as it has clientconfig for every component that squashes confighttp's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/squashed

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/confmap"
)

type stat struct {
	Every int `mapstructure:"every"`
}

func (stat) Validate() error { return errors.New("wrong") }

type Options struct {
	Stats map[string]stat `mapstructure:"stats"`
}

type options = Options

type plain struct {
	Options `mapstructure:",squash"`
}

type named struct {
	Options `mapstructure:"something,squash"`
}

type unexported struct {
	options `mapstructure:",squash"`
}

func main() {
	file := map[string]any{"stats": map[string]any{"a": map[string]any{"every": 7}}}
	for _, config := range []any{&plain{}, &named{}, &unexported{}} {
		if err := confmap.NewFromStringMap(file).Unmarshal(config); err != nil {
			panic(err)
		}
		written := confmap.New()
		if err := written.Marshal(config); err != nil {
			panic(err)
		}
		fmt.Printf("%T | %v | %v | %v\n", config, config, confmap.Validate(config), written.ToStringMap())
	}
}
GO
go get go.opentelemetry.io/collector/confmap@v1.71.0 2>/dev/null
go mod tidy 2>/dev/null
echo "type | decoded | error | written"
go run . | tee seen
diff seen - <<'WANT'
*main.plain | &{{map[a:{7}]}} | options::stats::a: wrong | map[stats:map[a:map[every:7]]]
*main.named | &{{map[a:{7}]}} | something::stats::a: wrong | map[stats:map[a:map[every:7]]]
*main.unexported | &{{map[a:{7}]}} | <nil> | map[]
WANT
