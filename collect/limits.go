// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import "time"

// What a stat may hold, when it is written and when it is read.
const (
	// MaxBody is the greatest length of a stat's JSON, in bytes.
	MaxBody = 1 << 20
	// MaxText is the greatest length of an instance id, a name, a key and a text, in bytes of UTF-8.
	MaxText = 1024
	// MaxMembers is the greatest number of keys in all of a stat's value, groups included.
	MaxMembers = 4096
)

// endOfTime is the first moment that a stat cannot have: from here (in the year
// 2242) on, a double of Unix seconds no longer tells microseconds apart.
var endOfTime = time.Unix(1<<33, 0)
