// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"

	"github.com/headcount-otel/headcount/internal/oncelog"
)

// Subjects of troubles beside the stats.
const (
	// everything is the subject of what keeps all stats from leaving.
	everything = ""
	// theMemory is that of what was accepted.
	theMemory = "memory"
)

// troubles tells the host of each state of things once.
type troubles struct{ states oncelog.Subjects[string] }

func (t *troubles) tell(subject string, err error) {
	if !errors.Is(err, errLocked) && t.states.Begins(subject, err.Error()) {
		otel.Handle(fmt.Errorf("collectmetric: %w", err))
	}
}

func (t *troubles) over(subject string) { t.states.Ends(subject) }

// panicked is a panic that was caught. Its text may hold what was read, so it is not repeated.
type panicked struct{ value any }

func (p panicked) Error() string {
	return fmt.Sprintf("the state directory is damaged, or this is a fault of collectmetric (%T): nothing is sent; move the directory aside to start anew", p.value)
}
