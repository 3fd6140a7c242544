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

// What stands in for a variable that is not given is said once, and still leaves.
func TestDefaultsAreSaidAtStart(t *testing.T) {
	const words = "Variables are not set, and their defaults are reported: set each that is otherwise in the application: "
	t.Setenv("SHOP_VERSION", "5.3.1")
	b := started(t, fromYAML(t, switches))
	assert.Equal(t, []string{words + "SHOP_DEBUG=false, SHOP_PLUGINS=0"}, b.said())
	assert.Equal(t, false, attributes(b.last())["shop.debug"])
	b.scrapes()
	assert.Empty(t, b.said(), "said again")

	t.Setenv("SHOP_DEBUG", "false")
	t.Setenv("SHOP_PLUGINS", "0")
	assert.Empty(t, started(t, fromYAML(t, switches)).said(), "the defaults were given")
}
