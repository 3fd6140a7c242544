// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"strconv"
	"strings"
)

var postgresFamilies = map[string]family{
	"INT2": numbers, "INT4": numbers, "INT8": numbers, "NUMERIC": numbers, "FLOAT4": numbers, "FLOAT8": numbers, "OID": numbers,
	"BOOL": booleans, "BIT(1)": booleans,
	"TEXT": texts, "VARCHAR": texts, "BPCHAR": texts, "NAME": texts, "CITEXT": texts,
	"BYTEA":       bytesOf,
	"TIMESTAMPTZ": zonedTimes, "TIMESTAMP": naiveTimes, "DATE": days,
}

func (postgres) familyOf(typeName string) family { return postgresFamilies[strings.ToUpper(typeName)] }

// declared asks how many bits a column has, of which one alone is a boolean, and of a type that the driver has only the
// number of what it is called, or what it lists.
func (p postgres) declared(table, column, typeName string) (text string, bound []any) {
	if strings.Trim(typeName, "0123456789") == "" {
		return "SELECT COALESCE((SELECT 'enum(' || string_agg('''' || replace(enumlabel, '''', '''''') || '''', ',' ORDER BY enumsortorder) || ')'" +
			" FROM pg_enum WHERE enumtypid = " + typeName + "), (SELECT typname FROM pg_type WHERE oid = " + typeName + "), '')", nil
	}
	if !isType(typeName, "BIT") {
		return "", nil
	}
	return "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2", []any{p.regclass(table), column}
}

// fetched leaves out what no time.Time holds: infinity, and a number with more digits than its type.
func (p postgres) fetched(expr, typeName string) string {
	switch {
	case p.familyOf(typeName).isTime():
		return "CASE WHEN isfinite(" + expr + ") THEN " + expr + " END"
	case isType(typeName, "BIT", "VARBIT", "BPCHAR"):
		return expr + "::text" // which leaves out the blanks behind
	default:
		return expr
	}
}

func (postgres) asText(expr string, of family) string {
	if of == bytesOf {
		return "encode(" + expr + ", 'escape')"
	}
	return expr + "::text"
}

func (p postgres) head(expr string, n int, of family) string {
	if of == numbers {
		return expr
	}
	return "substr(" + p.asText(expr, of) + ", 1, " + strconv.Itoa(n) + ")"
}

func (postgres) boolean(value bool, typeName string) string {
	switch {
	case isType(typeName, "BIT") && value:
		return "B'1'"
	case isType(typeName, "BIT"):
		return "B'0'"
	case value:
		return "TRUE"
	default:
		return "FALSE"
	}
}

func (postgres) instant(expr string) string {
	return "EXTRACT(EPOCH FROM " + expr + "::text::timestamptz)"
}

func (postgres) spelling(expr string, of family) string {
	switch of {
	case texts:
		return "MIN(" + expr + `::text COLLATE "C")`
	case others: // of an inet, ::text has a mask that its own form leaves out
		return "MIN(format('%s', " + expr + `) COLLATE "C")`
	default:
		return expr
	}
}

func (postgres) serverZone() string { return "SELECT current_setting('TimeZone')" }

func (postgres) json(expr string, path []string) string {
	keys := make([]string, len(path))
	for i, key := range path {
		keys[i] = "'" + strings.ReplaceAll(key, "'", "''") + "'"
	}
	return "((" + expr + "::text::jsonb #> ARRAY[" + strings.Join(keys, ", ") + "]::text[])::text)"
}

func (postgres) plainJSON(expr string) string { return "(" + expr + "::text::jsonb #>> '{}')" }
