// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// profiles are those that stand alone.
var profiles = []string{"../apps/sql-explorer.yaml", "../apps/nodeinfo.yaml", "../apps/django.yaml", "../apps/sql-explorer-relay.yaml", "../apps/collect-endpoint.yaml"}

func TestWarnings(t *testing.T) {
	files, err := filepath.Glob("../testdata/warned/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			printed := convert(t, file)
			assert.True(t, strings.HasPrefix(printed, "warning: "), printed)
			for _, text := range expectations(t, file) {
				assert.Contains(t, printed, text)
			}
		})
	}
}

// Other tables, and other rows of the same, are no totals, whatever their units; a default of what is suppressed leaves as null.
func TestOnlyThatIsSaid(t *testing.T) {
	for _, of := range []string{"total-of-suppressed-groups", "default-beside-noise"} {
		printed := convert(t, "../testdata/warned/"+of+".yaml")
		assert.Equal(t, 1, strings.Count(printed, "warning:"), printed)
	}
}

// What would let a wrong number out, ask nobody, lose a wish to send less, or fail at the start is an error.
func TestErrors(t *testing.T) {
	var files []string
	for _, kind := range []string{"consent", "extension", "storage", "fleet-storage", "pipeline", "collect-field-without-by", "collect-increase", "collect-default", "number"} {
		found, err := filepath.Glob("../testdata/invalid/" + kind + "*.yaml")
		require.NoError(t, err)
		require.NotEmpty(t, found)
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			conf, err := confmaptest.LoadConf(file)
			require.NoError(t, err)
			err = (&converter{out: io.Discard}).Convert(t.Context(), conf)
			for _, text := range expectations(t, file) {
				assert.ErrorContains(t, err, text)
			}
		})
	}
}

func TestNoWarnings(t *testing.T) {
	files, err := filepath.Glob("../testdata/valid/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range append(files, profiles...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			assert.Empty(t, convert(t, file))
		})
	}
}

// A reading that one pipeline lets through needs no rule in another.
func TestReadingForAnotherPipeline(t *testing.T) {
	conf, err := confmap.NewRetrievedFromYAML([]byte(`
receivers: {appusage: {metrics: {shop.orders: {}, shop.visits: {}}}}
processors: {anonymizer: {metrics: {shop.orders: {round: {to: 10}}}, resource: {service.instance.id: {keep: true}}}}
exporters: {collect: {}, prometheus: {}}
service:
  pipelines:
    metrics/makers: {receivers: [appusage], processors: [anonymizer], exporters: [collect]}
    metrics/own: {receivers: [appusage], exporters: [prometheus]}
`))
	require.NoError(t, err)
	c, err := conf.AsConf()
	require.NoError(t, err)
	warnings, errs := check(c)
	require.NoError(t, errs)
	assert.Empty(t, warnings)
}

// What is no configuration of ours is left to others.
func TestStrangeConfigurations(t *testing.T) {
	for _, text := range []string{"{}", "service: 3", "receivers: [appusage]", "exporters: {collect: 3}", "service: {pipelines: {metrics: {exporters: [collect], receivers: [appusage], processors: [anonymizer]}}}"} {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		assert.NotPanics(t, func() { _, _ = check(conf) }, text)
	}
}

func convert(t *testing.T, file string) string {
	t.Helper()
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	before := conf.ToStringMap()
	var out strings.Builder
	require.NoError(t, (&converter{out: &out}).Convert(t.Context(), conf))
	assert.Equal(t, before, conf.ToStringMap(), "a check changes nothing")
	return out.String()
}

func expectations(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var texts []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "# expect: "); ok && text != "warning:" {
			texts = append(texts, text)
		}
	}
	return texts
}

// Who read the files knows where the key stands that a warning begins with.
func TestAWarningSaysWhereItsKeyStands(t *testing.T) {
	conf, err := confmaptest.LoadConf("../testdata/warned/rule-never-read.yaml")
	require.NoError(t, err)
	var out strings.Builder
	c := &converter{out: &out}
	c.Locate(func(key string) string {
		if strings.HasPrefix(key, "processors::anonymizer::") {
			return "site.yaml:4"
		}
		return ""
	})
	require.NoError(t, c.Convert(t.Context(), conf))
	assert.Contains(t, out.String(), "correct the name, or remove the rule (site.yaml:4)\n")
}
