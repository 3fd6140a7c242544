#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     contrib's StatsD receiver makes up for sampling as StatsD does: a hundred lines 1|c|@0.4 stand for 250 events, and it
#            counts about 250. (Feared beforehand: that it cuts each line.)
# Version:   contrib's statsdreceiver v0.161.0 (the newest of which all parts could be had), its defaults.
# Seen:      it counts 200. Each line is divided by its rate, 1/0.4 = 2.5, and cut to a whole number before it is added
#            (aggregateCounterValue in metric_translator.go). At a rate of 0.6 each line is 1, so that sampling is not
#            made up for at all; 0.5|c is nothing. At 0.25, where the quotient is whole, all is right. Its README speaks
#            of converting back to an integer, not of when. With `counter_type: float` the sums are right.
# For us:    an application that samples its StatsD counters is reported up to half too small, by a factor that depends on
#            the rate alone: change the rate and usage seems to change. Set the option, or sample by 1/2, 1/4, 1/5, 1/10.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.com/sampled

go 1.26

require (
	github.com/open-telemetry/opentelemetry-collector-contrib/receiver/statsdreceiver v0.161.0
	go.opentelemetry.io/collector/component/componenttest v0.161.0
	go.opentelemetry.io/collector/confmap v1.67.0
	go.opentelemetry.io/collector/consumer/consumertest v0.161.0
	go.opentelemetry.io/collector/pdata v1.67.0
	go.opentelemetry.io/collector/receiver/receivertest v0.161.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/statsdreceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func value(p pmetric.NumberDataPoint) float64 {
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return float64(p.IntValue())
	}
	return p.DoubleValue()
}

// counted sends a line a hundred times and returns what the receiver says of it.
func counted(line string, options map[string]any) float64 {
	ctx := context.Background()
	folder, err := os.MkdirTemp(".", "")
	check(err)
	socket := filepath.Join(folder, "socket")
	config := map[string]any{"endpoint": socket, "transport": "unixgram", "aggregation_interval": "1s"}
	for key, option := range options {
		config[key] = option
	}
	factory := statsdreceiver.NewFactory()
	made := factory.CreateDefaultConfig()
	check(confmap.NewFromStringMap(config).Unmarshal(made))
	sink := new(consumertest.MetricsSink)
	receiver, err := factory.CreateMetrics(ctx, receivertest.NewNopSettings(factory.Type()), made, sink)
	check(err)
	check(receiver.Start(ctx, componenttest.NewNopHost()))
	connection, err := net.Dial("unixgram", socket)
	check(err)
	var lines []string
	for range 100 {
		lines = append(lines, line)
	}
	_, err = connection.Write([]byte(strings.Join(lines, "\n")))
	check(err)
	for deadline := time.Now().Add(time.Minute); sink.DataPointCount() == 0 && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	check(connection.Close())
	check(receiver.Shutdown(ctx))
	sum := 0.0
	for _, metrics := range sink.AllMetrics() {
		sum += value(metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0))
	}
	return sum
}

func main() {
	for _, line := range []string{"events:1|c|@0.25", "events:1|c|@0.4", "events:1|c|@0.6", "events:0.5|c"} {
		fmt.Printf("%s a hundred times: %.0f, as float %.0f\n", line, counted(line, nil), counted(line, map[string]any{"counter_type": "float"}))
	}
}
GO
GOFLAGS=-mod=mod go run . | tee seen
diff seen - <<'WANT'
events:1|c|@0.25 a hundred times: 400, as float 400
events:1|c|@0.4 a hundred times: 200, as float 250
events:1|c|@0.6 a hundred times: 100, as float 167
events:0.5|c a hundred times: 0, as float 50
WANT
