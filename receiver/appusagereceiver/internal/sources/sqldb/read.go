// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Answer is what became of a Query.
type Answer struct {
	// Value is the answer of a Query without groups; nil means that it found nothing.
	Value source.Value
	// Groups are those of a Query with By.
	Groups []Group
	// How says, for the debug log, which way was chosen.
	How string
	// Err is why the reading failed.
	Err error
}

// Group is the rows that share one value.
type Group struct {
	// By is the value; nil for NULL.
	By source.Value
	// Count of the rows, or of the distinct values in them.
	Count int64
}

// Read answers queries, each in at most half of the time that ctx has left. Exact counts of one
// table share one pass over it. When an answer's error is Lost, so are those that follow.
func (s *Session) Read(ctx context.Context, queries []Query) []Answer {
	answers := make([]Answer, len(queries))
	done := make([]bool, len(queries))
	var broken error
	for i := range queries {
		if broken != nil {
			answers[i] = Answer{Err: broken}
			continue
		}
		if done[i] {
			continue
		}
		if together := riders(queries, i, done); len(together) > 1 && s.sharePass(ctx, queries, together, answers, done) {
			continue
		}
		answers[i], done[i] = s.one(ctx, queries[i]), true
		if lost := (*source.Error)(nil); errors.As(answers[i].Err, &lost) && lost.Lost {
			broken = lost
		}
	}
	return answers
}

func (s *Session) one(ctx context.Context, q Query) Answer {
	answer, err := within(ctx, s, func(ctx context.Context) (Answer, error) { return s.read(ctx, q) })
	answer.Err = err
	return answer
}

func (s *Session) read(ctx context.Context, q Query) (Answer, error) {
	if q.By != "" {
		groups, err := s.groups(ctx, q)
		return Answer{Groups: groups}, err
	}
	switch q.Kind {
	case Count:
		return s.count(ctx, q)
	case CountDistinct:
		return s.distinct(ctx, q)
	case Min, Max:
		return valued(s.extreme(ctx, q))
	case Pick:
		return valued(s.pick(ctx, q))
	default:
		return valued(s.sql(ctx, q.Text))
	}
}

func valued(value source.Value, err error) (Answer, error) { return Answer{Value: value}, err }
