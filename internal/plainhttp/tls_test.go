// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package plainhttp

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestADemandForTLSIsNotIgnored(t *testing.T) {
	var none *tls.Config
	for name, c := range map[string]struct {
		url     string
		demands []any
		refused bool
	}{
		"a name":                {"http://127.0.0.1/stat", []any{"collect.example.com", none}, true},
		"settings":              {"http://127.0.0.1/stat", []any{"", &tls.Config{}}, true}, //nolint:gosec // nothing is connected
		"a scheme in capitals":  {"HTTP://127.0.0.1/stat", []any{"collect.example.com"}, true},
		"with TLS":              {"https://127.0.0.1/stat", []any{"collect.example.com"}, false},
		"nothing that asks":     {"http://127.0.0.1/stat", []any{"", none}, false},
		"no URL, another error": {"", []any{"collect.example.com"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckTLS("tls", c.url, c.demands...)
			if c.refused {
				assert.ErrorContains(t, err, "tls: the endpoint has no TLS")
			} else {
				assert.NoError(t, err)
			}
		})
	}
}
