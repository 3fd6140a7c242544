// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../../tools/go.mod mdatagen metadata.yaml

// Package fleetconnector makes of many installations' reports the figures of
// the fleet: how many there are, what they say in sum, on average and in shares.
package fleetconnector // import "github.com/headcount-otel/headcount/connector/fleetconnector"
