// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
)

// everything is the subject of what keeps all stats from leaving.
const everything = ""

// troubles remembers what was told of each subject, so that each state of things
// costs the host one line.
type troubles map[string]string

func (t troubles) tell(subject string, err error) {
	if errors.Is(err, errLocked) || t[subject] == err.Error() {
		return
	}
	t[subject] = err.Error()
	otel.Handle(fmt.Errorf("collectmetric: %w", err))
}

func (t troubles) over(subject string) { delete(t, subject) }

// panicked is a panic that was caught. Its text may hold what was read, so it is not repeated.
type panicked struct{ value any }

func (p panicked) Error() string {
	return fmt.Sprintf("the state directory is damaged, or this is a fault of collectmetric (%T): nothing is sent; move the directory aside to start anew", p.value)
}
