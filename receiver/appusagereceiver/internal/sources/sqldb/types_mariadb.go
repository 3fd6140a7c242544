// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"strconv"
	"strings"
)

var mariadbFamilies = map[string]family{
	"TINYINT": numbers, "SMALLINT": numbers, "MEDIUMINT": numbers, "INT": numbers, "BIGINT": numbers,
	"DECIMAL": numbers, "FLOAT": numbers, "DOUBLE": numbers, "YEAR": numbers,
	"BIT": numbers, "TINYINT(1)": booleans, "BIT(1)": booleans,
	"CHAR": texts, "VARCHAR": texts, "TEXT": texts, "TINYTEXT": texts, "MEDIUMTEXT": texts, "LONGTEXT": texts, "ENUM": texts, "SET": texts, "JSON": texts,
	"BINARY": bytesOf, "VARBINARY": bytesOf, "BLOB": bytesOf, "TINYBLOB": bytesOf, "MEDIUMBLOB": bytesOf, "LONGBLOB": bytesOf,
	"TIMESTAMP": zonedTimes, "DATETIME": naiveTimes, "DATE": days,
}

func (mariadb) familyOf(typeName string) family {
	typeName = strings.ToUpper(typeName)
	if of, found := mariadbFamilies[typeName]; found {
		return of
	}
	base, _, _ := strings.Cut(typeName, "(")
	return mariadbFamilies[strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(base, "UNSIGNED "), " UNSIGNED"))]
}

// fetched has times as their texts, because the driver reads a date without a day as the last of the month before.
func (m mariadb) fetched(expr, typeName string) string {
	switch {
	case m.familyOf(typeName).isTime():
		return "CAST(" + expr + " AS CHAR)"
	case isType(typeName, "BIT"):
		return expr + " + 0"
	default:
		return expr
	}
}

// wholeDate leaves out dates without a month or a day.
func (mariadb) wholeDate(expr string) string {
	return "MONTH(" + expr + ") > 0 AND DAYOFMONTH(" + expr + ") > 0"
}

func (mariadb) asText(expr string, of family) string {
	if of == texts || of == bytesOf {
		return expr
	}
	return "CAST(" + expr + " AS CHAR)"
}

func (m mariadb) head(expr string, n int, of family) string {
	if of == numbers {
		return expr
	}
	return "SUBSTR(" + m.asText(expr, of) + ", 1, " + strconv.Itoa(n) + ")"
}

func (mariadb) boolean(value bool, _ string) string { return sqliteFile{}.boolean(value, "") }

func (mariadb) instant(expr string) string {
	return shifted(expr, "TIMESTAMPDIFF(SECOND, '1970-01-01', REPLACE(SUBSTR(X, 1, 19), 'T', ' '))", "CAST(", " AS SIGNED)", "")
}

func (mariadb) spelling(expr string, of family) string {
	if of == texts {
		return "MIN(CONVERT(" + expr + " USING utf8mb4) COLLATE utf8mb4_bin)"
	}
	return expr
}

func (mariadb) serverZone() string {
	return "SELECT IF(@@global.time_zone = 'SYSTEM', @@system_time_zone, @@global.time_zone)"
}

func (mariadb) json(expr string, path []string) string {
	return "JSON_EXTRACT(" + expr + ", " + strings.ReplaceAll(jsonPath(path), `\`, `\\`) + ")"
}

// plainJSON writes an object with the blanks that the server writes.
func (mariadb) plainJSON(expr string) string { return "JSON_UNQUOTE(JSON_EXTRACT(" + expr + ", '$'))" }
