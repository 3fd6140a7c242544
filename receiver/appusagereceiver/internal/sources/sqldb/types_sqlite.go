// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"strconv"
	"strings"
)

// familyOf: a type that SQLite's columns declare binds no value.
func (sqliteFile) familyOf(string) family { return anything }

func (sqliteFile) fetched(expr, _ string) string { return expr }

func (sqliteFile) asText(expr string, _ family) string { return "CAST(" + expr + " AS TEXT)" }

func (sqliteFile) head(expr string, n int, _ family) string {
	return "CASE WHEN typeof(" + expr + ") IN ('text', 'blob') THEN substr(" + expr + ", 1, " + strconv.Itoa(n) + ") ELSE " + expr + " END"
}

func (sqliteFile) boolean(value bool, _ string) string {
	if value {
		return "1"
	}
	return "0"
}

func (sqliteFile) spelling(expr string, _ family) string { return "MIN(" + expr + " COLLATE BINARY)" }

func (sqliteFile) serverZone() string { return "" }

func (sqliteFile) instant(expr string) string {
	return shifted(expr, "CAST(strftime('%s', replace(substr(X, 1, 19), 'T', ' ')) AS INTEGER)", "CAST(", " AS INTEGER)", "||")
}

// shifted is the expression for the seconds of a text, from one for those of its local part, less its offset.
func shifted(expr, local, open, shut, join string) string {
	number := func(parts ...string) string {
		if join == "" {
			return open + "CONCAT(" + strings.Join(parts, ", ") + ")" + shut
		}
		return open + "(" + strings.Join(parts, join) + ")" + shut
	}
	tail := "replace(substr(" + expr + ", 20), ':', '')"
	return "(" + strings.ReplaceAll(local, "X", expr) + " - CASE" +
		" WHEN substr(" + tail + ", -5, 1) IN ('+', '-') THEN " + number("substr("+tail+", -5, 3)") + " * 3600 + " +
		number("substr("+tail+", -5, 1)", "substr("+tail+", -2)") + " * 60" +
		" WHEN substr(" + tail + ", -3, 1) IN ('+', '-') THEN " + number("substr("+tail+", -3)") + " * 3600 ELSE 0 END)"
}

func (sqliteFile) json(expr string, path []string) string {
	return "(" + expr + " -> " + jsonPath(path) + ")"
}

func (sqliteFile) plainJSON(expr string) string {
	return "CASE WHEN json_valid(" + expr + ") THEN CAST(json_extract(" + expr + ", '$') AS TEXT) ELSE " + expr + " END"
}

// declared asks for what a check says, as Django's of a JSONField: that a text is JSON.
func (sqliteFile) declared(table, column, typeName string) (text string, bound []any) {
	if !isType(typeName, "TEXT", "LONGTEXT") {
		return "", nil
	}
	schema, table := parts(table)
	if schema == "" {
		schema = "main"
	}
	return "SELECT CASE WHEN EXISTS (SELECT 1 FROM " + sqliteFile{}.quote(schema) + ".sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE" +
		" AND (instr(lower(sql), lower('json_valid(\"' || ?2 || '\")')) OR instr(lower(sql), lower('json_valid(' || ?2 || ')')) OR instr(lower(sql), lower('json_valid(`' || ?2 || '`)'))))" +
		" THEN 'JSON' ELSE 'TEXT' END", []any{table, column}
}

// truth is what a value means in a column of SQLite's that holds booleans, which has no type of them: some programs write
// numbers there, others texts, and some change over.
func (c column) truth(l Literal) (truth, is bool) {
	if c.family != anything {
		return false, false
	}
	switch value := l.Value.(type) {
	case bool:
		return value, true
	case string:
		truth, err := strconv.ParseBool(value)
		return truth, err == nil && isBoolean(c.typeName)
	default:
		number := decimal(value)
		return number == "1", (number == "0" || number == "1") && isBoolean(c.typeName)
	}
}

// means writes that a column has the boolean in any spelling. Texts sort behind all numbers, so that beside
// numbers the list costs a glance.
func means(column string, truth bool) string {
	number, spelled := "0", "'false', 'False', 'FALSE', 'f', 'F'"
	if truth {
		number, spelled = "1", "'true', 'True', 'TRUE', 't', 'T'"
	}
	return "(" + column + " = " + number + " OR (" + column + " >= '' AND " + column + " IN (" + spelled + ")))"
}
