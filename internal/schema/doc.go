// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package schema makes the JSON Schema of a configuration, for editors, from the components' own structs: so that
// a key is known to both or to none.
package schema

//go:generate go run ./write
