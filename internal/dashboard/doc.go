// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dashboard writes what makers look at and are woken by: a Grafana dashboard and
// Prometheus' alert rules, for the figures that a fleet connector tells.
package dashboard
