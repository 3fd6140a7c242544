// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/trust"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func delivery(key, body string, status int) trust.Delivery {
	return trust.Delivery{Time: noon, Stat: "USAGE", Host: "collect.example.com:443", Body: []byte(body), Key: key, Status: status}
}

type line struct {
	Number   uint64 `json:"number"`
	Stat     string `json:"stat"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"idempotency_key"`
	Tries    int    `json:"tries"`
	Status   int    `json:"status"`
	DryRun   bool   `json:"dry_run"`
	Size     int    `json:"size"`
	Body     *string
}

func (r *rig) lines(path string) (lines []line) {
	r.t.Helper()
	answer, text := r.get(r.trusted(path))
	require.Equal(r.t, 200, answer.StatusCode)
	scan := bufio.NewScanner(strings.NewReader(text))
	scan.Buffer(nil, 4<<20)
	for scan.Scan() {
		var l line
		require.NoError(r.t, json.Unmarshal(scan.Bytes(), &l))
		lines = append(lines, l)
	}
	return lines
}

func TestTheLedgerTellsWhatLeft(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	body := `{"instanceId":"i","time":1795392000.0,"value":{"a":"<b>& "},"name":"USAGE"}`
	require.NoError(t, r.Sending(delivery("k1", body, 0)))
	r.Delivered(delivery("k1", body, 503))
	require.NoError(t, r.Sending(delivery("k1", body, 0)))
	r.Delivered(delivery("k1", body, 200))
	r.Delivered(delivery("k2", `{"second":2}`, 200))                // an exporter that does not tell before
	require.NoError(t, r.Sending(delivery("k3", `{"third":3}`, 0))) // no answer before the end

	want := []line{
		{1, "USAGE", "collect.example.com:443", "k1", 2, 200, false, len(body), &body},
		{2, "USAGE", "collect.example.com:443", "k2", 1, 200, false, 12, ptr(`{"second":2}`)},
		{3, "USAGE", "collect.example.com:443", "k3", 1, 0, false, 11, ptr(`{"third":3}`)},
	}
	assert.Equal(t, want, r.lines("/api/v1/ledger"))
	require.NoError(t, r.stop())
	assert.Equal(t, want, run(t, over, nil, nil).lines("/api/v1/ledger"), "it survives a restart")
}

func ptr(text string) *string { return &text }

func TestTheSameKeyWithAnotherBodyIsAnotherEntry(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.Delivered(delivery("k", `{"stale":1}`, 503))
	r.Delivered(delivery("k", `{"fresh":1}`, 200))
	assert.Len(t, r.lines("/api/v1/ledger"), 2)
}

func TestATornLedgerIsSetAside(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	for i := range 5 {
		r.Delivered(delivery(fmt.Sprint("k", i), fmt.Sprintf(`{"n":%d}`, i), 200))
	}
	require.NoError(t, r.stop())
	over.records["ledger.1"] = over.records["ledger.1"][:20]
	over.records["ledger.2"] = []byte("\x00\x00\x00")
	over.records["ledger.3"] = over.records["ledger.4"] // in a place that is not its own
	over.records["ledger.9"] = []byte(`{"version":7,"record":{}}`)
	over.records["account"] = []byte(`{"version":1,"record":[]}`)

	r = run(t, over, nil, nil)
	var numbers []uint64
	for _, l := range r.lines("/api/v1/ledger") {
		numbers = append(numbers, l.Number)
	}
	assert.Equal(t, []uint64{4, 5}, numbers)
	assert.Equal(t, 2, r.logs.FilterLevelExact(zap.WarnLevel).Len())
	_, page := r.get("/")
	assert.Contains(t, page, "4 entries of the record could not be read")

	for i := range 10 {
		r.Delivered(delivery(fmt.Sprint("new", i), `{}`, 200))
	}
	require.NoError(t, r.stop())
	r = run(t, over, nil, nil)
	assert.Len(t, r.lines("/api/v1/ledger"), 12)
	assert.Equal(t, uint64(15), slices.Max(numbersOf(r)))
}

func numbersOf(r *rig) (numbers []uint64) {
	for _, l := range r.lines("/api/v1/ledger") {
		numbers = append(numbers, l.Number)
	}
	return numbers
}

func TestTheLedgerIsBounded(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	for i := range ledger.MaxEntries + 10 {
		r.Delivered(delivery(fmt.Sprint("k", i), `{}`, 200))
	}
	assert.Len(t, r.ledger.Snapshot(), ledger.MaxEntries)

	large := strings.Repeat("x", ledger.MaxBytes/4)
	for i := range 6 {
		r.Delivered(delivery(fmt.Sprint("large", i), large, 200))
	}
	assert.Equal(t, 4, len(r.ledger.Snapshot()))
	assert.Equal(t, 4, len(over.content()), "what the ledger forgets, the storage forgets")

	tooLarge := strings.Repeat("x", ledger.MaxBytes+1)
	require.NoError(t, r.Sending(delivery("huge", tooLarge, 0)))
	r.Delivered(delivery("huge", tooLarge, 200))
	last := r.lines("/api/v1/ledger")[4]
	assert.Equal(t, line{Number: last.Number, Stat: "USAGE", Endpoint: "collect.example.com:443", Key: "huge", Tries: 1, Status: 200, Size: ledger.MaxBytes + 1}, last)
	require.NoError(t, r.stop())
	assert.Equal(t, 5, len(run(t, over, nil, nil).ledger.Snapshot()))
}

func TestWhatCannotBeRecordedIsNotSent(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	require.NoError(t, r.Sending(delivery("k", `{}`, 0)))
	over.fails = true
	require.ErrorIs(t, r.Sending(delivery("k", `{}`, 0)), errFull, "a second try of a body that is recorded")
	require.ErrorIs(t, r.Sending(delivery("l", `{"l":1}`, 0)), errFull)
	require.ErrorIs(t, r.Sending(delivery("l", `{"l":1}`, 0)), errFull)
	assert.Equal(t, 1, r.logs.FilterLevelExact(zap.ErrorLevel).Len(), "once")
	lines := r.lines("/api/v1/ledger")
	require.Len(t, lines, 1, "what was not sent is not in the record of what was")
	assert.Equal(t, 1, lines[0].Tries)
	_, page := r.get("/")
	assert.Contains(t, page, "The record cannot be written")

	over.fails = false
	require.NoError(t, r.Sending(delivery("l", `{"l":1}`, 0)))
	assert.Len(t, r.lines("/api/v1/ledger"), 2)
	_, page = r.get("/")
	assert.NotContains(t, page, "The record cannot be written")
}

func TestAFullLedgerCostsLessThanTwoMegabytes(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	body := bytes.Repeat([]byte("x"), ledger.MaxBytes/ledger.MaxEntries)
	for i := range ledger.MaxEntries {
		d := delivery(fmt.Sprint("k", i), "", 200)
		d.Body = body
		r.Delivered(d)
	}
	require.NoError(t, r.stop())
	records := over.content()

	before := heap()
	again := run(t, &shelf{records: records}, nil, nil)
	require.Len(t, again.ledger.Snapshot(), ledger.MaxEntries)
	grown := heap() - before
	runtime.KeepAlive(again)
	runtime.KeepAlive(records)
	t.Logf("%d bytes", grown)
	assert.Less(t, grown, int64(2<<20))
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
