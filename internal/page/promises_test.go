// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAClaimOfSeveralFieldsIsSaidOnce(t *testing.T) {
	claimed := func(claim string) rowView { return rowView{fieldReport: fieldReport{Name: claim, Claim: claim}} }
	v := &view{
		Made: []made{{Changed: []rowView{claimed("of two stats"), claimed("alone")}}, {Exact: []rowView{claimed("of two stats")}}},
		Rest: []fieldReport{{Name: "a", Claim: "stays"}, {Name: "b", Claim: "stays"}},
	}
	v.Shared = shared(v.Made, v.Rest)
	assert.Equal(t, []string{"of two stats", "stays"}, v.Shared)

	var out strings.Builder
	require.NoError(t, v.row(claimed("of two stats")).Render(&out))
	assert.Contains(t, out.String(), `<span title="of two stats">promise 1 below</span>`)
	out.Reset()
	require.NoError(t, v.row(claimed("alone")).Render(&out))
	assert.Contains(t, out.String(), "<br>alone</span>", "what only one field promises stands beside it")
	out.Reset()
	require.NoError(t, v.promises().Render(&out))
	assert.Contains(t, out.String(), `<li>of two stats</li><li>stays</li>`)
	assert.Nil(t, (&view{}).promises())
}
