// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	text = "text/plain; version=0.0.4"
	open = "application/openmetrics-text; version=1.0.0"
)

// peer reads by Prometheus' own parser.
func peer(data, mediaType string) (samples []sample, types map[string]model.MetricType, err error) {
	parser, err := textparse.New([]byte(data), mediaType, nil, textparse.ParserOptions{})
	if err != nil {
		return nil, nil, err
	}
	types = map[string]model.MetricType{}
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return samples, types, nil
		case err != nil:
			return nil, nil, err
		case entry == textparse.EntryType:
			name, of := parser.Type()
			types[escapes.Replace(string(name))] = of
		case entry == textparse.EntrySeries:
			var s sample
			var all labels.Labels
			_, at, value := parser.Series()
			parser.Labels(&all)
			if s.value = value; at != nil {
				s.at = *at
			}
			s.labels = all.Map()
			s.name = s.labels[model.MetricNameLabel]
			delete(s.labels, model.MetricNameLabel)
			samples = append(samples, s)
		}
	}
}

// alike compares what both read: where we read anything, Prometheus reads the same.
func alike(t *testing.T, data, mediaType string) {
	ours, err := Parse([]byte(data), mediaType)
	if err != nil {
		return
	}
	data = strings.ReplaceAll(strings.TrimPrefix(data, "\ufeff"), "\r\n", "\n")
	samples, types, err := peer(data, mediaType)
	require.NoError(t, err, "%q", data)
	require.Equal(t, types, ours.types, "%q", data)
	require.Len(t, ours.samples, len(samples), "%q", data)
	for i, theirs := range samples {
		s := ours.samples[i]
		// Prometheus takes the blanks before a sample into its name.
		assert.Equal(t, strings.TrimLeft(theirs.name, " \t"), strings.TrimLeft(s.name, " \t"), "%q", data)
		assert.Equal(t, theirs.at, s.at, "%q", data)
		assert.True(t, theirs.value == s.value || math.IsNaN(theirs.value) && math.IsNaN(s.value), "%q", data)
		require.Len(t, s.labels, len(theirs.labels), "%q", data)
		for label, value := range theirs.labels {
			assert.True(t, same(label, s.labels[label], value), "%s of %q", label, data)
		}
	}
}

// TestReadAsPrometheusDoes: what real programs write is read by both, and alike.
func TestReadAsPrometheusDoes(t *testing.T) {
	for _, c := range []struct{ data, mediaType string }{
		{prometheus, text},
		{odd, text},
		{untyped, text},
		{withTotal, text},
		{openMetrics, open},
		{openGauges, open},
		{"# HELP a  \\n two\n#\n# \n#TYPE x y\n#  TYPE\ta gauge\n\n \t a\t{ b = \"1\" , c=\"\\\\x\\\"\\n\", } \t+1e3 \t1395066363000 \n", text},
		{"# HELP a\n# TYPE \"x.y\" summary\na{}1\na-5\na{le=\"+Inf\"} Nan\n{\"x.y\"} 17\n{ \"x.y\" , \"l.m\"=\"ä\" } inf\n# it is Prometheus' and anybody's\n", text},
		{"# HELP a x\n# TYPE a counter\n# UNIT a_s s\na_total{b=\"1\",} 1e3 1520879607.789 # {t=\"x\"} 1\na{b=\"\"} 1 # {} 0.5 3.25\n{\"x.y\",\"l.m\"=\"1\"} -Inf 7\n# TYPE s stateset\n# TYPE i info\n# TYPE u unknown\n# EOF\n", open},
	} {
		_, _, err := peer(c.data, c.mediaType)
		require.NoError(t, err, c.data)
		_, err = Parse([]byte(c.data), c.mediaType)
		require.NoError(t, err, c.data)
		alike(t, c.data, c.mediaType)
	}
}

// TestWhatIsNoSampleIsRefused: by Prometheus' parser, too, or it would read half of it.
func TestWhatIsNoSampleIsRefused(t *testing.T) {
	for _, data := range []string{
		"a", "a ", "a{", "a{b", "a{b=", "a{b=1} 1", "a{b=\"1\" 1", "a{b=\"1} 1", "a{b=\"1} 1\nc 2\nd{e=\"f\"} 3", "a{b=\"\\\n\"} 1", "a{,} 1", "a{b=\"1\",,} 1", "a{b=\"1\" c=\"2\"} 1", "a{b=\"1\",b=\"2\"} 1",
		"a{__name__=\"b\"} 1", "a{\"b\"} 1", "{\"a\",\"b\"} 1", "{} 1", "{\"\"} 1", "{b=\"1\"} 1", "a 1_0", "a 0x1p4", "a one", "a 1 2 3", "a 1 -2", "a 1 2.5", "a 1{",
		"9a 1", "\"a\" 1", "a\x00 1", "# c\x00\na 1", "a{b=\"\xff\"} 1", "# HELP a \xff", "# TYPE a thing", "# TYPE a  gauge", "# TYPE a", "# TYPE a{gauge", "# HELP 9",
	} {
		_, err := Parse([]byte(data+"\n"), text)
		require.Error(t, err, data)
	}
	for _, data := range []string{
		"\n", " a 1\n", "a  1\n", "a\t1\n", "a { } 1\n", "a 1 \n", "a 1 NaN\n", "a 1 # {}\n", "a 1 # {} x\n", "a 1 # {\"b\"} 1\n", "a 1 # {} 1 2 3\n", "#c\n", "# c\n", "# TYPE a untyped\n", "# HELP a\n",
		"# UNIT a s\n", "# UNIT as s\n", "# EOF\na 1\n", "a 1\n# EOF\n\n",
	} {
		_, err := Parse([]byte(data+"# EOF\n"), open)
		require.Error(t, err, data)
	}
}

func FuzzPeer(f *testing.F) {
	for _, data := range []string{prometheus, odd, untyped, withTotal, "{\"x.y\",\"l.m\"=\"\\\\\\n\"} 17 5\n# HELP a \\n\n# c\n"} {
		f.Add(data, false)
	}
	for _, data := range []string{openMetrics, openGauges, "a{b=\"\"} 1 2.5 # {c=\"d\"} 0.5 3.25\n# UNIT a_s s\n# EOF\n"} {
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data string, isOpen bool) {
		if isOpen {
			alike(t, data, open)
		} else {
			alike(t, data, text)
		}
	})
}
