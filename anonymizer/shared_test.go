// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
)

// folder is a storage extension that gives each component a disk of its own, as file_storage does.
type folder struct {
	disk
	of map[component.ID]disk
}

func newFolder() *folder { return &folder{disk{}, map[component.ID]disk{}} }

func (f *folder) GetClient(_ context.Context, _ component.Kind, id component.ID, _ string) (storage.Client, error) {
	if f.of[id] == nil {
		f.of[id] = disk{}
	}
	return f.of[id], nil
}

func (f *folder) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: f}
}

// sharer is one of several anonymizers of a program.
func sharer(t *testing.T, name, rules string, f *folder) (processor.Metrics, *sink, error) {
	set := processortest.NewNopSettings(metadata.Type)
	set.ID = component.NewIDWithName(metadata.Type, name)
	a, err := newAnonymizer(set, configured(t, rules))
	require.NoError(t, err)
	s := &sink{last: pmetric.NewMetrics()}
	p, err := a.before(t.Context(), set, s)
	require.NoError(t, err)
	err = p.Start(t.Context(), f)
	t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	return p, s, err
}

func TestAnonymizersOnOneStorageDrawOnce(t *testing.T) {
	const wide = "{storage: s, metrics: {a: {noise: {scale: 1000}}}}"
	f := newFolder()
	one, left, err := sharer(t, "one", wide, f)
	require.NoError(t, err)
	two, right, err := sharer(t, "two", wide, f)
	require.NoError(t, err)
	require.NoError(t, one.ConsumeMetrics(t.Context(), gaugeOf("a", 1_000_000)))
	require.NoError(t, two.ConsumeMetrics(t.Context(), gaugeOf("a", 1_000_000)))
	assert.Equal(t, onlyMetric(t, left.last).Gauge().DataPoints().At(0).IntValue(), onlyMetric(t, right.last).Gauge().DataPoints().At(0).IntValue())

	_, _, err = sharer(t, "three", "{storage: s, metrics: {a: {noise: {scale: 999}}}}", f)
	require.ErrorContains(t, err, "both draw by metrics::a, with noise 1000/1 and with noise 999/1")
	_, _, err = sharer(t, "four", "{storage: s, metrics: {a: {noise: {scale: 999}}}}", newFolder())
	require.NoError(t, err, "another storage")
}

// In a row on one storage each draws for itself: of x + 2N the one after the other would tell whether x is odd.
func TestAnonymizersInARowDoNotDrawTheSame(t *testing.T) {
	const wide = "{storage: s, metrics: {a: {noise: {scale: 1000}}}}"
	for _, first := range []string{wide, "{metrics: {a: {keep: true}}}"} {
		odd, same := 0, 0
		for range 40 {
			f, ctx, md := newFolder(), t.Context(), gaugeOf("a", 1_000_001)
			numbers := []int64{1_000_001}
			for _, name := range []string{"one", "two", "three"} {
				rules := wide
				if name == "one" {
					rules = first
				}
				p, s, err := sharer(t, name, rules, f)
				require.NoError(t, err)
				require.NoError(t, p.ConsumeMetrics(ctx, md))
				md, ctx = s.last, s.ctx
				numbers = append(numbers, onlyMetric(t, md).Gauge().DataPoints().At(0).IntValue())
			}
			odd += int(numbers[3] % 2)
			if numbers[3]-numbers[2] == numbers[2]-numbers[1] {
				same++
			}
		}
		assert.NotContains(t, []int{0, 40}, odd, "by the last number whether the first is odd is not told")
		assert.Less(t, same, 40)
	}
}

func TestAnonymizersWithTwoStoredSecretsAreRefused(t *testing.T) {
	const wide = "{storage: s, metrics: {a: {noise: {scale: 1000}}}}"
	apart := [2]*folder{newFolder(), newFolder()}
	for i, name := range []string{"one", "two"} {
		p, _, err := sharer(t, name, wide, apart[i])
		require.NoError(t, err)
		require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", 7)))
		require.NoError(t, p.Shutdown(t.Context()))
	}
	both := newFolder()
	for _, f := range apart {
		for id, d := range f.of {
			both.of[id] = d
		}
	}
	_, _, err := sharer(t, "one", wide, both)
	require.NoError(t, err)
	_, _, err = sharer(t, "two", wide, both)
	require.ErrorContains(t, err, "have two secrets on one storage")
}

func TestRulesThatMeetInSomeNameDrawForItInOneWay(t *testing.T) {
	for name, c := range map[string]struct{ one, two, refused string }{
		"a pattern and a name":                        {"{k.*: {noise: {scale: 20}}}", "{k.1: {noise: {scale: 5}}}", "metrics::k.* and metrics::k.1"},
		"a name and a pattern":                        {"{k.1: {noise: {scale: 5}}}", "{k.*: {noise: {scale: 20}}}", "metrics::k.1 and metrics::k.*"},
		"two patterns":                                {"{k.*: {noise: {scale: 20}}}", "{k*: {round: {to: 5, mode: sticky}}}", "metrics::k.* and metrics::k*"},
		"the same parameters":                         {"{k.*: {noise: {scale: 20}}}", "{k.1: {noise: {scale: 20}}}", ""},
		"nothing in common":                           {"{k.*: {noise: {scale: 20}}}", "{l.*: {noise: {scale: 5}}}", ""},
		"the exception is the same in both":           {"{k.*: {noise: {scale: 20}}, k.1: {noise: {scale: 5}}}", "{k.1: {noise: {scale: 5}}}", ""},
		"the exception does not draw":                 {"{k.*: {noise: {scale: 20}}, k.1: {round: {to: 5}}}", "{k.1: {noise: {scale: 5}}}", ""},
		"the exception leaves nothing":                {"{k.*: {noise: {scale: 20}}, k.1: {drop: true}}", "{k.1: {noise: {scale: 5}}}", ""},
		"both patterns stand in both":                 {"{k.*: {noise: {scale: 20}}, k*: {noise: {scale: 5}}}", "{k*: {noise: {scale: 5}}, k.*: {noise: {scale: 20}}}", ""},
		"the wider pattern does not reach the name":   {"{k*: {noise: {scale: 20}}, k.*: {noise: {scale: 5}}}", "{k.1: {noise: {scale: 5}}}", ""},
		"the narrower pattern stands in one of both":  {"{k*: {noise: {scale: 20}}, k.*: {noise: {scale: 5}}}", "{k*: {noise: {scale: 20}}}", "metrics::k.* and metrics::k*"},
		"answers of resource attributes, by patterns": {"{}, resource: {r.*: {randomized_response: {}}}", "{}, resource: {r.a: {randomized_response: {f: 0.25}}}", "resource::r.* and resource::r.a"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder()
			_, _, err := sharer(t, "one", "{storage: s, metrics: "+c.one+"}", f)
			require.NoError(t, err)
			_, _, err = sharer(t, "two", "{storage: s, metrics: "+c.two+"}", f)
			if c.refused == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "draw by "+c.refused+",")
			}
		})
	}
}
