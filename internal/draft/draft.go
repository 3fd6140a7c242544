// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
)

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// Write drafts the profile of a program from its database, in at most the time that it is given.
func Write(ctx context.Context, url, program string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	program = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(program), "_"), "_")
	if program == "" {
		program = "app"
	}
	db, err := inspect.Open(ctx, url)
	if err != nil {
		return "", err
	}
	defer db.Close()
	s := &survey{db: db, program: program, referred: map[string]int{}, rows: map[string]int64{}, leftOut: map[string][]string{}, allowance: map[string][]string{}}
	if err := s.run(ctx); err != nil {
		return "", err
	}
	if len(s.metrics) == 0 {
		return "", fmt.Errorf("of %d tables none looks like something to count: is the URL that of the application's own database?", len(s.tables))
	}
	return s.yaml(), nil
}

// yaml is the profile, from what is read to what is sent, and what was left out.
func (s *survey) yaml() string {
	var out strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	s.introduces(p)
	s.reads(p)
	s.anonymizes(p)
	s.sends(p)
	s.leavesOut(p)
	return out.String()
}

// printer writes lines.
type printer func(format string, args ...any)

func (s *survey) introduces(p printer) {
	p("# What %s tells its makers: a draft, to be read and cut. Delete what you will not look at.", s.program)
	p("#")
	p("#     headcount --config app:base --config file:%s.yaml --config app:preview   # shows it, sends nothing", s.program)
	p("#")
	if s.framework != nil {
		p("# Read from a database of %s, on %s, with %d tables. No value of a row stands here.", s.framework.name, s.db.System(), len(s.tables))
	} else {
		p("# Read from a database on %s, with %d tables. No value of a row stands here.", s.db.System(), len(s.tables))
	}
	p("")
	p("extensions:\n  headcount:\n    environment:")
	p("      %s_TELEMETRY: opt_in                # the program's own switch: a value such as false turns all of this off", variable(s.program))
	p("")
}

func (s *survey) reads(p printer) {
	p("receivers:\n  appusage:\n    resource:")
	p("      service.name: {value: %s}", s.program)
	for _, r := range s.resource {
		p("      %s: %s%s", r.key, r.value, remark(r.comment))
	}
	p("    metrics:")
	for _, m := range s.metrics {
		p("      %s: {unit: \"{%s}\", source: db, %s%s}%s", m.name, m.unit, m.reading, m.grouped(), remark(m.comment))
	}
	p("")
}

func (s *survey) anonymizes(p printer) {
	p("processors:\n  anonymizer:\n    metrics:")
	for _, m := range s.metrics {
		p("      %s: %s", m.name, m.rule)
	}
	if len(s.allowance) > 0 {
		p("    attributes:")
		for _, name := range slices.Sorted(maps.Keys(s.allowance)) {
			if values := s.allowance[name]; values != nil {
				p("      %s: {allow: [%s], other: other}", name, strings.Join(each(values, func(v string) string { return fmt.Sprintf("%q", v) }), ", "))
			} else {
				p("      %s: {keep: true, open: true}   # better: allow: [the values that the program writes], other: other", name)
			}
		}
	}
	p("    resource:")
	for _, r := range s.resource {
		if rule := ruleOf(r.key); rule != "" {
			p("      %s: %s", r.key, rule)
		}
	}
	p("")
}

func (s *survey) sends(p printer) {
	p("exporters:\n  collect:\n    endpoint: https://collect.example.com/stat   # yours")
	p("    stats:\n      %s:\n        description: %q", variable(s.program), "The makers of "+s.program+" ask once a week how much it is used.")
	p("        interval: 168h\n        value:")
	for _, r := range s.resource {
		if key := fieldOf(r.key); key != "" {
			p("          %s: {resource: %s}", key, r.key)
		}
	}
	for _, m := range s.metrics {
		p("          %s: {metric: %s%s}", m.field, m.name, m.grouped())
	}
}

func (s *survey) leavesOut(p printer) {
	if len(s.remarks)+len(s.leftOut) > 0 {
		p("\n# Left out, and why:")
	}
	for _, text := range s.remarks {
		p("#   %s", text)
	}
	for _, why := range slices.Sorted(maps.Keys(s.leftOut)) {
		p("#   %s: %s", why, enumerate(s.leftOut[why]))
	}
}

// grouped is how a reading and a field say by what the metric is told apart.
func (m metric) grouped() string {
	if m.by == "" {
		return ""
	}
	return ", by: " + m.by
}

func remark(comment string) string {
	if comment == "" {
		return ""
	}
	return "   # " + comment
}

func ruleOf(attribute string) string {
	switch attribute {
	case "service.version":
		return "{version: minor}"
	case "db.system.name":
		return "{allow: [sqlite, postgresql, mysql]}"
	case "app.installed_at":
		return `{date: {to: quarter, layout: "Q{quarter}-{year}"}}`
	default: // app:base has it
		return ""
	}
}

func fieldOf(attribute string) string {
	return map[string]string{"service.version": "version", "db.system.name": "database", "app.installed_at": "install_quarter"}[attribute]
}

func each(values []string, f func(string) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// enumerate names the first of many.
func enumerate(names []string) string {
	const shown = 12
	if len(names) > shown {
		return strings.Join(names[:shown], ", ") + fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return strings.Join(names, ", ")
}
