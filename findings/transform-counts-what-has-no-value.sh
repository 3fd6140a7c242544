#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     transform's aggregate_on_attributes leaves out a point that says by OpenTelemetry's flag that it has no recorded value;
#            where all of them say so the result says it too.
# Version:   contrib's transformprocessor v0.161.0 (the newest of which all parts could be had).
# Seen:      whether it does hangs on the order. Where such a point comes after others it is a zero: of 20, none and 6 the mean
#            is 8, the least 0, the median 6 and the number of them 3. Where it comes first, its flag is the result's,
#            and 20 and 6 are gone: the sum of none, 20 and 6 has no value.
# For us:    the anonymizer leaves a suppressed count as such a point. A makers' Collector that groups installations and
#            aggregates takes small ones for empty ones, or, by the order in which they came, reports nothing of a group. Let
#            the fleet connector count, or the store, by the flag.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/aggregate

go 1.26

require (
	github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor v0.161.0
	go.opentelemetry.io/collector/component/componenttest v0.161.0
	go.opentelemetry.io/collector/confmap v1.67.0
	go.opentelemetry.io/collector/consumer/consumertest v0.161.0
	go.opentelemetry.io/collector/pdata v1.67.0
	go.opentelemetry.io/collector/processor/processortest v0.161.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor/processortest"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// none stands for a point without a value.
const none = -1

func aggregate(function string, installations ...int64) string {
	ctx := context.Background()
	factory := transformprocessor.NewFactory()
	config := factory.CreateDefaultConfig()
	statement := fmt.Sprintf("aggregate_on_attributes(%q, [])", function)
	check(confmap.NewFromStringMap(map[string]any{"metric_statements": []any{
		map[string]any{"context": "metric", "statements": []any{statement}},
	}}).Unmarshal(config))
	sink := new(consumertest.MetricsSink)
	processor, err := factory.CreateMetrics(ctx, processortest.NewNopSettings(factory.Type()), config, sink)
	check(err)
	check(processor.Start(ctx, componenttest.NewNopHost()))

	request := pmetric.NewMetrics()
	metric := request.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	metric.SetName("users")
	points := metric.SetEmptyGauge().DataPoints()
	for i, users := range installations {
		p := points.AppendEmpty()
		p.SetTimestamp(1)
		p.Attributes().PutInt("installation", int64(i))
		if users == none {
			p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		} else {
			p.SetIntValue(users)
		}
	}
	check(processor.ConsumeMetrics(ctx, request))
	check(processor.Shutdown(ctx))
	result := sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
	if result.Flags().NoRecordedValue() {
		return "no value"
	}
	return fmt.Sprint(result.IntValue())
}

func main() {
	var after, first []string
	for _, function := range []string{"sum", "mean", "min", "median", "count"} {
		after = append(after, function+" "+aggregate(function, 20, none, 6))
		first = append(first, function+" "+aggregate(function, none, 20, 6))
	}
	fmt.Println("of 20, none and 6:", strings.Join(after, ", "))
	fmt.Println("of none, 20 and 6:", strings.Join(first, ", "))
	if strings.Join(after, " ") != "sum 26 mean 8 min 0 median 6 count 3" || strings.Contains(strings.Join(first, ""), "2") {
		os.Exit(1)
	}
}
GO
GOFLAGS=-mod=mod go run .
