// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package checkconverter is a config converter that changes nothing: it reads
// the whole configuration and warns of mistakes that span components, which no
// component can see alone.
package checkconverter // import "github.com/headcount-otel/headcount/checkconverter"

import (
	"context"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/collector/confmap"
)

// NewFactory makes the factory of the converter. Its warnings go to standard
// error: the Collector's own log is not open yet, and under `validate` never is.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return converter{os.Stderr} })
}

type converter struct {
	out io.Writer
}

// Convert implements confmap.Converter. It never fails: what it cannot read, the component itself will refuse.
func (c converter) Convert(_ context.Context, conf *confmap.Conf) error {
	for _, warning := range check(conf) {
		fmt.Fprintln(c.out, "warning:", warning)
	}
	return nil
}

func check(section *confmap.Conf) []string {
	var s site
	if section.Unmarshal(&s, confmap.WithIgnoreUnused()) != nil {
		return nil
	}
	var warnings []string
	for _, f := range []func(*site) []string{unknownExtensions, unmarkedPipelines, unreachableFields, unusedMetrics, unheardFigures} {
		warnings = append(warnings, f(&s)...)
	}
	return warnings
}
