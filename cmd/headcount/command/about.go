// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/headcount-otel/headcount/apps"
)

// about says what the program is, and lists what it brings.
func about() string {
	var text strings.Builder
	text.WriteString(`Headcount counts heads, never faces: with it a self-hosted application reports anonymous usage
statistics to its makers, and who runs the application sees, limits and stops what leaves.
It is an OpenTelemetry Collector, and a profile is its configuration.

See what would be sent, and send nothing:
  headcount --config app:sql-explorer --config app:preview
Report, and show a page of what left:
  headcount --config app:sql-explorer
The same with a file of your own over it:
  headcount --config app:sql-explorer --config file:site.yaml

HEADCOUNT_MODE=off or DO_NOT_TRACK=1 turns everything off, with every profile.
`)
	list := func(title string, has func(apps.Profile) bool) {
		text.WriteString("\n" + title + "\n")
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		for _, p := range apps.Profiles() {
			if has(p) {
				name := "app:" + p.Name
				if len(p.Over) > 0 && p.Over[0] != apps.AnyProfile {
					name += " (over app:" + strings.Join(p.Over, ", app:") + ")"
				}
				fmt.Fprintf(table, "  %s\t%s\n", name, p.Summary)
			}
		}
		table.Flush()
	}
	list("Profiles:", func(p apps.Profile) bool { return p.Over == nil })
	list("Overlays, written after a profile:", func(p apps.Profile) bool { return p.Over != nil })
	return strings.TrimSuffix(text.String(), "\n")
}
