// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../../tools/go.mod mdatagen metadata.yaml

// Package appusagereceiver scrapes usage counts of an application: from its databases and
// caches, its HTTP interface, its files and its environment. It only reads, and knows no application.
package appusagereceiver // import "github.com/headcount-otel/headcount/receiver/appusagereceiver"
