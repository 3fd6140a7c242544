// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pipeline"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/trust"
)

const unasked = "These components of the pipelines never said whether they ask for consent: what is said of the mode is not said of them"

// instance is a component as the Collector starts it, with the pipelines that it is of.
func instance(kind component.Kind, id string, of ...string) *componentstatus.InstanceID {
	var parsed component.ID
	if err := parsed.UnmarshalText([]byte(id)); err != nil {
		panic(err)
	}
	var pipelines []pipeline.ID
	for _, name := range of {
		pipelines = append(pipelines, pipeline.NewIDWithName(pipeline.SignalMetrics, name))
	}
	return componentstatus.NewInstanceID(parsed, kind, pipelines...)
}

// begin says of each that it starts, and that it has.
func begin(h *headcount, all ...*componentstatus.InstanceID) {
	for _, id := range all {
		h.Changed(id, componentstatus.NewEvent(componentstatus.StatusStarting))
		h.Changed(id, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// A component of ours in a pipeline that did not come to ask is named as an error, and no other.
func TestAComponentThatNeverAskedIsAnError(t *testing.T) {
	pipelines := []*componentstatus.InstanceID{
		instance(component.KindReceiver, "appusage", ""),
		instance(component.KindReceiver, "otlp", ""),
		instance(component.KindProcessor, "anonymizer/a", ""),
		instance(component.KindProcessor, "batch", ""),
		instance(component.KindProcessor, "installation", ""),
		instance(component.KindConnector, "fleet", "", "relay"),
		instance(component.KindReceiver, "collect", "relay"),
		instance(component.KindExporter, "collect", "", "relay"),
		instance(component.KindExporter, "debug", "relay", "apart"),
		instance(component.KindReceiver, "prometheus", "apart"),
		instance(component.KindExtension, "file_storage"),
	}
	all := []trust.Member{
		{Kind: component.KindReceiver, ID: component.MustNewID("appusage")},
		{Kind: component.KindReceiver, ID: component.MustNewID("collect")},
		{Kind: component.KindProcessor, ID: component.MustNewIDWithName("anonymizer", "a")},
		{Kind: component.KindProcessor, ID: component.MustNewID("installation")},
		{Kind: component.KindExporter, ID: component.MustNewID("collect")},
	}
	errorsOf := func(t *testing.T, came []trust.Member) []observer.LoggedEntry {
		r := start(t, &shelf{}, nil, nil)
		begin(r.headcount, pipelines...)
		for i, member := range came {
			r.Register(member, i%2 == 0) // one that says that it does not ask is listed elsewhere
		}
		require.NoError(t, r.Ready())
		return r.logs.FilterLevelExact(zap.ErrorLevel).All()
	}
	assert.Empty(t, errorsOf(t, all))
	r := start(t, &shelf{}, nil, nil)
	begin(r.headcount, pipelines...)
	require.NoError(t, r.Ready())
	beside := r.logs.FilterMessageSnippet("are not Headcount's").All()
	require.Len(t, beside, 1)
	assert.Equal(t, []any{"exporter debug", "receiver otlp"}, beside[0].ContextMap()["components"])
	assert.Empty(t, r.logs.FilterMessageSnippet("go on listening").All(), "which they may")
	r = start(t, &shelf{}, func(c *Config) { c.Mode = "off" }, nil)
	begin(r.headcount, pipelines...)
	require.NoError(t, r.Ready())
	listening := r.logs.FilterMessageSnippet("go on listening").All()
	require.Len(t, listening, 1)
	assert.Equal(t, []any{"receiver otlp"}, listening[0].ContextMap()["components"])
	for i, missing := range all {
		t.Run(missing.String(), func(t *testing.T) {
			came := append(append([]trust.Member{}, all[:i]...), all[i+1:]...)
			said := errorsOf(t, came)
			require.Len(t, said, 1)
			assert.Equal(t, unasked, said[0].Message)
			assert.Equal(t, map[string]any{"components": []any{missing.String()}}, said[0].ContextMap())
		})
	}
	assert.Len(t, errorsOf(t, nil)[0].ContextMap()["components"], len(all), "each once, however many pipelines have it")
}

// What is said of the mode is said of those that ask, and of nobody else.
func TestTheModeIsSaidOfThoseThatAsk(t *testing.T) {
	for name, tt := range map[string]struct {
		asks, mode string
		want       string
	}{
		"off":               {"yes", "off", trust.Off.Meaning()},
		"off, one left out": {"no", "off", trust.Off.Meaning() + " by the components that ask for consent here"},
		"off, one silent":   {"silent", "off", trust.Off.Meaning() + " by the components that ask for consent here"},
		"local, left out":   {"no", "local", trust.Local.Meaning() + " by the components that ask for consent here"},
		"on, one left out":  {"no", "on", trust.On.Meaning()},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, &shelf{}, func(c *Config) { c.Mode = tt.mode }, nil)
			assert.Empty(t, r.logs.FilterFieldKey("said_by").All(), "nothing is said before it is known of whom")
			begin(r.headcount, instance(component.KindExporter, "collect", ""))
			if tt.asks != "silent" {
				r.Register(trust.Member{Kind: component.KindExporter, ID: component.MustNewID("collect")}, tt.asks == "yes")
			}
			require.NoError(t, r.Ready())
			said := r.logs.FilterFieldKey("said_by").All()
			require.Len(t, said, 1)
			assert.Equal(t, tt.want, said[0].Message)
		})
	}
}
