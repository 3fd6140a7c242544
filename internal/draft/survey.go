// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
)

// survey is what is known of a database when the profile is written.
type survey struct {
	db        *inspect.Database
	program   string
	tables    []inspect.Table
	referred  map[string]int
	rows      map[string]int64
	prefix    string
	framework *framework

	metrics   []metric
	resource  []line
	leftOut   map[string][]string
	remarks   []string
	allowance map[string][]string
}

// metric is one reading, with its rule and its field.
type metric struct {
	name, unit, reading, by string
	rule, field, comment    string
}

// line is a key with its value and a remark.
type line struct{ key, value, comment string }

// most is how many tables a profile counts: of more, nobody reads the figures.
const most = 12

func (s *survey) run(ctx context.Context) error {
	var err error
	if s.tables, err = s.db.Tables(ctx); err != nil {
		return err
	}
	s.tables = s.oneOfEachName(s.tables)
	s.prefix = commonPrefix(s.tables)
	for i := range s.tables {
		for _, c := range s.tables[i].Columns {
			if to := s.refersTo(c); to != "" && to != strings.ToLower(base(s.tables[i].Name)) {
				s.referred[to]++
			}
		}
	}
	s.findFramework()
	person := s.findUsers()
	things, err := s.look(ctx, person)
	if err != nil {
		return err
	}
	sort.SliceStable(things, func(i, j int) bool { return s.weight(things[i]) > s.weight(things[j]) })
	for i, t := range things {
		if i >= most {
			s.leaveOut("less central; count them the same way if you want to know", t)
		}
	}
	s.describe(ctx, person, things[:min(most, len(things))])
	return nil
}

// look counts the rows of what may be counted, and returns the tables but that of people.
func (s *survey) look(ctx context.Context, person *inspect.Table) (things []*inspect.Table, err error) {
	var unread error
	looked := 0
	for i := range s.tables {
		t := &s.tables[i]
		if why := s.why(t, person); why != "" {
			s.leaveOut(why, t)
			continue
		}
		if s.rows[t.Name], err = s.db.Rows(ctx, t.Name); err != nil {
			s.leaveOut("not read: "+err.Error(), t)
			unread = err
			continue
		}
		looked++
		if t != person {
			things = append(things, t)
		}
	}
	if looked == 0 && unread != nil {
		return nil, fmt.Errorf("no table could be read: %w", unread)
	}
	return things, nil
}

func (s *survey) leaveOut(why string, t *inspect.Table) {
	s.leftOut[why] = append(s.leftOut[why], t.Name)
}

// refersTo is the table that a column refers to: by a foreign key, or by its name where the schema declares none.
func (s *survey) refersTo(c inspect.Column) string {
	if c.References != "" {
		return strings.ToLower(c.References)
	}
	name := snake(c.Name)
	for _, t := range s.tables {
		table := snake(s.short(&t))
		one := singular(table)
		if name == table+"id" || name == one+"id" || name == one && c.Kind == inspect.Int || name == table+"_id" || name == one+"_id" || strings.HasSuffix(name, "_"+table) || strings.HasSuffix(name, "_"+one+"_id") {
			return strings.ToLower(base(t.Name))
		}
	}
	return ""
}

// oneOfEachName leaves a table that several schemas have to the one that is searched, or to none.
func (s *survey) oneOfEachName(tables []inspect.Table) []inspect.Table {
	schemas := map[string]int{}
	for _, t := range tables {
		schemas[base(t.Name)]++
	}
	return slices.DeleteFunc(tables, func(t inspect.Table) bool {
		if schemas[base(t.Name)] > 1 && strings.Contains(t.Name, ".") {
			why := "in several schemas; a reading counts one of them"
			s.leftOut[why] = append(s.leftOut[why], t.Name)
			return true
		}
		return false
	})
}

func (s *survey) findFramework() {
	for i := range frameworks {
		for _, t := range s.tables {
			if frameworks[i].mark.MatchString(base(t.Name)) && (frameworks[i].since == "" || t.Column(frameworks[i].since) != nil) {
				s.framework = &frameworks[i]
				return
			}
		}
	}
}

