// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/layers"
)

func TestMisspeltVariables(t *testing.T) {
	for name, c := range map[string]struct {
		text        string
		environment []string
		warning     string
	}{
		"a signal":                      {text: "extensions: {headcount: {environment: {DO_NOT_TRAK: opt_out}}}", warning: "site.yaml:1: extensions::headcount::environment::DO_NOT_TRAK: the environment variable DO_NOT_TRAK is none that is known, and DO_NOT_TRACK is: if that was meant, correct the name"},
		"the application's":             {text: "extensions: {headcount: {environment: {EXPLORER_ENABLE_ANONYMOUS_STAT: opt_in}}}", warning: "and EXPLORER_ENABLE_ANONYMOUS_STATS is"},
		"a value":                       {text: "extensions: {headcount: {mode: '${env:HEADCOUNT_MOD:-on}'}}", warning: "the environment variable HEADCOUNT_MOD is none that is known, and HEADCOUNT_MODE is"},
		"without a scheme":              {text: "extensions: {headcount: {endpoint: '${HEADCUONT_PAGE:-127.0.0.1:1}'}}", warning: "and HEADCOUNT_PAGE is"},
		"a database":                    {text: "receivers: {appusage: {sources: {db: {database: {url_env: DATABSE_URL}}}}}", warning: "and DATABASE_URL is"},
		"complete settings":             {text: "receivers: {appusage: {defaults_unless: EXPLORER_SETTINGS_COMPLET}}", warning: "and EXPLORER_SETTINGS_COMPLETE is"},
		"another name":                  {text: "receivers: {appusage: {sources: {other: {database: {url_env: BLOG_URL}}}}}"},
		"a signal of its own":           {text: "extensions: {headcount: {environment: {SHOP_STATISTICS: opt_in}}}"},
		"one that is known":             {text: "extensions: {headcount: {environment: {DO_NOT_TRACK: opt_out}}}"},
		"taken away":                    {text: "extensions: {headcount: {environment: {DO_NOT_TRAK: null}}}"},
		"a file":                        {text: "extensions: {headcount: '${file:headcount.yaml}'}"},
		"set":                           {environment: []string{"DO_NOT_TRAC=1"}, warning: "the environment variable DO_NOT_TRAC is set, and nothing reads it: DO_NOT_TRACK is the one by which usage statistics are turned off"},
		"set in small letters":          {environment: []string{"headcount_mode=off"}, warning: "HEADCOUNT_MODE is the one"},
		"set beside the right":          {environment: []string{"HEADCOUNT_MODES=off", "HEADCOUNT_MODE=off"}},
		"set and empty":                 {environment: []string{"HEADCOUNT_MODES="}},
		"set under other words":         {environment: []string{"HEADCOUNT_DISABLED=1"}, warning: "HEADCOUNT_MODE is the one"},
		"set under the program's name":  {environment: []string{"HEADCOUNT=off"}, warning: "HEADCOUNT_MODE is the one"},
		"set as a number of words":      {environment: []string{"HEADCOUNT_OPT_OUT=1"}, warning: "HEADCOUNT_MODE is the one"},
		"set in capitals":               {text: "extensions: {headcount: {environment: {shop: opt_out}}}", environment: []string{"SHOP=1"}, warning: "the environment variable SHOP is set, and nothing reads it: shop is the one"},
		"set by its first letters":      {environment: []string{"DNT=1"}, warning: "DO_NOT_TRACK is the one"},
		"set in fewer words":            {environment: []string{"ENABLE_ANONYMOUS_STATS=0"}, warning: "EXPLORER_ENABLE_ANONYMOUS_STATS is the one"},
		"set in shorter words":          {environment: []string{"EXPLORER_ENABLE_ANON_STATS=0"}, warning: "EXPLORER_ENABLE_ANONYMOUS_STATS is the one"},
		"set in longer words":           {environment: []string{"EXPLORER_ENABLE_ANONYMOUS_STATISTICS=0"}, warning: "EXPLORER_ENABLE_ANONYMOUS_STATS is the one"},
		"set by its value":              {environment: []string{"HEADCOUNT_CONSENT=None"}, warning: "HEADCOUNT_MODE is the one"},
		"set behind a word for no":      {environment: []string{"NO_HEADCOUNT=1"}, warning: "HEADCOUNT_MODE is the one"},
		"set as a try":                  {environment: []string{"HEADCOUNT_DRY_RUN=1"}, warning: "HEADCOUNT_MODE is the one"},
		"set as elsewhere":              {environment: []string{"NO_TELEMETRY=1"}, warning: "DO_NOT_TRACK is the one"},
		"set as elsewhere, by value":    {environment: []string{"SEND_ANONYMOUS_USAGE_STATS=\"false\""}, warning: "DO_NOT_TRACK is the one"},
		"set as an application's":       {environment: []string{"EXPLORER_DISABLE_TELEMETRY=1"}, warning: "EXPLORER_ENABLE_ANONYMOUS_STATS is the one"},
		"set as an application's word":  {environment: []string{"EXPLORER_ANALYTICS=off"}, warning: "EXPLORER_ENABLE_ANONYMOUS_STATS is the one"},
		"other words of the program":    {environment: []string{"HEADCOUNT_COLLECT_URL=x", "HEADCOUNT_PROGRAMS=use", "HEADCOUNT_PROVE=1", "HEADCOUNT_PORT=tcp://10.0.0.7:80", "HEADCOUNT_SERVICE_HOST=10.0.0.7"}},
		"other words of an application": {environment: []string{"EXPLORER_TASKS=1", "EXPLORER_STATIC=x", "ENABLE_TASKS=no", "NOT_SET=1", "EXPLORER_DEBUG=off", "EXPLORER_TELEMETRY=on"}},
		"what turns off others":         {environment: []string{"OTEL_SDK_DISABLED=true", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "TELEMETRY=on", "ENABLED=no", "CI=true"}},
		"another that is set":           {environment: []string{"HEADCOUNT_STATE_DIR=/x", "HOME=/root", "MODE=off"}},
		"set and read by a file":        {text: "extensions: {headcount: {environment: {SHOP_TRACKING: opt_in}}, headcount/b: {environment: {SHOP_TRACKINGS: opt_in}}}", environment: []string{"SHOP_TRACKINGS=no"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := layers.Read([]string{"app:sql-explorer", write(t, c.text+"\n")})
			require.NoError(t, err)
			warnings := layers.MisspeltVariables(all, c.environment)
			if c.warning == "" {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			assert.Contains(t, warnings[0], c.warning)
		})
	}
}
