// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/trust"
)

func TestEachFieldStandsUnderTheKeysThatItHas(t *testing.T) {
	fields := []trust.Field{
		{Name: "app.users", Read: "37", Leaves: "40", Passes: true},
		{Name: "app.plans{plan=secret}", Read: "12", Leaves: "10", Passes: true},
		{Name: "app.debug", Read: "false", Leaves: "false", Passes: true, Exact: true},
		{Name: "app.spare", Read: "1", Leaves: "1", Passes: true, Exact: true},
		{Name: "host.name", Read: "db1"},
	}
	destinations := []trust.Destination{{
		Stats: []string{"USAGE"},
		Keys: []trust.Key{
			{Stat: "USAGE", Name: "users", From: "app.users"},
			{Stat: "USAGE", Name: "plans", From: "app.plans"},
			{Stat: "USAGE", Name: "debug", From: "app.debug"},
			{Stat: "EVENTS", Name: "spare", From: "app.spare"},
		},
	}}
	stats, rest := compose(fields, destinations, true)
	assert.Len(t, stats, 1)
	assert.Equal(t, []string{"users app.users", "plans app.plans{plan=secret}"}, named(stats[0].Changed))
	assert.Equal(t, []string{"debug app.debug"}, named(stats[0].Exact))
	assert.Len(t, rest, 2, "what passes and stands in no stat is among the rest")
	assert.Equal(t, "app.spare", rest[0].Name)

	stats, rest = compose(fields, nil, true)
	assert.Len(t, stats[0].Changed, 2, "where no exporter says what it sends, all that passes may leave")
	assert.Len(t, stats[0].Exact, 2)
	assert.Len(t, rest, 1)

	stats, _ = compose(fields, []trust.Destination{{Stats: []string{"USAGE"}}}, true)
	assert.Len(t, stats[0].Changed, 2, "a stat without keys is made of all that passes")
}

func named(rows []rowView) (names []string) {
	for _, r := range rows {
		names = append(names, r.Key+" "+r.Name)
	}
	return names
}
