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
	s.resource = append(s.resource, line{"service.version", "{env: " + variable(s.program) + "_VERSION}", "from the environment: hardly a program keeps it in its database as a plain value"})
	s.resource = append(s.resource, line{"db.system.name", "{source: db, system: true}", ""})
	s.findInstallation(ctx, person)
	if person == nil {
		s.remark("There is no table of users here: who signs in stands elsewhere, and is not counted.")
	} else {
		s.countUsers(ctx, person)
	}
	news := 0
	for _, t := range things {
		name, field := s.nameOf(t)
		where, said := s.there(ctx, t)
		s.metrics = append(s.metrics, metric{
			name: name, unit: singular(snake(s.short(t))), field: field, comment: said,
			reading: "count: {table: " + plain(t.Name) + conditions(where, "", times{}) + "}", rule: grid(s.rows[t.Name]),
		})
		if created, clock := s.clock(ctx, t, ofCreation); created != "" && news < 4 {
			news++
			s.metrics = append(s.metrics, metric{
				name: name + ".new", unit: singular(snake(s.short(t))), field: field + "_new_30d",
				reading: "count: {table: " + plain(t.Name) + conditions(where, created, clock) + "}", rule: grid(s.rows[t.Name] / 4),
			})
		}
		s.byKinds(ctx, name, field, t, where)
	}
}

