// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/ledger"
)

func TestWhatAReportSaysOtherwiseThanTheOneBefore(t *testing.T) {
	entry := func(number uint64, stat string, status int, value string) ledger.Entry {
		return ledger.Entry{Number: number, Stat: stat, Status: status, Body: []byte(`{"value":` + value + `}`)}
	}
	entries := []ledger.Entry{
		entry(1, "USAGE", 200, `{"runs":100,"mean":45.0,"plans":{"free":10,"pro":5},"version":"5.2"}`),
		entry(2, "USAGE", 503, `{"runs":1}`),
		entry(3, "EVENTS", 200, `{"runs":2}`),
		{Number: 4, Stat: "USAGE", Status: 200, Discarded: true},
		entry(5, "USAGE", 0, `{"runs":300,"mean":45.0,"plans":{"free":20},"version":"5.3","new":null}`),
	}
	d := differenceOf(entries[4], entries[:4])
	require.NotNil(t, d)
	assert.EqualValues(t, 1, d.Before.Number, "the last one that was accepted and is kept")
	assert.Equal(t, []change{{"new", "", "null"}, {"plans.free", "10", "20"}, {"plans.pro", "5", ""}, {"runs", "100", "300"}, {"version", "5.2", "5.3"}}, d.Changes)
	assert.Equal(t, 1, d.Same)
	assert.Nil(t, differenceOf(entries[0], nil), "the first")
	assert.Nil(t, differenceOf(entries[3], entries[:3]), "a body that is gone")
}
