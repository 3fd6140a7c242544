// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

// Whatever is said in whichever place, and whatever became of the state directory:
// the exporter is never more open than the strictest signal, and where nothing is
// permitted it opens nothing.
func TestNoCombinationIsMoreOpenThanWhatWasSaid(t *testing.T) {
	said := func(mode trust.Mode) Option { return WithConsent(func() trust.Mode { return mode }) }
	variables := []struct {
		env  map[string]string
		goes trust.Mode
	}{
		{nil, trust.On},
		{map[string]string{"DO_NOT_TRACK": "0", "HEADCOUNT_MODE": "On"}, trust.On},
		{map[string]string{"DO_NOT_TRACK": "1"}, trust.Off},
		{map[string]string{"DO_NOT_TRACK": " TRUE "}, trust.Off},
		{map[string]string{"DO_NOT_TRACK": "y", "HEADCOUNT_MODE": "on"}, trust.Off},
		{map[string]string{"DO_NOT_TRACK": "what"}, trust.Off},
		{map[string]string{"HEADCOUNT_MODE": "off"}, trust.Off},
		{map[string]string{"HEADCOUNT_MODE": "Local"}, trust.Local},
		{map[string]string{"HEADCOUNT_MODE": "what", "DO_NOT_TRACK": "0"}, trust.Off},
		{map[string]string{"SITE_STATISTICS": "False"}, trust.On},
	}
	profiles := []struct {
		yaml string
		goes trust.Mode
		site bool // whether the site's own variable is heeded
	}{
		{`{}`, trust.On, false},
		{`{extensions: {headcount: {mode: on}}}`, trust.On, false},
		{`{extensions: {headcount: {mode: on, environment: {SITE_STATISTICS: opt_in}}}}`, trust.On, true},
		{`{extensions: {headcount: {mode: on, environment: {DO_NOT_TRACK: null, HEADCOUNT_MODE: null}}}}`, trust.On, false},
		{`{extensions: {headcount: {mode: on, environment: {DO_NOT_TRACK: opt_in, HEADCOUNT_MODE: opt_out}}}}`, trust.On, false},
		{`{extensions: {headcount: {mode: on}, headcount/b: {mode: on, environment: {SITE_STATISTICS: opt_in}}}}`, trust.On, true},
		{`{extensions: {headcount: {mode: on}, headcount/b: {mode: local}}}`, trust.Local, false},
		{`{extensions: {headcount: {mode: off}}}`, trust.Off, false},
		{`{extensions: {headcount: {}}}`, trust.Local, false},
	}
	keys := []struct {
		yaml  string
		asks  bool
		first bool // asks the first alone
	}{{`{}`, true, false}, {`{exporters: {collect: {consent: headcount}}}`, true, true}, {`{exporters: {collect: {consent: none}}}`, false, false}}
	own := []trust.Mode{trust.On, trust.Local, trust.Off}
	befalls := map[string]func(dir string) error{
		"absent": os.RemoveAll,
		"whole":  func(string) error { return nil },
		"empty":  func(dir string) error { return os.Truncate(filepath.Join(dir, "exporter_collect_"), 0) },
	}
	makers := newMakers(t)
	earlier := filepath.Join(t.TempDir(), "state")
	a := newApp(t, shop(makers.URL, earlier)...)
	a.order(10)
	a.export(t)
	require.Len(t, makers.received(), 1)

	tried := 0
	for _, v := range variables {
		for _, variable := range []string{"DO_NOT_TRACK", "HEADCOUNT_MODE", "SITE_STATISTICS"} {
			t.Setenv(variable, v.env[variable])
		}
		for _, p := range profiles {
			for _, k := range keys {
				for _, program := range own {
					for name, befall := range befalls {
						tried++
						combination := fmt.Sprintf("%v, %s, %s, %s, %s", v.env, p.yaml, k.yaml, program, name)
						dir := filepath.Join(t.TempDir(), "state")
						require.NoError(t, os.CopyFS(dir, os.DirFS(earlier)))
						require.NoError(t, befall(dir))
						strictest := min(v.goes, program)
						if k.asks && !k.first {
							strictest = min(strictest, p.goes)
							if p.site && v.env["SITE_STATISTICS"] != "" {
								strictest = trust.Off
							}
						}
						options := shop(makers.URL, dir, said(program), WithProfile([]byte(p.yaml)), WithProfile([]byte(k.yaml)))
						before := len(makers.received())
						app := newApp(t, options...)
						app.order(10)
						app.export(t)
						if strictest < trust.On {
							require.Equal(t, before, len(makers.received()), combination)
						} else if !k.first && name == "absent" && !strings.Contains(p.yaml, "DO_NOT_TRACK: opt_in") { // which is stricter still
							require.Equal(t, before+1, len(makers.received()), combination)
						}
						if _, err := os.Stat(dir); strictest < trust.On && name == "absent" {
							require.ErrorIs(t, err, os.ErrNotExist, combination)
						}
					}
				}
			}
		}
	}
	t.Logf("%d combinations", tried)
	assert.GreaterOrEqual(t, tried, 2000)
}
