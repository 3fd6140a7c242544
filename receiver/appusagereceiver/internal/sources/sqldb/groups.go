// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// groups counts by the values of other columns.
func (s *Session) groups(ctx context.Context, q Query, f filter) ([]source.Group, error) {
	columns, err := s.columns(ctx, q.Table, q.By...)
	if err != nil {
		return nil, err
	}
	items, by := make([]item, len(q.By)), make([]string, len(q.By))
	for i, name := range q.By {
		by[i] = s.dialect.quote(name)
		items[i] = item{column: name, expr: s.dialect.spelling(by[i], columns[i].family)}
	}
	counted := "COUNT(*)"
	if q.Kind == CountDistinct {
		counted = "COUNT(DISTINCT " + s.dialect.quote(q.Column) + ")"
	}
	rows, err := s.rows(ctx, q.Table, items, counted, func(stmt *statement) {
		stmt.from(q.Table, f)
		stmt.add(" GROUP BY ", strings.Join(by, ", "), " LIMIT ", strconv.Itoa(q.Limit+1))
	})
	if err != nil {
		return nil, err
	}
	if len(rows) > q.Limit {
		return nil, &source.Error{Reason: fmt.Sprintf("there are more than %d groups: raise `limit`, or group by another column", q.Limit)}
	}
	groups, err := openGroups(rows)
	if err != nil {
		return nil, err
	}
	if q.Label != nil {
		if groups, err = s.labelled(ctx, *q.Label, groups); err != nil {
			return nil, err
		}
	}
	all := merged(groups)
	if q.Kind == CountDistinct && len(all) < len(groups) {
		return nil, errShared
	}
	return all, nil
}

// openGroups reads of each row what it is grouped by, and how many there are.
func openGroups(rows []row) ([]source.Group, error) {
	groups := make([]source.Group, len(rows))
	for i, row := range rows {
		for _, field := range row.fields {
			value, err := field.open()
			if err != nil {
				return nil, err
			}
			groups[i].By = append(groups[i].By, value)
		}
		groups[i].Count = row.count
	}
	return groups, nil
}

// errShared is the failure to count what may be in both of two groups.
var errShared = &source.Error{Reason: "two groups are called the same, or are nothing (NULL, an empty text, no label), and what is in both would count twice: leave one out with `where`, or group by another column"}

// merged makes one of groups that are called the same: an empty text is nothing, as NULL is.
func merged(groups []source.Group) (all []source.Group) {
	at := map[string]int{}
	for _, group := range groups {
		key := fmt.Sprintf("%#v", group.By)
		i, known := at[key]
		if !known {
			i, at[key] = len(all), len(all)
			all = append(all, source.Group{By: group.By})
		}
		all[i].Count += group.Count
	}
	return all
}

// labelled calls groups by their labels; what has none has none.
func (s *Session) labelled(ctx context.Context, l Label, groups []source.Group) ([]source.Group, error) {
	var keys []Literal
	for _, group := range groups {
		if group.By[0] != nil {
			keys = append(keys, Literal{Value: group.By[0]})
		}
	}
	labels := map[source.Value]source.Value{}
	if len(keys) > 0 {
		f, err := s.filter(ctx, l.Table, map[string]any{l.Key: []Test{{Op: In, Values: keys}}}, Times{})
		if err != nil {
			return nil, err
		}
		rows, err := s.rows(ctx, l.Table, []item{s.item(l.Key), s.item(l.Column)}, "", func(stmt *statement) { stmt.from(l.Table, f) })
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			key, err := row.fields[0].open()
			if err != nil {
				return nil, err
			}
			if labels[key], err = row.fields[1].open(); err != nil {
				return nil, err
			}
		}
	}
	named := make([]source.Group, len(groups))
	for i, group := range groups {
		named[i] = source.Group{By: []source.Value{labels[group.By[0]]}, Count: group.Count}
	}
	return named, nil
}

// countPer counts a column's values by in how many rows each is: a group for each of the bounds, and one above them.
func (s *Session) countPer(ctx context.Context, q Query, f filter) ([]source.Group, error) {
	column := s.dialect.quote(q.Column)
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT bucket, COUNT(*) FROM (SELECT CASE")
	for i, bound := range q.Bounds {
		stmt.add(" WHEN COUNT(*) <= ", strconv.FormatInt(bound, 10), " THEN ", strconv.Itoa(i))
	}
	stmt.add(" ELSE ", strconv.Itoa(len(q.Bounds)), " END AS bucket")
	stmt.from(q.Table, f, column+" IS NOT NULL")
	stmt.add(" GROUP BY ", column, ") AS reading GROUP BY bucket")
	groups := make([]source.Group, len(q.Bounds)+1)
	rows, err := s.conn.QueryContext(ctx, stmt.text.String(), stmt.bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var bucket, count int64
		if err := rows.Scan(&bucket, &count); err != nil {
			return nil, err
		}
		groups[bucket].Count = count
	}
	return groups, rows.Err()
}
