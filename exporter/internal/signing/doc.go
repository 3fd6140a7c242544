// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package signing has the keys with which an exporter signs its reports, one for each
// installation's id as it leaves, from a secret in the exporter's storage.
package signing
