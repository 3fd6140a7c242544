// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const switches = `
resource:
  service.instance.id: {value: shop}
  shop.version: {env: SHOP_VERSION, default: "5.3"}
  shop.debug: {env: SHOP_DEBUG, type: bool, default: false}
  shop.key: {env: SHOP_KEY, present: true}
  shop.plan: {env: SHOP_PLAN}
metrics:
  shop.plugins: {env: SHOP_PLUGINS, type: int, default: 0}
`

// What stands in for a variable that is not given is said once, and still leaves; so is one that nothing stands in for.
func TestDefaultsAreSaidAtStart(t *testing.T) {
	t.Setenv("SHOP_VERSION", "5.3.1")
	b := started(t, fromYAML(t, switches))
	assert.Equal(t, []string{
		"Variables are not set, and their defaults are reported: set each that is otherwise in the application: SHOP_DEBUG=false, SHOP_PLUGINS=0",
		"Variables are not set, and null is reported in their place: SHOP_PLAN",
	}, b.said())
	assert.Equal(t, false, attributes(b.last())["shop.debug"])
	b.scrapes()
	assert.Empty(t, b.said(), "said again")

	t.Setenv("SHOP_DEBUG", "false")
	t.Setenv("SHOP_PLUGINS", "0")
	t.Setenv("SHOP_PLAN", "pro")
	assert.Empty(t, started(t, fromYAML(t, switches)).said(), "the defaults were given")
}

// An environment that says that it is complete has no default: what it lacks is nothing, and is said.
func TestCompleteEnvironmentHasNoDefaults(t *testing.T) {
	cfg := fromYAML(t, switches+"defaults_unless: SHOP_COMPLETE\n")
	t.Setenv("SHOP_COMPLETE", "True")
	t.Setenv("SHOP_VERSION", "5.3.1")
	t.Setenv("SHOP_DEBUG", "")
	b := started(t, cfg)
	assert.Equal(t, []string{"Variables are not set, and null is reported in their place: SHOP_DEBUG, SHOP_KEY, SHOP_PLAN, SHOP_PLUGINS"}, b.said())
	read := attributes(b.last())
	assert.Equal(t, "5.3.1", read["shop.version"])
	for _, name := range []string{"shop.debug", "shop.key", "shop.plan"} {
		assert.Contains(t, read, name)
		assert.Nil(t, read[name], name)
	}
	assert.NotContains(t, read, "headcount.failed_readings")
	assert.Equal(t, map[string]any{"shop.plugins": nil}, figures(b.last()))

	t.Setenv("SHOP_KEY", "") // is there, and says that there is none
	assert.Equal(t, false, attributes(started(t, cfg).last())["shop.key"])

	t.Setenv("SHOP_COMPLETE", "False")
	assert.Equal(t, false, attributes(started(t, cfg).last())["shop.debug"])

	t.Setenv("SHOP_COMPLETE", "s3cret")
	assert.EqualError(t, cfg.Validate(), "defaults_unless: the environment variable SHOP_COMPLETE: it is no boolean: write True or False")
}

// Where no default is sure to hold, an id may have to be generated, and kept.
func TestIDWhoseDefaultMayNotHold(t *testing.T) {
	cfg := fromYAML(t, `
resource: {service.instance.id: {env: SHOP_ID, default: shop}}
`)
	cfg.Storage = nil
	assert.NoError(t, cfg.Validate())
	cfg.DefaultsUnless = "SHOP_COMPLETE"
	assert.ErrorContains(t, cfg.Validate(), "storage: an instance id may have to be generated")
}
