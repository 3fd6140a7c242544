// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/trust"
)

const (
	choiceKey     = "switch"
	choiceVersion = 1
)

// Choice is what the operator chose on the page.
type Choice struct {
	// Mode that was chosen; empty where nobody ever chose: that, too, is known and kept.
	Mode string    `json:"mode"`
	Time time.Time `json:"time"`
	// Undiscarded is true while a withdrawal has not reached all that it has to reach.
	Undiscarded bool `json:"undiscarded,omitempty"`
}

// made reports whether anything was chosen.
func (c Choice) made() bool { return c.Mode != "" }

// mode is how far the choice lets usage statistics go.
func (c Choice) mode() trust.Mode {
	if !c.made() {
		return trust.On
	}
	mode, _ := trust.ParseMode(c.Mode)
	return mode
}

func (c Choice) validate() error {
	if _, err := trust.ParseMode(c.Mode); c.made() && err != nil {
		return fmt.Errorf("the choice that is kept there: %w", err)
	}
	return nil
}

// strictest of two choices; what was withdrawn stays to be discarded by either.
func strictest(a, b Choice) Choice {
	held := a
	if b.mode() < a.mode() || (b.mode() == a.mode() && b.made()) {
		held = b
	}
	held.Undiscarded = a.Undiscarded || b.Undiscarded
	return held
}
