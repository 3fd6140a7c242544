// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/trust"
)

// The test's own process is the one that is asked to end.
func TestTheProgramIsAskedToEnd(t *testing.T) {
	over := &shelf{}
	r := run(t, over, func(c *Config) { c.Until, c.Mode, c.Endpoint = oneshot.Delivered, "local", "" }, nil)
	require.NoError(t, r.stop())
}

func TestAPreviewKeepsNothing(t *testing.T) {
	over := &shelf{}
	r := run(t, over, func(c *Config) { c.Until, c.Endpoint = oneshot.Shown, "" }, nil)
	r.Promises(trust.Destination{Stats: []string{"USAGE"}})
	r.Delivered(trust.Delivery{Stat: "USAGE", Body: []byte(`{}`), DryRun: true})
	client, err := r.GetClient(t.Context(), component.KindReceiver, disk, "")
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), "cursor", []byte("7")))
	stored, err := client.Get(t.Context(), "cursor")
	require.NoError(t, err)
	assert.Equal(t, []byte("7"), stored)
	require.NoError(t, client.Delete(t.Context(), "cursor"))
	stored, err = client.Get(t.Context(), "cursor")
	require.NoError(t, err)
	assert.Nil(t, stored)
	require.NoError(t, client.Close(t.Context()))
	require.NoError(t, r.stop())
	assert.Empty(t, over.content())

	r = run(t, over, nil, nil)
	_, err = r.GetClient(t.Context(), component.KindReceiver, disk, "")
	require.ErrorContains(t, err, "write the id of a storage extension")
}

func TestAPreviewHeedsTheSwitch(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	r.press("off")
	require.NoError(t, r.stop())
	r = start(t, over, func(c *Config) { c.Until, c.Endpoint = oneshot.Shown, "" }, nil)
	assert.Equal(t, "off", r.mode())
}
