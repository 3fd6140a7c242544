// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package checkconverter is a config converter that changes nothing: it reads
// the whole configuration and warns of mistakes that span components, which no
// component can see alone.
package checkconverter // import "github.com/headcount-otel/headcount/checkconverter"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// NewFactory makes the factory of the converter. Its warnings go to standard
// error: the Collector's own log is not open yet, and under `validate` never is.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return &converter{out: os.Stderr} })
}

type converter struct {
	out io.Writer
	// at says in which file and line a key stands, where somebody knows.
	at func(key string) string
}

// Locate has the warnings say where the key stands that each is about. A Collector knows no files by then; who read
// them before it does.
func (c *converter) Locate(at func(key string) string) { c.at = at }

// Convert implements confmap.Converter. It fails only where a wrong number could leave, nobody would be asked, a wish to
// send less would not hold, or the start would fail.
func (c *converter) Convert(_ context.Context, conf *confmap.Conf) error {
	warnings, errs := check(conf)
	for _, warning := range warnings {
		fmt.Fprintln(c.out, "warning:", warning+c.place(warning))
	}
	return errs
}

// place is where the key stands that a warning begins with; empty where that is not known.
func (c *converter) place(warning string) string {
	key, _, _ := strings.Cut(warning, ": ")
	if c.at == nil || c.at(key) == "" {
		return ""
	}
	return " (" + c.at(key) + ")"
}

func check(conf *confmap.Conf) (warnings []string, errs error) {
	c, err := readConfig(conf)
	if err != nil {
		return nil, nil // the Collector is about to say it
	}
	return c.check()
}

func (c *config) check() (warnings []string, errs error) {
	for _, find := range []func(*config) []string{
		idleComponents, unaskedComponents, silencedSignals, lonelyStorages,
		unmarkedPipelines, namelessInstallations, newInstallations,
		unreachableReadings, fieldsOfNothing, fieldsTwice, splitDefaults, defaultsBesideDraws, unusedMetrics, unusedSources,
		fieldsOfOtherGroups, groupsThatLoseTheirName, namesOfSmallGroups, namesOfNoisedGroups, totalsOfSuppressedGroups, toldBesideDraws, drawnApart, arrivesBesideDraws,
		unheardFigures, untoldFields, untoldGroups, labelledInstallations, stoppedTimes,
	} {
		warnings = append(warnings, find(c)...)
	}
	for _, find := range []func(*config) []string{unknownExtensions, unstartedExtensions, foreignPipelines, unheededModes, fieldsWithoutBy, defaultsOfNothing, unknownIncreases, slippedNumbers, anonymizersTwice} {
		for _, text := range find(c) {
			errs = errors.Join(errs, errors.New(text))
		}
	}
	return warnings, errs
}
