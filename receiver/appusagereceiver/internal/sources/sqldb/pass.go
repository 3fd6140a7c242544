// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"strconv"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// sharedCounts are the exact counts of the table of queries[i], when one of them needs a pass over
// the whole table anyway, which the others then share.
func sharedCounts(queries []Query, i int, done []bool) []int {
	exact := func(q Query) bool { return q.Kind == Count && !q.Estimate && len(q.By) == 0 }
	first := queries[i]
	if !exact(first) {
		return nil
	}
	shared, whole := []int{}, false
	for j, q := range queries {
		if !done[j] && exact(q) && q.Table == first.Table {
			shared = append(shared, j)
			whole = whole || len(q.Where) == 0
		}
	}
	if !whole {
		return nil
	}
	return shared
}

// sharePass answers counts of one table together. It reports false when that failed: then each
// is asked alone, so that each fails for its own reason.
func (s *Session) sharePass(ctx context.Context, queries []Query, shared []int, answers []source.Answer, done []bool) bool {
	notes := map[int]string{}
	counts, err := within(ctx, s, func(ctx context.Context) ([]int64, error) {
		stmt := statement{dialect: s.dialect}
		separator := "SELECT "
		for _, j := range shared {
			stmt.add(separator, "COUNT(")
			if len(queries[j].Where) == 0 {
				stmt.add("*")
			} else {
				rows, err := s.filter(ctx, queries[j].Table, queries[j].Where, queries[j].Times)
				if err != nil {
					return nil, err
				}
				notes[j] = rows.notes
				stmt.where("CASE WHEN ", rows)
				stmt.add(" THEN 1 END")
			}
			stmt.add(")")
			separator = ", "
		}
		stmt.from(queries[shared[0]].Table, filter{})
		counts := make([]int64, len(shared))
		targets := make([]any, len(shared))
		for k := range counts {
			targets[k] = &counts[k]
		}
		return counts, s.conn.QueryRowContext(ctx, stmt.text.String(), stmt.bound...).Scan(targets...)
	})
	if err != nil {
		s.noteLock(queries[shared[0]], err)
		return false
	}
	for k, j := range shared {
		answers[j] = source.Answer{Value: counts[k], How: "a pass shared by " + strconv.Itoa(len(shared)) + " counts" + notes[j]}
		done[j] = true
	}
	return true
}
