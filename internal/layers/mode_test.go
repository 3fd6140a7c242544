// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/internal/layers"
)

// A site's file says off, and is named before the profile.
func TestAProfileDoesNotOpenAModeThatAFileBeforeItClosed(t *testing.T) {
	const (
		site    = "yaml:{extensions: {headcount: {mode: off}}}"
		profile = "yaml:{extensions: {headcount: {mode: on}}, receivers: {appusage: {resource: {service.name: {value: shop}}}}, service: {extensions: [headcount]}}"
		opens   = "yaml:{extensions: {headcount: {mode: on}}}"
	)
	for name, tt := range map[string]struct {
		uris []string
		want map[string]string
		warn string
	}{
		"before the profile":      {[]string{site, profile}, map[string]string{"headcount": "off"}, "extensions::headcount::mode: --config yaml says off, and --config yaml, a profile that comes later, says on: off holds; name --config yaml after the profile, or, if on is meant, add --set extensions.headcount.mode=on"},
		"after it":                {[]string{profile, site}, map[string]string{}, ""},
		"and a file opens it":     {[]string{site, profile, opens}, map[string]string{}, "extensions::headcount::mode: --config yaml says off, and a later file says on, which holds: remove it there, or start with HEADCOUNT_MODE=off"},
		"opened, and then closed": {[]string{opens, profile, site}, map[string]string{}, ""},
		"blanks and upper case":   {[]string{`yaml:{extensions: {headcount: {mode: " OFF "}}}`, profile}, map[string]string{"headcount": "off"}, "off holds"},
	} {
		t.Run(name, func(t *testing.T) {
			all, merged := merge(t, tt.uris...)
			assert.Equal(t, tt.want, layers.Modes(all, merged))
			warnings := layers.TakenAway(all, merged)
			if tt.warn == "" {
				assert.Empty(t, warnings)
				return
			}
			assert.Len(t, warnings, 1)
			assert.Contains(t, warnings[0], tt.warn)
		})
	}
}
