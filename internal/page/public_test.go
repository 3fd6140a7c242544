// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/trust"
)

func TestWithoutTheTokenNothingIsSeenThatTheDataSays(t *testing.T) {
	const suppressed, list, pattern = "no value below 6, then kept exact", "one of yes, no, else dropped", "rounded to 5"
	destinations := []trust.Destination{{Stats: []string{"S"}, Keys: []trust.Key{
		{Stat: "S", Name: "n", From: "app.n"}, {Stat: "S", Name: "named", From: "app.some.named"},
	}}}
	busy := []trust.Field{
		{Name: "app.n", Read: "7", Rule: suppressed, Leaves: "7", Passes: true, Exact: true, Named: "app.n", MayPass: true, MayBeExact: true},
		{Name: "app.choice", Read: "yes", Rule: list, Leaves: "yes", Passes: true, Named: "app.choice", MayPass: true},
		{Name: "app.groups{plan=a}", Read: "7", Rule: pattern, Leaves: "5", Passes: true, Named: "app.groups", MayPass: true},
		{Name: "app.groups{plan=b}", Read: "9", Rule: pattern, Leaves: "10", Passes: true, Named: "app.groups", MayPass: true},
		{Name: "app.some.bob", Read: "9", Rule: pattern, Leaves: "10", Passes: true, Named: "app.some.*", MayPass: true},
		{Name: "app.some.named", Read: "9", Rule: pattern, Leaves: "10", Passes: true, Named: "app.some.*", MayPass: true},
		{Name: "app.groups{user}", Read: "eve", Rule: list},
		{Name: "secret.alice", Read: "1", Rule: "no rule: does not pass"},
	}
	quiet := []trust.Field{
		{Name: "app.n", Read: "5", Rule: suppressed, Passes: true, Named: "app.n", MayPass: true, MayBeExact: true},
		{Name: "app.choice", Read: "perhaps", Rule: list, Named: "app.choice", MayPass: true},
		{Name: "app.groups{plan=c}", Read: "2", Rule: pattern, Named: "app.groups", MayPass: true},
		{Name: "app.some.carol", Read: "9", Rule: pattern, Leaves: "10", Passes: true, Named: "app.some.*", MayPass: true},
		{Name: "app.some.named", Read: "2", Rule: pattern, Leaves: "0", Passes: true, Named: "app.some.*", MayPass: true},
	}
	seen := public(busy, destinations)
	assert.Equal(t, seen, public(quiet, destinations))
	names := make([]string, len(seen))
	for i, f := range seen {
		names[i] = f.Name
	}
	assert.Equal(t, []string{"app.choice", "app.groups{…}", "app.n", "app.some.*", "app.some.named"}, names)
}
