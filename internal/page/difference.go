// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/headcount-otel/headcount/internal/ledger"
)

// difference is what a report says otherwise than the accepted one of its stat before it.
type difference struct {
	Before  ledger.Entry
	Changes []change
	Same    int // fields that both have with the same value
}

// change is one field of the JSON; Before or After is empty where a report does not have it.
type change struct{ Key, Before, After string }

// differenceOf compares a report with the entries before it; nil where there is nothing to compare.
func differenceOf(e ledger.Entry, before []ledger.Entry) *difference {
	now := fieldsOf(e.Body)
	for _, b := range slices.Backward(before) {
		if b.Stat != e.Stat || b.Host != e.Host || !b.Accepted() || now == nil {
			continue
		}
		then := fieldsOf(b.Body)
		if then == nil {
			continue
		}
		d := &difference{Before: b}
		for _, key := range slices.Sorted(maps.Keys(union(then, now))) {
			if then[key] == now[key] {
				d.Same++
			} else {
				d.Changes = append(d.Changes, change{key, then[key], now[key]})
			}
		}
		return d
	}
	return nil
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// fieldsOf are the fields of a body as they are written, those of groups by the path to them; nil where it is no report.
func fieldsOf(body []byte) map[string]string {
	var report struct {
		Value map[string]any `json:"value"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&report) != nil || report.Value == nil {
		return nil
	}
	fields := map[string]string{}
	flatten(fields, "", report.Value)
	return fields
}

func flatten(fields map[string]string, under string, value map[string]any) {
	for key, v := range value {
		switch v := v.(type) {
		case map[string]any:
			flatten(fields, under+key+".", v)
		case nil:
			fields[under+key] = "null"
		default:
			fields[under+key] = fmt.Sprint(v)
		}
	}
}

// node is the difference as the page shows it.
func (d *difference) node() g.Node {
	if d == nil {
		return nil
	}
	words := "nothing changed."
	switch {
	case len(d.Changes) > 0 && d.Same > 0:
		words = fmt.Sprintf("%d the same, and", d.Same)
	case len(d.Changes) > 0:
		words = ""
	}
	return g.Group{
		h.P(h.Class("about small"), g.Text("Against the report before, of "), moment(d.Before.Time), g.Text(": "+words)),
		g.If(len(d.Changes) > 0, h.Ul(h.Class("changes"), g.Map(d.Changes, change.node))),
	}
}

func (c change) node() g.Node {
	value := func(text string) g.Node {
		if text == "" {
			return nothing("not there")
		}
		return code(text)
	}
	return h.Li(code(c.Key), g.Text(" "), value(c.Before), g.Text(" → "), value(c.After))
}
