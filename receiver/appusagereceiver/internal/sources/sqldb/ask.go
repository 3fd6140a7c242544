// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"strings"
)

// Ask runs a question of our own, such as one about the catalogue, and returns at most so many rows. Texts come
// as strings. Nothing that a configuration says belongs into the question but names that Quote has quoted.
func (s *Session) Ask(ctx context.Context, question string, most int, bound ...any) ([][]any, error) {
	return within(ctx, s, func(ctx context.Context) ([][]any, error) {
		rows, err := s.conn.QueryContext(ctx, question, bound...)
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		var found [][]any
		for len(found) < most && rows.Next() {
			row, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				targets[i] = &row[i]
			}
			if err := rows.Scan(targets...); err != nil {
				return nil, err
			}
			for i, value := range row {
				if text, isText := value.([]byte); isText {
					row[i] = string(text)
				}
			}
			found = append(found, row)
		}
		return found, rows.Err()
	})
}

// Quote makes a table's or a column's name, a schema and a dot before it or not, part of a question.
func (d Database) Quote(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		parts[i] = d.dialect.quote(part)
	}
	return strings.Join(parts, ".")
}
