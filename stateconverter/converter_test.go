// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package stateconverter

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

const site = `
extensions:
  headcount: {mode: on, storage: file_storage}
  file_storage: {directory: state}
  file_storage/other: {directory: elsewhere}
receivers:
  appusage: {storage: file_storage}
  otlp:
processors:
  anonymizer: {storage: file_storage}
exporters:
  collect: {sending_queue: {storage: file_storage}, storage: file_storage}
  otlp_http: {sending_queue: {storage: file_storage/other}}
connectors:
  fleet: {storage: file_storage}
service:
  extensions: [headcount, file_storage, file_storage/other]
  pipelines:
    metrics: {receivers: [appusage], processors: [anonymizer], exporters: [collect]}
    metrics/other: {receivers: [otlp], exporters: [otlp_http]}
`

func converted(t *testing.T, env map[string]string, files ...string) *confmap.Conf {
	t.Helper()
	conf := confmap.New()
	for _, file := range files {
		var raw map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(file), &raw))
		require.NoError(t, conf.Merge(confmap.NewFromStringMap(raw)))
	}
	require.NoError(t, converter{func(name string) string { return env[name] }}.Convert(t.Context(), conf))
	return conf
}

func TestStorageIsOutOfServiceWhileOff(t *testing.T) {
	all := []any{"headcount", "file_storage", "file_storage/other"}
	idle := []any{"headcount", "file_storage/other"}
	off := map[string]string{"DO_NOT_TRACK": "1"}
	for name, tt := range map[string]struct {
		env  map[string]string
		over string
		want []any
	}{
		"on":                              {nil, "{}", all},
		"local":                           {map[string]string{"HEADCOUNT_MODE": "local"}, "{}", all},
		"off by environment":              {off, "{}", idle},
		"off by the file":                 {nil, "{extensions: {headcount: {mode: off}}}", idle},
		"another program's queue uses it": {off, "{exporters: {otlp_http: {sending_queue: {storage: file_storage}}}}", all},
		"a receiver asks nobody":          {off, "{receivers: {appusage: {consent: none}}}", all},
		"the makers' fleet uses it":       {off, "{service: {pipelines: {metrics/other: {receivers: [otlp], exporters: [fleet]}, metrics/fleet: {receivers: [fleet], exporters: [otlp_http]}}}}", all},
		"of two extensions both are off":  {off, "{extensions: {headcount/b: {mode: on}}, exporters: {collect: {consent: headcount/b}}, service: {extensions: [headcount, headcount/b, file_storage, file_storage/other]}}", []any{"headcount", "headcount/b", "file_storage/other"}},
		"nobody answers for consent":      {off, "{service: {extensions: [file_storage, file_storage/other]}}", []any{"file_storage", "file_storage/other"}},
	} {
		t.Run(name, func(t *testing.T) {
			conf := converted(t, tt.env, site, tt.over)
			got := conf.Get("service::extensions").([]any)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestTheExtensionLearnsItsFolder(t *testing.T) {
	here, err := filepath.Abs("state")
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		over string
		want any
	}{
		"its storage's":        {"{}", here},
		"its own":              {"{extensions: {headcount: {directory: /own}}}", "/own"},
		"of an absolute path":  {"{extensions: {file_storage: {directory: /state}}}", "/state"},
		"without storage":      {"{extensions: {headcount: {storage: null}}}", here},
		"without any":          {"{extensions: {headcount: {storage: null}}, receivers: {appusage: {storage: null}}, processors: {anonymizer: {storage: null}}, exporters: {collect: {storage: null, sending_queue: {storage: null}}}}", nil},
		"not a file storage":   {"{extensions: {headcount: {storage: redis_storage}}}", nil},
		"what cannot be read":  {"{extensions: {headcount: {environment: 5}}}", nil},
		"a storage of a name":  {"{extensions: {headcount: {storage: file_storage/other}, file_storage/other: {directory: /other}}}", "/other"},
		"a storage's own keys": {"{extensions: {file_storage: {directory: /state, timeout: 3s, fsync: true}}}", "/state"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, converted(t, nil, site, tt.over).Get("extensions::headcount::directory"))
		})
	}
}

// The components that ask keep something elsewhere: a choice may lie there from before.
func TestTheExtensionLearnsTheFoldersBesideItsOwn(t *testing.T) {
	here, err := filepath.Abs("state")
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		over string
		want any
	}{
		"all in one":                     {"{}", nil},
		"another storage":                {"{extensions: {headcount: {storage: file_storage/other}}}", []string{here}},
		"another folder":                 {"{extensions: {headcount: {directory: /own}}}", []string{here}},
		"of those that ask another one":  {"{extensions: {headcount: {directory: /own}, headcount/b: {}}, receivers: {appusage: {consent: headcount/b}}, processors: {anonymizer: {consent: headcount/b}}, exporters: {collect: {consent: headcount/b}}, service: {extensions: [headcount, headcount/b, file_storage]}}", nil},
		"of those that ask nobody":       {"{extensions: {headcount: {directory: /own}}, receivers: {appusage: {consent: none}}, processors: {anonymizer: {consent: none}}, exporters: {collect: {consent: none}}}", nil},
		"where the choice has no folder": {"{extensions: {headcount: {storage: redis_storage}}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := converted(t, nil, site, tt.over).Get("extensions::headcount::beside")
			if tt.want == nil {
				assert.Empty(t, got)
				return
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// An otlp receiver of which others take something is theirs, unless the file says otherwise.
func TestASharedReceiverAsksNobody(t *testing.T) {
	ours := "{service: {pipelines: {metrics/other: {receivers: [otlp], processors: [anonymizer], exporters: [otlp_http]}}}}"
	for name, tt := range map[string]struct {
		over string
		want any
	}{
		"others' alone":              {"{}", "none"},
		"ours by its processor":      {ours, nil},
		"ours by its exporter":       {"{service: {pipelines: {metrics/other: {receivers: [otlp], exporters: [collect]}}}}", nil},
		"a processor asks nobody":    {"{processors: {anonymizer: {consent: none}}, service: {pipelines: {metrics/other: {receivers: [otlp], processors: [anonymizer], exporters: [otlp_http]}}}}", "none"},
		"both":                       {"{service: {pipelines: {metrics: {receivers: [otlp]}}}}", "none"},
		"beside another exporter":    {"{service: {pipelines: {metrics/other: {receivers: [otlp], exporters: [collect, otlp_http]}}}}", "none"},
		"the file says whom":         {"{receivers: {otlp: {consent: headcount}}}", "headcount"},
		"no extension is in service": {"{service: {extensions: [file_storage]}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, converted(t, nil, site, tt.over).Get("receivers::otlp::consent"))
		})
	}
}
