// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
)

const people = "{bucket: {bounds: [0, 1, 6, 21, 101, 501, 2001]}}"

func (s *survey) describe(ctx context.Context, person *inspect.Table, things []*inspect.Table) {
	s.resource = append(s.resource, line{"service.version", "{env: " + variable(s.program) + "_VERSION}", "no program was found that keeps it in its database as a plain value"})
	s.resource = append(s.resource, line{"db.system.name", "{source: db, system: true}", ""})
	s.findInstallation(ctx, person)
	if person == nil {
		s.remark("There is no table of users here: who signs in stands elsewhere, and is not counted.")
	} else {
		s.countUsers(ctx, person)
	}
	news := 0
	for _, t := range things {
		name := s.program + "." + snake(s.short(t))
		where, said := s.there(t)
		s.metrics = append(s.metrics, metric{
			name: name, unit: singular(snake(s.short(t))), field: snake(s.short(t)), comment: said,
			reading: "count: {table: " + plain(t.Name) + conditions(where, nil) + "}", rule: grid(s.rows[t.Name]),
		})
		if created := s.clock(ctx, t, ofCreation); created != "" && news < 4 {
			news++
			s.metrics = append(s.metrics, metric{
				name: name + ".new", unit: singular(snake(s.short(t))), field: snake(s.short(t)) + "_new_30d",
				reading: "count: {table: " + plain(t.Name) + conditions(where, map[string]string{created: "30d"}) + "}", rule: grid(s.rows[t.Name] / 4),
			})
		}
		s.byKinds(ctx, name, t, where)
	}
}

// findInstallation finds since when the program is here, and the id that it gave itself.
func (s *survey) findInstallation(ctx context.Context, person *inspect.Table) {
	if s.framework != nil && s.framework.since != "" {
		for i := range s.tables {
			if t := &s.tables[i]; s.framework.mark.MatchString(base(t.Name)) {
				s.resource = append(s.resource, line{"app.installed_at", "{source: db, min: {table: " + plain(t.Name) + ", column: " + t.Column(s.framework.since).Name + s.zone() + "}}", "when " + s.framework.name + " made the first table"})
			}
		}
	} else if person != nil {
		if created := s.clock(ctx, person, ofCreation); created != "" {
			s.resource = append(s.resource, line{"app.installed_at", "{source: db, min: {table: " + plain(person.Name) + ", column: " + created + "}}", "when the first user came, as nothing else says when it was installed"})
		}
	}
	for i := range s.tables {
		t := &s.tables[i]
		key, value := keyValue(t)
		if key == nil || value == nil {
			continue
		}
		for _, known := range ofIdentity {
			if has, err := s.db.Has(ctx, t.Name, key.Name, known, value.Name, 64); err == nil && has {
				s.resource = append(s.resource, line{"service.instance.id", "{source: db, pick: {table: " + plain(t.Name) + ", column: " + value.Name + ", where: {" + key.Name + ": " + known + "}}}", "the program's own; a new name leaves each quarter"})
				return
			}
		}
	}
}

func (s *survey) countUsers(ctx context.Context, t *inspect.Table) {
	where, said := s.there(t)
	if active := of(t, ofActive, inspect.Bool); active != nil {
		where = append(where, active.Name+": true")
	}
	for _, name := range ofSystem {
		if system := of(t, []string{name}, inspect.Bool); system != nil {
			where = append(where, system.Name+": false")
		}
	}
	s.metrics = append(s.metrics, metric{
		name: s.program + ".users", unit: "user", field: "users", rule: people, comment: said,
		reading: "count: {table: " + plain(t.Name) + conditions(where, nil) + "}",
	})
	if used := s.clock(ctx, t, ofUse); used != "" {
		s.metrics = append(s.metrics, metric{
			name: s.program + ".users.active", unit: "user", field: "users_active_30d", rule: people,
			reading: "count: {table: " + plain(t.Name) + conditions(where, map[string]string{used: "30d"}) + "}",
		})
	}
	s.remark("Of %s only how many there are is counted; its other columns are about persons.", t.Name)
}

// there are the conditions under which a row counts as being there.
func (s *survey) there(t *inspect.Table) (where []string, said string) {
	if gone := of(t, ofDeletion, inspect.Time, inspect.Int, inspect.Text); gone != nil {
		if gone.Kind == inspect.Time {
			return []string{gone.Name + ": null"}, "not those in " + gone.Name
		}
	}
	if gone := of(t, ofDeleted, inspect.Bool); gone != nil {
		return []string{gone.Name + ": false"}, ""
	}
	return nil, ""
}

