// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package oncelog keeps a log short: what lasts is said when it begins, when it
// changes and when it ends, and not each time that it is met.
package oncelog // import "github.com/headcount-otel/headcount/internal/oncelog"

import (
	"errors"
	"maps"
	"sync"
)

// maxSubjects bounds what is remembered: beyond it a new subject is not spoken of.
const maxSubjects = 1000

// Subjects remembers the state of each subject that was spoken of. The zero value remembers none.
type Subjects[K comparable] struct {
	mu     sync.Mutex
	states map[K]string
}

// Begins notes a subject's state, and reports whether that is worth a line: it began, or it changed.
func (s *Subjects[K]) Begins(subject K, state string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.states[subject]
	if known && last == state || !known && len(s.states) >= maxSubjects {
		return false
	}
	if s.states == nil {
		s.states = map[K]string{}
	}
	s.states[subject] = state
	return true
}

// Ends forgets a subject, and reports whether that is worth a line: it had begun.
func (s *Subjects[K]) Ends(subject K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.states[subject]
	delete(s.states, subject)
	return known
}

// States are the subjects that have begun and not ended, each with its state.
func (s *Subjects[K]) States() map[K]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.states)
}

// Len is how many subjects have begun and not ended.
func (s *Subjects[K]) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.states)
}

// Reason is the text of an error's innermost cause: what wraps it may name each single case.
func Reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
