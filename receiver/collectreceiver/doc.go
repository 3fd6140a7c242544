// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../../tools/go.mod mdatagen metadata.yaml

// Package collectreceiver accepts collect JSON over HTTP: beside an app that
// posts its own telemetry, or at the makers' as their collect endpoint.
package collectreceiver // import "github.com/headcount-otel/headcount/receiver/collectreceiver"