// clock finds a column of times that have been, of those names.
func (s *survey) clock(ctx context.Context, t *inspect.Table, names []string) string {
	for _, name := range names {
		c := of(t, []string{name}, inspect.Time, inspect.Int, inspect.Number, inspect.Text)
		if c == nil {
			continue
		}
		if s.rows[t.Name] == 0 {
			if n, err := s.db.Rows(ctx, t.Name); err != nil || n == 0 {
				if c.Kind == inspect.Time {
					return c.Name
				}
				continue
			}
		}
		form, err := s.db.Clock(ctx, t.Name, c.Name)
		switch {
		case err != nil:
		case form.IsTime:
			return c.Name
		case form.Future:
			s.remark("%s.%s lies in the future: it is no time at which something was.", t.Name, c.Name)
		}
	}
	return ""
}

// byKinds counts the things of a table by a column that says of which of a few kinds they are.
func (s *survey) byKinds(ctx context.Context, name string, t *inspect.Table, where []string) {
	for i := range t.Columns {
		c := &t.Columns[i]
		column := snake(c.Name)
		if c.Key || c.References != "" || ofPersons.MatchString(column) || c.Kind != inspect.Enum && !ofKinds.MatchString(column) {
			continue
		}
		if c.Kind != inspect.Enum {
			if c.Kind != inspect.Text && c.Kind != inspect.Int {
				continue
			}
			spread, err := s.db.Spread(ctx, t.Name, c.Name)
			if err != nil || spread.Distinct < 2 || spread.Distinct > 12 || spread.Longest > 32 || spread.Filled < 3*spread.Distinct {
				if err == nil && spread.Filled > 0 {
					s.remark("%s.%s has a name like that of a kind, and its values are too many, too few or too long for one.", t.Name, c.Name)
				} else if err == nil {
					s.remark("%s.%s may be worth a `by`; there are no rows here to tell.", t.Name, c.Name)
				}
				continue
			}
		}
		if known, before := s.allowance[c.Name]; before && !slices.Equal(known, c.Values) {
			s.remark("%s.%s would be counted `by` as well; another table has a column of that name with other values, and one rule holds for both.", t.Name, c.Name)
			continue
		}
		s.allowance[c.Name] = c.Values
		s.metrics = append(s.metrics, metric{
			name: name + ".by_" + column, unit: singular(snake(s.short(t))), field: snake(s.short(t)) + "_by_" + column, by: c.Name,
			reading: "count: {table: " + plain(t.Name) + conditions(where, nil) + "}", rule: "{suppress_below: 6, round: {to: " + step(s.rows[t.Name]) + "}}",
		})
		return
	}
}

func conditions(where []string, since map[string]string) string {
	var text string
	if len(where) > 0 {
		text += ", where: {" + strings.Join(where, ", ") + "}"
	}
	for column, window := range since {
		text += ", since: {" + column + ": " + window + "}"
	}
	return text
}

// grid is the rule for a number of this size.
func grid(rows int64) string {
	if rows < 100 {
		return people
	}
	return "{round: {to: " + step(rows) + "}}"
}

func step(rows int64) string {
	switch {
	case rows < 1000:
		return "10"
	case rows < inspect.Sample:
		return "100"
	default:
		return "1000"
	}
}

func plain(name string) string {
	if strings.ContainsAny(name, "$-") || strings.HasPrefix(name, "_") {
		return fmt.Sprintf("%q", name)
	}
	return name
}

func variable(program string) string { return strings.ToUpper(program) }

// singular is a unit: orders are counted in {order}.
func singular(name string) string {
	name = name[strings.LastIndex(name, "_")+1:]
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses") || strings.HasSuffix(name, "xes") || strings.HasSuffix(name, "ches") || strings.HasSuffix(name, "shes"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && !strings.HasSuffix(name, "us") && len(name) > 3:
		return name[:len(name)-1]
	}
	return name
}

// zone is said of times that are written without one, by frameworks that write them in UTC.
func (s *survey) zone() string {
	switch s.framework.name {
	case "Django", "Rails", "Prisma":
		return ", zone: UTC"
	}
	return ""
}
