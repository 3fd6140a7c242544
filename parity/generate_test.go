// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

// What the random choice may not leave out: ties of the rounding, edges of quarters, text that is hard to count.
var (
	logs    = []int{1, 2, 4, 5, 6, 44, 45, 46, 49, 50, 51, 99, 149, 150, 151, 155, 250, 350, 450, 1050, 2950}
	queries = []int{1, 4, 5, 6, 14, 15, 16, 25, 35, 45, 95, 105}
	users   = []int{0, 1, 2, 3, 5, 7, 8, 12, 13, 17, 18, 22, 23, 40}
	userDBs = []int{0, 1, 2, 7, 12, 23}
	moments = []string{
		"2024-12-31T23:59:59.999999", "2025-01-01T00:00:00", "2025-03-31T23:59:59", "2025-04-01T00:00:00.000001",
		"2025-06-30T23:59:59.5", "2025-07-01T00:00:00", "2024-02-29T12:00:00", "2025-09-30T20:00:00", "2025-10-01T03:59:59",
		"1999-12-31T23:59:59", "2038-01-19T03:14:08", "2025-03-30T01:30:00", "2025-11-02T05:59:59",
	}
	aliases = []string{
		"", "Default", "default", "DEFAULT", "default ", " default", "läger", "lager", "LÄGER", "straße", "strasse", "数据库", "数據庫",
		"🦆", "🐘", "ﬁ", "fi", "i", "I", "İ", "ı", "e\u0301", "é", "null", "0",
	}
	texts = []string{
		"select 1", "select 'naïve 日本語 🦆 e\u0301'", "select 1\r\n\t, 2", "select '100%'", "select '%s %(a)s'", "select 'it''s'",
		"  select 1  ", "select '$$who:nobody$$'", "select 1 -- NULL \u2028 \u00a0 ü",
		"select '\U0001F469\u200d\U0001F469\u200d\U0001F467'", "select 'x\\y'",
	}
	long = "select '" + strings.Repeat("é", 70000) + "'"
	yes  = []string{"True", "true", "TRUE", "1", "yes", "on"}
	no   = []string{"False", "false", "FALSE", "0", "no", "off", ""}
)

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// generate makes up an installation, and the environment in which headcount stands beside it.
func generate(rng *rand.Rand) (sqlexplorer.Installation, map[string]string) {
	// The app counts the run and the query with which it is made to report.
	i := sqlexplorer.Installation{
		Logs: pick(rng, logs) - 1, Queries: pick(rng, queries) - 1, Users: pick(rng, users), UserDBs: pick(rng, userDBs),
		EveryNthUserNull: 1 + rng.IntN(6), Title: pick(rng, aliases), SQL: pick(rng, texts),
		Connections: []string{},
	}
	for _, n := range rng.Perm(len(aliases))[:rng.IntN(len(aliases))] {
		i.Connections = append(i.Connections, aliases[n])
	}
	if at := rng.IntN(len(moments) + 1); at < len(moments) {
		i.Installed = &moments[at]
	}
	i.Steps = steps(rng)
	settings, env := settings(rng)
	i.Settings = settings
	return i, env
}

// steps end with what makes the app report.
func steps(rng *rand.Rand) []sqlexplorer.Step {
	if rng.IntN(8) == 0 {
		return []sqlexplorer.Step{{Do: "stream", Title: pick(rng, aliases), SQL: "select 1", Format: pick(rng, []string{"csv", "json"})}}
	}
	run := sqlexplorer.Step{Do: "run", Title: pick(rng, aliases), SQL: pick(rng, append(texts, long)), Anonymous: rng.IntN(4) == 0}
	if rng.IntN(4) == 0 {
		return []sqlexplorer.Step{{Do: "run", Title: "a failure", SQL: "select * from nowhere", Fails: true}, run}
	}
	return []sqlexplorer.Step{run}
}

// settings are the app's, and the variables that say the same to headcount.
func settings(rng *rand.Rand) (values map[string]any, env map[string]string) {
	values, env = map[string]any{}, map[string]string{}
	for _, name := range []string{"DEBUG", "EXPLORER_TASKS_ENABLED", "EXPLORER_UNSAFE_RENDERING", "EXPLORER_CHARTS_ENABLED"} {
		on := rng.IntN(2) == 0
		values[name] = on
		if on {
			env[name] = pick(rng, yes)
		} else if text := pick(rng, no); text != "" {
			env[name] = text
		}
	}
	transforms := [][]string{}
	for n := range rng.IntN(7) {
		transforms = append(transforms, []string{fmt.Sprint("column ", n), "<b>{0}</b>"})
	}
	values["EXPLORER_TRANSFORMS"] = transforms
	if len(transforms) > 0 {
		env["EXPLORER_TRANSFORM_COUNT"] = strconv.Itoa(len(transforms))
	}
	values["EXPLORER_AI_API_KEY"] = nil
	if rng.IntN(2) == 0 {
		values["EXPLORER_AI_API_KEY"] = "sk-made-up"
		env["EXPLORER_AI_API_KEY"] = "sk-made-up"
	}
	return values, env
}
