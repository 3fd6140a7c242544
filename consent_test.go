// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

func TestTheSwitchSurvivesARestart(t *testing.T) {
	over := &shelf{}
	first := run(t, over, nil, nil)
	require.Equal(t, "on", first.mode())
	require.Equal(t, http.StatusSeeOther, first.press("off").StatusCode)
	assert.Equal(t, "off", first.mode())
	require.NoError(t, first.stop())

	second := run(t, over, nil, nil)
	mode, reason := second.Mode()
	assert.Equal(t, trust.Off, mode)
	assert.Equal(t, "the switch on the page", reason)
	require.Equal(t, http.StatusSeeOther, second.press("on").StatusCode)
	assert.Equal(t, "on", second.mode())
	require.NoError(t, second.stop())

	third := run(t, over, nil, nil)
	assert.Equal(t, "on", third.mode())
}

func TestEachChangeIsLoggedWithItsReason(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.press("local")
	r.press("off")
	r.press("off") // no change
	r.press("on")

	var said []any
	for _, line := range r.logs.FilterFieldKey("said_by").All() {
		fields := line.ContextMap()
		said = append(said, []any{line.Message, fields["mode"], fields["said_by"]})
	}
	assert.Equal(t, []any{
		[]any{trust.On.Meaning(), "on", "the configuration key mode"},
		[]any{trust.Local.Meaning(), "local", "the switch on the page"},
		[]any{trust.Off.Meaning(), "off", "the switch on the page"},
		[]any{trust.On.Meaning(), "on", "the configuration key mode"},
	}, said)
}

func TestTheSwitchCannotPassTheConfiguration(t *testing.T) {
	for name, tt := range map[string]struct {
		mode string
		env  map[string]string
	}{
		"configuration": {mode: "local"},
		"environment":   {mode: "on", env: map[string]string{"M": "local"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, &shelf{}, func(c *Config) {
				c.Mode, c.Environment = tt.mode, conf.Map[trust.Signal]{"M": trust.ModeName}
			}, tt.env)
			assert.Equal(t, http.StatusConflict, r.press("on").StatusCode)
			assert.Equal(t, "local", r.mode())
			assert.Equal(t, http.StatusSeeOther, r.press("off").StatusCode)
			assert.Equal(t, "off", r.mode())
		})
	}
}

func TestOffByConfigurationOpensNothing(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	require.NoError(t, r.stop())
	before, opened := over.content(), over.opened

	r = run(t, over, func(c *Config) { c.Environment = conf.Map[trust.Signal]{"DO_NOT_TRACK": trust.OptOut} },
		map[string]string{"DO_NOT_TRACK": "1"})
	assert.Equal(t, http.StatusConflict, r.press("on").StatusCode)
	assert.Equal(t, http.StatusConflict, r.press("off").StatusCode)
	r.Unsent(trust.Unsent{Stat: "USAGE", Reason: trust.Withheld})
	require.NoError(t, r.stop())
	assert.Equal(t, opened, over.opened)
	assert.Equal(t, before, over.content())
}

func TestAMoreCarefulChoiceHoldsWithoutADisk(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	over.fails = true
	assert.Equal(t, http.StatusInternalServerError, r.press("off").StatusCode)
	assert.Equal(t, "off", r.mode(), "withheld is withheld")
	assert.Equal(t, http.StatusInternalServerError, r.press("on").StatusCode)
	assert.Equal(t, "off", r.mode(), "what is not stored does not turn on")
	over.fails = false
}

func TestAnUnreadableSwitchWithholds(t *testing.T) {
	for name, stored := range map[string]string{
		"torn":    `{"version":1,"rec`,
		"garbled": `{"version":1,"record":{"mode":"sometimes"}}`,
		"newer":   `{"version":2,"record":{"mode":"on"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			over := &shelf{records: map[string][]byte{"switch": []byte(stored)}}
			r := run(t, over, nil, nil)
			assert.Equal(t, "off", r.mode())
			assert.Equal(t, 1, r.logs.FilterLevelExact(zap.ErrorLevel).Len())
			assert.Equal(t, http.StatusSeeOther, r.press("on").StatusCode)
			assert.Equal(t, "on", r.mode(), "set again, it holds again")
		})
	}
}

func TestWithdrawalDiscards(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	discarded := map[string]int{}
	forget := r.OnWithdrawal(func(context.Context) error {
		assert.Equal(t, "off", r.mode(), "nothing is made anew behind the discarding")
		discarded["id"]++
		return nil
	})
	r.OnWithdrawal(func(context.Context) error { discarded["queue"]++; return nil })
	r.Anonymized(secretFields)

	r.press("local")
	assert.Empty(t, discarded)
	r.press("off")
	assert.Equal(t, map[string]int{"id": 1, "queue": 1}, discarded)
	assert.Empty(t, r.readings.Sorted(), "raw values are gone")
	r.Anonymized(secretFields)
	assert.Empty(t, r.readings.Sorted(), "a scrape that was under way brings none back")

	r.press("off")
	forget()
	r.press("on")
	r.press("off")
	assert.Equal(t, map[string]int{"id": 1, "queue": 2}, discarded)
	require.NoError(t, r.stop())

	again := run(t, over, nil, nil)
	again.OnWithdrawal(func(context.Context) error { discarded["again"]++; return nil })
	assert.Zero(t, discarded["again"], "a complete withdrawal is not repeated")
}

func TestAWithdrawalCutShortIsCompletedAtTheNextStart(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	r.OnWithdrawal(func(context.Context) error { return errFull })
	assert.Equal(t, http.StatusInternalServerError, r.press("off").StatusCode)
	assert.Equal(t, "off", r.mode())
	assert.Equal(t, http.StatusInternalServerError, r.press("on").StatusCode, "what was withdrawn does not leave under a new consent")
	assert.Equal(t, "off", r.mode())
	require.NoError(t, r.stop())

	discarded := 0
	discard := func(context.Context) error { discarded++; return nil }
	again := start(t, over, nil, nil)
	again.OnWithdrawal(discard)
	assert.Equal(t, 1, discarded, "before the component does anything else")
	require.NoError(t, again.Ready())
	require.NoError(t, again.stop())

	discarded = 0
	later := start(t, over, nil, nil)
	later.OnWithdrawal(discard)
	assert.Zero(t, discarded, "once complete, it is not repeated")
	assert.Equal(t, http.StatusSeeOther, later.press("on").StatusCode)
}
