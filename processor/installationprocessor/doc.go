// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../../tools/go.mod mdatagen metadata.yaml

// Package installationprocessor gathers what the processes of one application
// report over OTLP into what their installation reports: under one id that
// outlives each process, with the counters of all workers and of all restarts
// added up, whatever temporality the SDK prefers and however it splits its
// requests.
package installationprocessor // import "github.com/headcount-otel/headcount/processor/installationprocessor"