// nameOf is the metric's name for a table, and the field's; by the table's whole name where the short one is taken.
func (s *survey) nameOf(t *inspect.Table) (name, field string) {
	for _, field = range []string{snake(s.short(t)), snake(base(t.Name)), snake(base(t.Name)) + "_rows"} {
		name = s.program + "." + field
		if !slices.ContainsFunc(s.metrics, func(m metric) bool { return m.name == name || m.field == field }) {
			break
		}
	}
	return name, field
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
		if created, clock := s.clock(ctx, person, ofCreation); created != "" {
			s.resource = append(s.resource, line{"app.installed_at", "{source: db, min: {table: " + plain(person.Name) + ", column: " + created + clock.said() + "}}", "when the first user came, as nothing else says when it was installed"})
		}
	}
	for i := range s.tables {
		t := &s.tables[i]
		if s.isInstallation(ctx, t) {
			return
		}
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

// isInstallation reports that the table is one row of settings with the installation's id in a column.
func (s *survey) isInstallation(ctx context.Context, t *inspect.Table) bool {
	for _, known := range ofIdentity {
		c := t.Column(known)
		if c == nil || c.Kind != inspect.Text || known == "uuid" || known == "UUID" {
			continue
		}
		if alone, err := s.db.Single(ctx, t.Name, c.Name, 64); err == nil && alone {
			s.resource = append(s.resource, line{"service.instance.id", "{source: db, pick: {table: " + plain(t.Name) + ", column: " + c.Name + "}}", "the program's own; a new name leaves each quarter"})
			return true
		}
	}
	return false
}

func (s *survey) countUsers(ctx context.Context, t *inspect.Table) {
	where, said := s.there(ctx, t)
	if active := of(t, ofActive, inspect.Bool); active != nil {
		where = append(where, active.Name+": true")
	}
	where = append(where, without(t, ofSystem, where)...)
	s.metrics = append(s.metrics, metric{
		name: s.program + ".users", unit: "user", field: "users", rule: people, comment: said,
		reading: "count: {table: " + plain(t.Name) + conditions(where, "", times{}) + "}",
	})
	if used, clock := s.clock(ctx, t, ofUse); used != "" {
		s.metrics = append(s.metrics, metric{
			name: s.program + ".users.active", unit: "user", field: "users_active_30d", rule: people,
			reading: "count: {table: " + plain(t.Name) + conditions(where, used, clock) + "}",
		})
	}
	s.remark("Of %s only how many there are is counted; its other columns are about persons.", t.Name)
}

// there are the conditions under which a row counts as being there.
func (s *survey) there(ctx context.Context, t *inspect.Table) (where []string, said string) {
	if gone := of(t, ofDeletion, inspect.Time, inspect.Int, inspect.Text); gone != nil {
		spread, err := s.db.Spread(ctx, t.Name, gone.Name)
		switch {
		case err != nil || spread.Filled >= min(s.rows[t.Name], inspect.Sample) && s.rows[t.Name] > 0:
			s.remark("%s.%s stands in every row, also of what is there: say with `where` which value stands for not deleted.", t.Name, gone.Name)
		case gone.Kind == inspect.Time || s.rows[t.Name] > 0:
			where, said = []string{gone.Name + ": null"}, "not those in "+gone.Name
		}
	}
	return append(where, without(t, slices.Concat(ofDeleted, ofNoThing), nil)...), said
}

// without are conditions that none of these flags is set.
func without(t *inspect.Table, names, before []string) (where []string) {
	for _, name := range names {
		if flag := of(t, []string{name}, inspect.Bool); flag != nil {
			if condition := flag.Name + ": false"; !slices.Contains(where, condition) && !slices.Contains(before, condition) {
				where = append(where, condition)
			}
		}
	}
	return where
}

// times says how a column writes times, where its type does not.
type times struct{ form, zone string }

func (t times) said() (text string) {
	if t.form != "" {
		text += ", time: " + t.form
	}
	if t.zone != "" {
		text += ", zone: " + t.zone
	}
	return text
}

// clock finds a column of times that have been, of those names, and how it writes them.
func (s *survey) clock(ctx context.Context, t *inspect.Table, names []string) (string, times) {
	for _, name := range names {
		c := of(t, []string{name}, inspect.Time, inspect.Int, inspect.Number, inspect.Text)
		if c == nil {
			continue
		}
		if s.rows[t.Name] == 0 {
			if n, err := s.db.Rows(ctx, t.Name); err != nil || n == 0 {
				if c.Kind == inspect.Time {
					return c.Name, times{}
				}
				continue
			}
		}
		form, err := s.db.Clock(ctx, t.Name, c.Name)
		switch {
		case err != nil:
		case form.IsTime && form.Numbers:
			return c.Name, times{form: form.Form}
		case form.IsTime:
			return c.Name, times{}
		case form.Future:
			s.remark("%s.%s lies in the future: it is no time at which something was.", t.Name, c.Name)
		}
	}
	return "", times{}
}

// byKinds counts the things of a table by a column that says of which of a few kinds they are: one whose values the
// schema declares, else one that is called status, type or the like, else one whose name ends so.
func (s *survey) byKinds(ctx context.Context, name, field string, t *inspect.Table, where []string) {
	prefix := columnPrefix(t)
	var likely []*inspect.Column
	for i := range t.Columns {
		c := &t.Columns[i]
		column := snake(c.Name)
		if c.Key || c.References != "" || ofPersons.MatchString(column) || c.Kind != inspect.Enum && !ofKinds.MatchString(column) {
			continue
		}
		likely = append(likely, c)
	}
	rank := func(c *inspect.Column) int {
		switch column := strings.TrimPrefix(snake(c.Name), prefix); {
		case c.Kind == inspect.Enum && ofKinds.MatchString(column):
			return 0
		case !strings.Contains(column, "_"):
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(likely, func(a, b *inspect.Column) int { return rank(a) - rank(b) })
	for _, c := range likely {
		column := snake(c.Name)
		if c.Kind != inspect.Enum {
			if c.Kind != inspect.Text && c.Kind != inspect.Int {
				continue
			}
			spread, err := s.db.Spread(ctx, t.Name, c.Name)
			if err != nil || spread.Distinct < 2 || spread.Distinct > 12 || spread.Longest > 32 || spread.Filled < 3*spread.Distinct {
				if err == nil && spread.Filled > 0 {
					const why = "named like a kind, with too many, too few or too long values for one"
					s.leftOut[why] = append(s.leftOut[why], t.Name+"."+c.Name)
				} else if err == nil {
					const why = "perhaps worth a `by`, with no rows here to tell"
					s.leftOut[why] = append(s.leftOut[why], t.Name+"."+c.Name)
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
			name: name + ".by_" + column, unit: singular(snake(s.short(t))), field: field + "_by_" + column, by: c.Name,
			reading: "count: {table: " + plain(t.Name) + conditions(where, "", times{}) + "}", rule: "{suppress_below: 6, round: {to: " + step(s.rows[t.Name]) + "}}",
		})
		return
	}
}

func conditions(where []string, since string, clock times) string {
	var text string
	if len(where) > 0 {
		text += ", where: {" + strings.Join(where, ", ") + "}"
	}
	if since != "" {
		text += ", since: {" + since + ": 30d}" + clock.said()
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
