// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// sum adds up a column's numbers.
func (s *Session) sum(ctx context.Context, q Query, f filter) (source.Answer, error) {
	columns, err := s.columns(ctx, q.Table, q.Column)
	if err != nil {
		return source.Answer{}, err
	}
	if of := columns[0]; of.family != numbers && of.family != anything && !strings.EqualFold(of.typeName, "TINYINT(1)") {
		return source.Answer{}, errNoNumber
	}
	total, err := s.add(ctx, q, columns[0], "SUM", f)
	if err != nil && strings.Contains(err.Error(), "integer overflow") {
		total, err = s.add(ctx, q, columns[0], "TOTAL", f) // in doubles, as servers have sums beyond 64 bits in the end
	}
	switch {
	case err != nil:
		return source.Answer{}, err
	case total == nil:
		return source.Answer{Value: int64(0), How: "a sum of none" + f.notes}, nil
	}
	// A sum of booleans or times is a number. One of single precision's numbers that is such a number itself is told as one.
	typeName := "NUMERIC"
	if double, is := total.(float64); is && isType(columns[0].typeName, singlePrecision...) && float64(float32(double)) == double {
		typeName = singlePrecision[0]
	}
	value, err := valueOf(total, typeName)
	return source.Answer{Value: value, How: "a sum" + f.notes}, err
}

// singlePrecision are the names of types of numbers of 32 bits, whose 9.99 is 9.989999771118164.
var singlePrecision = []string{"FLOAT4", "FLOAT"}

// add has the database's function add up the column. Of a text SQLite would take the digits that it begins with.
func (s *Session) add(ctx context.Context, q Query, of column, function string, f filter) (total any, err error) {
	column := s.dialect.quote(q.Column)
	others := "0"
	if of.family == anything {
		others = "TOTAL(typeof(" + column + ") IN ('text', 'blob'))"
	}
	if isType(of.typeName, "FLOAT4") { // in which PostgreSQL would add up too, and soon lose what is small beside the total
		column = "CAST(" + column + " AS double precision)"
	}
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT ", others, ", ", function, "(", column, ")")
	stmt.from(q.Table, f)
	var found float64
	err = s.conn.QueryRowContext(ctx, stmt.text.String(), stmt.bound...).Scan(&found, &total)
	if err == nil && found > 0 {
		err = errNoNumber
	}
	return total, err
}
