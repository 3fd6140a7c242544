// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// The chains of the README's table.
var published = []string{
	"round: {to: 100}",
	"bucket: {}",
	"suppress_below: 6, round: {to: 5}",
	"round: {to: 1}",
	"round: {to: 100, mode: sticky}",
	"suppress_below: 6, round: {to: 100, mode: sticky}",
	"clamp: {max: 1000}, round: {to: 100, mode: sticky}",
	"noise: {sensitivity: 1, epsilon: 0.5}",
	"noise: {sensitivity: 1, epsilon: 0.5}, suppress_below: 6, round: {to: 5}",
	"noise: {sensitivity: 1, epsilon: 0.5}, suppress_below: 28, bucket: {}",
	"noise: {sensitivity: 1, epsilon: 0.5}, groups: [plan]",
	"clamp: {max: 1000}, noise: {sensitivity: 1, epsilon: 0.5}",
	"clamp: {max: 1000}, noise: {sensitivity: 1, epsilon: 0.5}, bucket: {}",
	"noise: {sensitivity: 1, epsilon: 0.5, fresh: true}",
	"noise: {sensitivity: 1, epsilon: 0.5}, merge: max",
	"one_bit: {max: 1000}",
	"randomized_response: {}",
}

const (
	tableBegins = "<!-- computed by TestPublishedGuarantees -->\n"
	tableEnds   = "<!-- end -->"
)

func computedTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| chain | of one number | of a group that no list names |\n|---|---|---|\n")
	for _, entry := range published {
		chain := configured(t, "{storage: s, metrics: {a: {"+entry+"}}, attributes: {plan: {allow: [free]}}}").Metrics["a"].Chain()
		alone, of := chain.Guarantee(rule.Always).String(), chain.Guarantee(rule.WithRows).String()
		if of == alone {
			of = "the same"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", entry, alone, of)
	}
	return b.String()
}

func TestPublishedGuarantees(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(readme), tableBegins)
	require.True(t, found)
	table, _, _ = strings.Cut(table, tableEnds)
	want := computedTable(t)
	if os.Getenv("HEADCOUNT_WRITE_TABLE") != "" {
		require.NoError(t, os.WriteFile("README.md", []byte(strings.Replace(string(readme), tableBegins+table, tableBegins+want, 1)), 0o644)) //nolint:gosec // a document
		return
	}
	assert.Equal(t, want, table, "make it anew: HEADCOUNT_WRITE_TABLE=1 go test ./anonymizer -run TestPublishedGuarantees")
}

// claims are what only a computed guarantee may say: a figure, a formula, or for ever beside one.
var claims = regexp.MustCompile(`ε∞|ε = |δ = |c/\d|ln\(|ln 3|min\(1, c|total variation|for ever, of|for ever, between`)

func TestNoDocumentClaimsWhatIsNotComputed(t *testing.T) {
	for _, document := range []string{"README.md", "../docs/threat-model.md", "../docs/operators.md", "../docs/writing-a-profile.md", "../README.md"} {
		content, err := os.ReadFile(document)
		require.NoError(t, err)
		text := string(content)
		if before, after, found := strings.Cut(text, tableBegins); found {
			_, after, _ = strings.Cut(after, tableEnds)
			text = before + after
		}
		for _, line := range strings.Split(text, "\n") {
			assert.NotRegexp(t, claims, line, "%s: say it by the computed table", document)
		}
	}
}

// What each shipped profile guarantees.
func TestClaim10GuaranteesOfTheProfiles(t *testing.T) {
	files, err := filepath.Glob("../apps/*.yaml")
	require.NoError(t, err)
	read := func(file string) *confmap.Conf {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		retrieved, err := confmap.NewRetrievedFromYAML(content)
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		return conf
	}
	shown, bounded := 0, []string(nil)
	for _, file := range files {
		stacks := [][]string{{file}}
		if base, strict := strings.CutSuffix(file, "-strict.yaml"); strict {
			stacks = [][]string{{base + ".yaml", file}}
			if strings.HasSuffix(base, "/sql-explorer") {
				stacks = append(stacks, []string{base + ".yaml", file, base + "-5.0.yaml"}, []string{base + ".yaml", file, base + "-4.2.yaml"})
			}
		}
		for _, stack := range stacks {
			conf := confmap.New()
			for _, file := range stack {
				require.NoError(t, conf.Merge(read(file)))
			}
			section, err := conf.Sub("processors::anonymizer")
			require.NoError(t, err)
			delete(section.ToStringMap(), "")
			cfg := createDefaultConfig().(*Config)
			require.NoError(t, section.Unmarshal(cfg), stack)
			if len(cfg.Metrics) < 3 || len(stack) == 1 && strings.Contains(file, "explorer-") && !strings.Contains(file, "relay") {
				continue // an overlay
			}
			require.NoError(t, confmap.Validate(cfg), stack)
			for name, r := range cfg.Metrics {
				if len(r.Chain().Guarantee(rule.Always).Bounds) > 0 {
					bounded = append(bounded, name)
				}
			}
			for _, line := range cfg.Review().Metrics {
				shown++
				prove.Claim(t, 10, strings.TrimPrefix(strings.Join(stack, " + "), "../apps/"), "%s", line)
			}
		}
	}
	assert.Greater(t, shown, 20)
	prove.Claim(t, 10, "all of them", "of %d rules %d have a bound %v; the audits' figures for each kind of bound are those of claim 8", shown, len(bounded), bounded)
}
