// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"regexp"
	"strings"
)

// Table is one of a database.
type Table struct {
	// Name as a reading writes it: after its schema and a dot where the schema is not the one that is searched.
	Name    string
	Columns []Column
}

// Column is one of a table.
type Column struct {
	Name string
	// Type as the database declares it, in lower case.
	Type string
	// Kind is what the type holds.
	Kind Kind
	// Key is true for a column of the primary key.
	Key bool
	// References is the table of a foreign key.
	References string
	// Values are those that the schema itself declares: of an enum, or of a CHECK.
	Values []string
}

// Kind is what a column's type holds.
type Kind uint8

const (
	// Other is a document, bytes, or a type that is not known.
	Other Kind = iota
	// Bool is yes or no.
	Bool
	// Int is a whole number.
	Int
	// Number is a number with a fraction.
	Number
	// Text is a text.
	Text
	// Time is a date, or a date and a time of day.
	Time
	// Enum is a text of which the schema declares the values.
	Enum
)

// Column finds a column by its name.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}

const (
	sqliteColumns = `SELECT '', m.name, p.name, p.type, p.pk > 0,
  (SELECT f."table" FROM pragma_foreign_key_list(m.name) f WHERE f."from" = p.name LIMIT 1), m.sql
FROM sqlite_schema m JOIN pragma_table_info(m.name) p
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND COALESCE(m.sql, '') NOT LIKE 'CREATE VIRTUAL%'
ORDER BY m.name, p.cid`

	postgresColumns = `SELECT CASE WHEN n.nspname = ANY (current_schemas(false)) THEN '' ELSE n.nspname END, c.relname, a.attname,
  format_type(a.atttypid, a.atttypmod),
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
  (SELECT r.relname FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
    WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey) LIMIT 1),
  (SELECT string_agg(e.enumlabel, '|' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
  AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum`

	mysqlColumns = `SELECT '', c.table_name, c.column_name, c.column_type, c.column_key = 'PRI', NULL, NULL
FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
ORDER BY c.table_name, c.ordinal_position`

	// mysqlReferences is a question of its own: asked for each column, MariaDB opens every table each time.
	mysqlReferences = `SELECT table_name, column_name, referenced_table_name FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL`

	// postgresChecks are the constraints on one column, as the server writes them.
	postgresChecks = `SELECT c.relname, a.attname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'c' AND array_length(k.conkey, 1) = 1 AND n.nspname = ANY (current_schemas(false))`
)

// maxColumns bounds how much of a catalogue is read.
const maxColumns = 20000

// Tables reads the schema.
func (d *Database) Tables(ctx context.Context) ([]Table, error) {
	question := map[string]string{"sqlite": sqliteColumns, "postgresql": postgresColumns, "mysql": mysqlColumns}[d.System()]
	rows, err := d.session.Ask(ctx, question, maxColumns)
	if err != nil {
		return nil, err
	}
	var tables []Table
	for _, row := range rows {
		name := text(row[1])
		if schema := text(row[0]); schema != "" {
			name = schema + "." + name
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != name {
			tables = append(tables, Table{Name: name})
		}
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, d.column(text(row[2]), text(row[3]), truth(row[4]), text(row[5]), text(row[6])))
	}
	switch d.System() {
	case "mysql":
		err = d.more(ctx, mysqlReferences, tables, func(c *Column, table string) { c.References = table })
	case "postgresql":
		err = d.more(ctx, postgresChecks, tables, func(c *Column, check string) {
			if anyOf.MatchString(check) {
				c.Kind, c.Values = Enum, quoted(check)
			}
		})
	}
	return tables, err
}

// more asks for what is known of single columns, and tells it.
func (d *Database) more(ctx context.Context, question string, tables []Table, tell func(c *Column, what string)) error {
	rows, err := d.session.Ask(ctx, question, maxColumns)
	if err != nil {
		return err
	}
	named := make(map[string]*Table, len(tables))
	for i := range tables {
		named[tables[i].Name] = &tables[i]
	}
	for _, row := range rows {
		if t := named[text(row[0])]; t != nil {
			if c := t.Column(text(row[1])); c != nil {
				tell(c, text(row[2]))
			}
		}
	}
	return nil
}

// anyOf is how PostgreSQL writes CHECK (column IN ('a', 'b')).
var anyOf = regexp.MustCompile(`^CHECK \(\(*"?\w+"?\)*(::text)? = ANY \(`)

func (d *Database) column(name, declared string, key bool, references, more string) Column {
	c := Column{Name: name, Type: strings.ToLower(declared), Key: key, References: references}
	c.Kind = kindOf(c.Type)
	switch d.System() {
	case "postgresql":
		if more != "" {
			c.Kind, c.Values = Enum, strings.Split(more, "|")
		}
	case "mysql":
		if strings.HasPrefix(c.Type, "enum(") {
			c.Kind, c.Values = Enum, quoted(declared)
		}
	default:
		if values := checked(more, name); values != nil {
			c.Kind, c.Values = Enum, values
		}
	}
	return c
}

var widths = regexp.MustCompile(`\(.*`)

func kindOf(declared string) Kind {
	base := strings.TrimSpace(widths.ReplaceAllString(declared, ""))
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(base, part) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasSuffix(declared, "[]"):
		return Other
	case has("bool") || declared == "tinyint(1)" || declared == "bit(1)":
		return Bool
	case has("timestamp", "datetime") || base == "date":
		return Time
	case has("interval", "point"):
		return Other
	case has("int", "serial"):
		return Int
	case has("real", "double", "float", "numeric", "decimal", "money"):
		return Number
	case has("char", "text", "clob", "citext", "string"):
		return Text
	default:
		return Other
	}
}

var literal = regexp.MustCompile(`'((?:[^']|'')*)'`)

func quoted(list string) (values []string) {
	for _, m := range literal.FindAllStringSubmatch(list, -1) {
		values = append(values, strings.ReplaceAll(m[1], "''", "'"))
	}
	return values
}

// checked reads the values of a CHECK (column IN ('a', 'b')) from SQLite's text of a table.
func checked(table, column string) []string {
	list := regexp.MustCompile(`(?is)check\s*\(+\s*["` + "`" + `\[]?` + regexp.QuoteMeta(column) + `["` + "`" + `\]]?\s+in\s*\(([^)]*)\)`).FindStringSubmatch(table)
	if list == nil {
		return nil
	}
	return quoted(list[1])
}

func text(value any) string {
	t, _ := value.(string)
	return t
}

func truth(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	default:
		return false
	}
}
