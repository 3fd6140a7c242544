// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import "time"

// Stat is one report: what one installation says about one subject at one time.
type Stat struct {
	// InstanceID names the installation; 1 to MaxText bytes.
	InstanceID string
	// Time of the report, to the microsecond on the wire.
	Time time.Time
	// Name of the stat; 1 to MaxText bytes.
	Name string
	// Value is what is reported.
	Value Object
}
