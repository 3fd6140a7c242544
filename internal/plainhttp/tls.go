// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package plainhttp refuses what a client would ignore where its endpoint is plain HTTP.
package plainhttp // import "github.com/headcount-otel/headcount/internal/plainhttp"

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/collector/config/configtls"
)

// ErrTLS is that of a demand for TLS beside an endpoint without it.
var ErrTLS = errors.New("the endpoint has no TLS, and what stands here would be ignored: write https:// for http://, or leave it out")

// Is reports whether a URL is one of HTTP without TLS.
func Is(url string) bool {
	const scheme = "http:"
	return len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme)
}

// CheckTLS returns [ErrTLS] under its key for settings that ask something of a TLS which there is not. `insecure`,
// which asks for none, and its like pass.
func CheckTLS(url string, tls configtls.ClientConfig) error {
	if Is(url) && (tls.ServerName != "" || !reflect.ValueOf(tls.Config).IsZero()) {
		return fmt.Errorf("tls: %w", ErrTLS)
	}
	return nil
}
