// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

func TestWithoutConsentNothingIsOpenedOrSent(t *testing.T) {
	says := func(mode trust.Mode) Option { return WithConsent(func() trust.Mode { return mode }) }
	own := func(mode string) Option {
		return WithProfile([]byte(`{extensions: {headcount: {` + mode + `environment: {SHOP_STATISTICS: opt_in}}}, exporters: {collect: {consent: headcount}}}`))
	}
	for name, tt := range map[string]struct {
		env     map[string]string
		options []Option
		sends   bool
	}{
		"nobody speaks":                          {nil, nil, true},
		"DO_NOT_TRACK":                           {map[string]string{"DO_NOT_TRACK": "1"}, nil, false},
		"DO_NOT_TRACK=0":                         {map[string]string{"DO_NOT_TRACK": "0"}, nil, true},
		"HEADCOUNT_MODE=off":                     {map[string]string{"HEADCOUNT_MODE": "off"}, nil, false},
		"HEADCOUNT_MODE=local":                   {map[string]string{"HEADCOUNT_MODE": "local"}, nil, false},
		"HEADCOUNT_MODE is not understood":       {map[string]string{"HEADCOUNT_MODE": "perhaps"}, nil, false},
		"the program says on":                    {nil, []Option{says(trust.On)}, true},
		"the program says local":                 {nil, []Option{says(trust.Local)}, false},
		"the program says off":                   {nil, []Option{says(trust.Off)}, false},
		"the environment is more careful":        {map[string]string{"DO_NOT_TRACK": "yes"}, []Option{says(trust.On)}, false},
		"the program is more careful":            {map[string]string{"HEADCOUNT_MODE": "on"}, []Option{says(trust.Local)}, false},
		"a switch that panics":                   {nil, []Option{WithConsent(func() trust.Mode { panic("no") })}, false},
		"the profile's mode":                     {nil, []Option{own("mode: local, ")}, false},
		"the profile says nothing, as elsewhere": {nil, []Option{own("")}, false},
		"the profile's own switch":               {map[string]string{"SHOP_STATISTICS": "no"}, []Option{own("mode: on, ")}, false},
		"a later profile takes the switch away":  {map[string]string{"SHOP_STATISTICS": "no"}, []Option{own("mode: on, "), WithProfile([]byte(`{extensions: {headcount: {environment: {SHOP_STATISTICS: null}}}}`))}, false},
		"a later profile names another one":      {map[string]string{"SHOP_STATISTICS": "no"}, []Option{own("mode: on, "), WithProfile([]byte(`{extensions: {headcount/b: {mode: on}}, exporters: {collect: {consent: headcount/b}}}`))}, false},
		"a switch that is read by a default":     {map[string]string{"SHOP_STATISTICS": "no"}, []Option{own("mode: on, "), WithProfile([]byte(`{extensions: {headcount: {environment: {SHOP_STATISTICS: "${env:HEADCOUNT_TEST_NONE:-opt_in}"}}}}`))}, false},
		"the profile's own switch is on":         {map[string]string{"SHOP_STATISTICS": "yes"}, []Option{own("mode: on, ")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range tt.env {
				t.Setenv(variable, value)
			}
			makers, dir := newMakers(t), filepath.Join(t.TempDir(), "state")
			a := newApp(t, shop(makers.URL, dir, tt.options...)...)
			a.order(10)
			a.export(t)
			if tt.sends {
				assert.Len(t, makers.received(), 1)
				return
			}
			assert.Empty(t, makers.received())
			assert.NoDirExists(t, dir)
		})
	}
}

func TestConsentIsAskedEachTime(t *testing.T) {
	var mode atomic.Int32
	makers := newMakers(t)
	a := newApp(t, shop(makers.URL, t.TempDir(), WithConsent(func() trust.Mode { return trust.Mode(mode.Load()) }))...)
	a.order(10)
	a.export(t)
	require.Empty(t, makers.received())
	mode.Store(int32(trust.On))
	a.export(t)
	require.Len(t, makers.received(), 1)
	mode.Store(int32(trust.Off))
	a.impatient()
	a.export(t)
	assert.Len(t, makers.received(), 1)
}

// Consent that is withdrawn while the report is made holds before the request.
func TestConsentIsAskedBeforeTheRequest(t *testing.T) {
	asked := 0
	makers := newMakers(t)
	a := newApp(t, shop(makers.URL, t.TempDir(), WithConsent(func() trust.Mode {
		asked++
		if asked == 1 {
			return trust.On
		}
		return trust.Off
	}))...)
	a.order(10)
	a.export(t)
	assert.Equal(t, 2, asked)
	assert.Empty(t, makers.received())
}
