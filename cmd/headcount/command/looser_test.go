// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/headcount-otel/headcount/internal/layers"
)

// A file that was meant to send less, and sends more, is never silent; nor is one beside an overlay of ours.
func TestWhatASiteLoosensIsSaid(t *testing.T) {
	const rules = "yaml:processors: {anonymizer: {metrics: "
	for name, c := range map[string]struct {
		over []string
		want string
	}{
		"finer":         {[]string{rules + "{explorer.query_log.count: {round: {to: 10}}}}}"}, "--config yaml:1: processors::anonymizer::metrics::explorer.query_log.count: beside app:sql-explorer, STARTUP_STATS.total_log_count (explorer.query_log.count) leaves finer: rounded to 100, half to even → rounded to 10, half to even"},
		"exact":         {[]string{rules + "{explorer.query_log.count: {round: {to: 1}}}}}"}, "leaves exact"},
		"more often":    {[]string{"set:exporters::collect::stats::STARTUP_STATS::interval: 24h"}, "--set:1: exporters::collect::stats::STARTUP_STATS::interval: beside app:sql-explorer, STARTUP_STATS leaves more often"},
		"exact times":   {[]string{"yaml:processors: {anonymizer: {timestamps: {truncate: 0s}}}"}, "processors::anonymizer::timestamps::truncate: beside app:sql-explorer, the time of every value leaves finer"},
		"than strict":   {[]string{"app:strict", "yaml:processors: {anonymizer: {resource: {service.version: {version: patch}}}}"}, "leaves finer"},
		"rounder":       {[]string{rules + "{explorer.query_log.count: {round: {to: 1000}}}}}"}, ""},
		"ours":          {[]string{"app:strict", "app:once"}, ""},
		"the app's own": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := layers.Read(append([]string{"app:sql-explorer"}, c.over...))
			if err != nil {
				t.Fatal(err)
			}
			warnings := looser(t.Context(), providers(), all)
			if (c.want == "") != (len(warnings) == 0) || c.want != "" && !slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, c.want) }) {
				t.Errorf("got %q, want %q", warnings, c.want)
			}
		})
	}
}
