// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import _ "embed"

// Schema is the JSON Schema (2020-12) of a stat. It cannot say all that Decode
// checks: duplicate keys, lengths in bytes, the sum of keys over all groups.
//
//go:embed stat.schema.json
var Schema []byte
