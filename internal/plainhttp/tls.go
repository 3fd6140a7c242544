// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package plainhttp refuses what a client would ignore where its endpoint is plain HTTP.
package plainhttp // import "github.com/headcount-otel/headcount/internal/plainhttp"

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

var errTLS = errors.New("the endpoint has no TLS, and what stands here would be ignored: write https:// for http://, or leave it out")

// CheckTLS returns an error under its key where something is demanded of TLS, which is what is not its type's zero
// value, beside the URL of an endpoint without it. The settings of TLS are not named as a type: the Collector's would
// reach programs that have no Collector.
func CheckTLS(key, url string, demands ...any) error {
	const scheme = "http:"
	plain := len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme)
	if plain && slices.ContainsFunc(demands, func(d any) bool { return !reflect.ValueOf(d).IsZero() }) {
		return fmt.Errorf("%s: %w", key, errTLS)
	}
	return nil
}