var (
	passwords = like(`^(user_)?(password|passwd|pass|pwhash|passwordhash|encrypted_password|hashed_password|password_\w+|pw_hash)$`)
	// signs are columns of one who signs in, where the table's name says already whose it is.
	signs  = like(`passw|pwhash|login|mail|user_?name|nick|identifier|handle`)
	logins = like(`^(user_)?(username|login|email|mail|last_login|user_name|screen_name|handle)$`)
)

// findUsers finds the table of those who use the program: by its name and one column of a person, or because it
// keeps names with passwords, as tables of machines to watch do as well.
func (s *survey) findUsers() *inspect.Table {
	var best *inspect.Table
	score := 0
	for i := range s.tables {
		t := &s.tables[i]
		named := users.MatchString(strings.ToLower(s.short(t))) || users.MatchString(strings.ToLower(base(t.Name)))
		password, login, sign := 0, 0, 0
		for _, c := range t.Columns {
			if signs.MatchString(strings.ToLower(c.Name)) {
				sign = 1
			}
			if name := strings.ToLower(c.Name); passwords.MatchString(name) {
				password = 2
			} else if logins.MatchString(name) {
				login = 1
			}
		}
		n := password + login
		switch {
		case named && n+sign > 0:
			n += 3
		case byName(t, s.short(t)) != "": // one row a sign-in has names with passwords as well
			continue
		}
		if n >= 3 && (n > score || n == score && s.referred[strings.ToLower(base(t.Name))] > s.referred[strings.ToLower(base(best.Name))]) {
			best, score = t, n
		}
	}
	return best
}

// why says why a table is left out; empty for one that may be counted.
func (s *survey) why(t, person *inspect.Table) string {
	if t == person {
		return ""
	}
	if strings.ContainsAny(t.Name, " \"'`") {
		return "a name that no reading can write"
	}
	if reason := byName(t, s.short(t)); reason != "" && !(reason == inPassing && s.isReferredTo(t)) {
		return reason
	}
	if t.Column("issued_at") != nil && strings.EqualFold(base(t.Name), "transaction") { // SQLAlchemy-Continuum's
		return "bookkeeping of the framework"
	}
	if isVersion(t) {
		return "one row a version of a thing: count_distinct of what names the thing counts them"
	}
	if of(t, []string{"access_token", "refresh_token"}, inspect.Text) != nil { // an account at another provider
		return "what signs somebody in"
	}
	if s.isJoin(t) {
		return "joins others"
	}
	own := 0
	language := false
	for _, c := range t.Columns {
		column := snake(c.Name)
		isID := strings.HasSuffix(column, "_id") || c.Kind == inspect.Int && strings.HasSuffix(column, "id")
		if !c.Key && c.References == "" && !isID && !slices.Contains([]string{"id", "position", "order", "sort", "sort_order", "weight", "rank", "created_at", "updated_at", "created", "updated", "date"}, column) {
			own++
		}
		language = language || column == "language" || column == "language_code" || column == "locale" || column == "lang"
	}
	switch {
	case own == 0:
		return "joins others"
	case language && s.parent(t) != "":
		return "one row a language"
	case s.isKeyValue(t):
		return "settings, not things"
	}
	return ""
}

// isJoin reports that a table joins two others, whatever else it says of them: its key is both, or its name is.
func (s *survey) isJoin(t *inspect.Table) bool {
	keys, refer := 0, 0
	var joined []string
	for _, c := range t.Columns {
		if c.Key {
			keys++
			if c.References != "" {
				refer++
			}
		}
		if to := s.refersTo(c); to != "" && to != strings.ToLower(base(t.Name)) {
			joined = append(joined, squeezed(to))
		}
	}
	if keys > 1 && keys == refer {
		return true
	}
	name := squeezed(strings.ReplaceAll(snake(s.short(t)), "_and_", "_"))
	for i, one := range joined {
		for _, other := range joined[i+1:] {
			if name == one+other || name == other+one {
				return true
			}
		}
	}
	return false
}

// squeezed is a name without plurals and underscores: users_collections is usercollection.
func squeezed(name string) string {
	var all strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		all.WriteString(singular(word))
	}
	return all.String()
}

