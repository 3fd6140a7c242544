// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"
	"slices"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Read answers queries, each in at most half of the time that ctx has left. Exact counts of one
// table share one pass over it. When an answer's error is SessionLost, so are those that follow.
func (s *Session) Read(ctx context.Context, queries []Query) (answers []source.Answer) {
	// Those that were read before a disturbance are read again, so that all see one snapshot.
	for round := range attempts {
		before, last := s.disturbed, answers
		answers = s.readAll(ctx, queries)
		for i := range last {
			if errors.Is(answers[i].Err, errConflict) && last[i].Err == nil {
				answers[i] = last[i]
			}
		}
		if s.disturbed == before || ((s.plain || s.wary) && round > 0) {
			break
		}
	}
	for i := range answers {
		if s.plain && answers[i].Err == nil {
			answers[i].How += "; read in another session, because the standby had ended one"
		}
	}
	elsewhere(queries, answers)
	return answers
}

// elsewhere says of a database without any of several tables that it is probably another one.
func elsewhere(queries []Query, answers []source.Answer) {
	tables := map[string]bool{}
	for i, q := range queries {
		if !errors.Is(answers[i].Err, errTable) {
			return
		}
		tables[q.Table] = true
	}
	for i := range answers {
		if len(tables) > 1 {
			answers[i].Err = errNoTables
		}
	}
}

func (s *Session) readAll(ctx context.Context, queries []Query) []source.Answer {
	s.foresee(ctx, queries)
	answers := make([]source.Answer, len(queries))
	done := make([]bool, len(queries))
	var broken error
	for i := range queries {
		if done[i] {
			continue // and stays, when the connection breaks later
		}
		if broken != nil {
			answers[i] = source.Answer{Err: broken}
			continue
		}
		if together := sharedCounts(queries, i, done); len(together) > 1 && !s.shut[queries[i].Table] && s.sharePass(ctx, queries, together, answers, done) {
			continue
		}
		answers[i], done[i] = s.one(ctx, queries[i]), true
		broken = source.SessionError(answers[i].Err)
	}
	if broken == nil {
		s.doubt(ctx, queries, answers)
	}
	if broken == nil && !s.wary {
		s.confirm(ctx, answers)
	}
	return answers
}

// confirm looks whether a table that was read had been altered since the snapshot; then all is to be read again.
func (s *Session) confirm(ctx context.Context, answers []source.Answer) {
	fromRows := func(a source.Answer) bool { return a.Err == nil && a.How != estimated }
	if !slices.ContainsFunc(answers, fromRows) {
		return
	}
	err := s.verify(ctx)
	if err == nil {
		return
	}
	if isPassing(err) {
		err = s.renewAfter(ctx, err)
	}
	if err == nil {
		return
	}
	reason := lost(explain(ctx, s.dialect, err))
	for i := range answers {
		if fromRows(answers[i]) {
			answers[i] = source.Answer{Err: reason}
		}
	}
}

// estimated is how the planner's figures are said to be come by.
const estimated = "the planner's estimate"

func (s *Session) one(ctx context.Context, q Query) source.Answer {
	if s.shut[q.Table] {
		return source.Answer{Err: errLocked}
	}
	answer, err := within(ctx, s, func(ctx context.Context) (source.Answer, error) { return s.read(ctx, q) })
	s.noteLock(q, err)
	answer.Err = err
	return answer
}

func (s *Session) read(ctx context.Context, q Query) (source.Answer, error) {
	if q.Kind == SQL {
		return valued(s.sql(ctx, q.Text))
	}
	// Asked for together, the types of columns take one question.
	if names := q.columns(); len(names) > 1 {
		if _, err := s.columns(ctx, q.Table, names...); err != nil {
			return source.Answer{}, err
		}
	}
	rows, err := s.filter(ctx, q.Table, q.Where, q.Times)
	if err != nil {
		return source.Answer{}, err
	}
	if len(q.By) > 0 {
		groups, err := s.groups(ctx, q, rows)
		return source.Answer{Groups: groups}, err
	}
	switch q.Kind {
	case Count:
		return s.count(ctx, q, rows)
	case CountDistinct:
		return s.distinct(ctx, q, rows)
	case Min, Max:
		return s.extreme(ctx, q, rows)
	case Sum:
		return s.sum(ctx, q, rows)
	case CountPer:
		groups, err := s.countPer(ctx, q, rows)
		return source.Answer{Groups: groups}, err
	default:
		return s.pick(ctx, q, rows)
	}
}

func valued(value source.Value, err error) (source.Answer, error) {
	return source.Answer{Value: value}, err
}
