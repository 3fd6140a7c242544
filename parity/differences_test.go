// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryDifferenceIsFound(t *testing.T) {
	stat := func(id, name, value string) report {
		r := report{InstanceID: id, Name: name, Time: "1795392000.0"}
		assert.NoError(t, json.Unmarshal([]byte(value), &r.Value))
		return r
	}
	run := stat("a", "QUERY_RUN", `{"sql_len": 1, "duration": 45.0}`)
	late, timeless, next := run, run, run
	late.Time, timeless.Time, next.Time = "1795600000.5", "", "1795478400.0"
	for name, test := range map[string]struct {
		app, headcount []report
		want           []string
	}{
		"none":                    {[]report{run, stat("a", "QUERY_STREAM", "{}")}, []report{run}, nil},
		"not sent by the app now": {[]report{}, []report{run}, nil},
		"not sent":                {[]report{run}, nil, []string{"QUERY_RUN: headcount did not send it"}},
		"sent twice":              {[]report{run}, []report{run, run}, []string{"QUERY_RUN: headcount sent it twice"}},
		"another id":              {[]report{run}, []report{stat("b", "QUERY_RUN", `{"sql_len": 1, "duration": 45.0}`)}, []string{"QUERY_RUN: instanceId: the app a, headcount b"}},
		"another value": {
			[]report{run},
			[]report{stat("a", "QUERY_RUN", `{"sql_len": 2, "duration": 45}`)},
			[]string{"QUERY_RUN: duration: the app 45.0, headcount 45", "QUERY_RUN: sql_len: the app 1, headcount 2"},
		},
		"other keys": {
			[]report{run},
			[]report{stat("a", "QUERY_RUN", `{"sql_len": 1, "more": null}`)},
			[]string{"QUERY_RUN: duration: the app 45.0, headcount has no such key", "QUERY_RUN: more: the app has no such key, headcount null"},
		},
		"another day":  {[]report{run}, []report{late}, []string{"QUERY_RUN: time: the app on day 20780, headcount at 1795600000.5, day 20782"}},
		"no time":      {[]report{run}, []report{timeless}, []string{fmt.Sprintf("QUERY_RUN: time: the app on day 20780, headcount at , day %d", math.MinInt)}},
		"a day behind": {[]report{run}, []report{next}, nil},
	} {
		found, _ := differences(test.app, test.headcount)
		assert.Equal(t, test.want, found, name)
	}
	_, compared := differences([]report{run, stat("a", "QUERY_STREAM", "{}")}, []report{run})
	assert.Equal(t, tally{"QUERY_RUN": 1, "key": 2}, compared)
}