// isVersion reports that a table has a row for each version of its things: its key says so, or it has none.
func isVersion(t *inspect.Table) bool {
	keys, versions := 0, 0
	for _, c := range t.Columns {
		if c.Key {
			keys++
		}
		if slices.Contains([]string{"version", "revision", "rev", "version_id", "revision_id", "version_number"}, snake(c.Name)) && (c.Key || c.Kind == inspect.Int) {
			versions++
		}
	}
	return keys != 1 && versions > 0
}

// byName is the reason for which tables of such a name are left out; empty for none.
func byName(t *inspect.Table, short string) string {
	for _, r := range slices.Concat(leftOut, atTheEnd) {
		if r.names.MatchString(snake(short)) || r.names.MatchString(snake(base(t.Name))) {
			return r.text
		}
	}
	return ""
}

// isReferredTo reports that a table of one word has others that refer to it: a queue with tickets is a thing, one of
// jobs for a worker is none.
func (s *survey) isReferredTo(t *inspect.Table) bool {
	return !strings.Contains(snake(s.short(t)), "_") && s.referred[strings.ToLower(base(t.Name))] > 0
}

// parent is the table whose name begins this table's, and to which it refers.
func (s *survey) parent(t *inspect.Table) string {
	for _, c := range t.Columns {
		if c.References != "" && c.References != base(t.Name) && strings.HasPrefix(snake(base(t.Name)), strings.TrimSuffix(snake(c.References), "s")) {
			return c.References
		}
	}
	return ""
}

func (s *survey) isKeyValue(t *inspect.Table) bool {
	key, value := keyValue(t)
	return key != nil && value != nil && len(t.Columns) <= 6
}

func keyValue(t *inspect.Table) (key, value *inspect.Column) {
	key = of(t, []string{"key", "name", "option_name", "setting_key", "setting", "code", "config_key", "variable", "param"}, inspect.Text)
	value = of(t, []string{"value", "option_value", "setting_value", "val", "config_value", "content", "data"}, inspect.Text)
	return key, value
}

// weight says how central a table is: others refer to it, it has rows, somebody gave the things a name.
func (s *survey) weight(t *inspect.Table) int {
	n := 3 * min(4, s.referred[strings.ToLower(base(t.Name))])
	for rows := s.rows[t.Name]; rows > 0; rows /= 10 { // of what is used most there is most
		n++
	}
	if s.rows[t.Name] > 0 {
		n += 2
	}
	for _, c := range t.Columns {
		switch snake(c.Name) {
		case "name", "title", "slug", "subject", "label", "status", "state":
			n += 2
		}
	}
	if of(t, ofCreation, inspect.Time, inspect.Int, inspect.Text) != nil {
		n++
	}
	if s.parent(t) != "" {
		n -= 3
	}
	return n - strings.Count(snake(s.short(t)), "_")
}

// short is a table's name without its schema and without what all tables begin with.
func (s *survey) short(t *inspect.Table) string {
	name := base(t.Name)
	if rest, has := strings.CutPrefix(name, "_"); has && rest != "" && !strings.HasPrefix(rest, "_") { // Roundup's _issue
		name = rest
	}
	if rest, has := strings.CutPrefix(strings.ToLower(name), s.program+"_"); has && rest != "" {
		return name[len(name)-len(rest):]
	}
	if rest, has := strings.CutPrefix(name, s.prefix); has && rest != "" {
		return rest
	}
	return name
}

func base(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// commonPrefix is what more than half of the tables begin with, up to an underscore.
func commonPrefix(tables []inspect.Table) string {
	begins := map[string]int{}
	for _, t := range tables {
		if first, _, has := strings.Cut(base(t.Name), "_"); has && first != "" {
			begins[first+"_"]++
		}
	}
	for prefix, n := range begins {
		if 2*n > len(tables) && n > 2 {
			return prefix
		}
	}
	return ""
}

// snake is a name in lower case with underscores: orderItems is order_items.
func snake(name string) string {
	var out strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
				out.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		if r == '-' || r == '$' || r == '.' {
			r = '_'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func (s *survey) remark(format string, args ...any) {
	s.remarks = append(s.remarks, fmt.Sprintf(format, args...))
}
