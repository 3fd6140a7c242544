// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/conf"
)

// Window is a time before now, written as a Go duration or in days: 30d.
type Window conf.Duration

// MarshalText implements encoding.TextMarshaler.
func (w Window) MarshalText() ([]byte, error) { return conf.Duration(w).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Window) UnmarshalText(text []byte) error { return (*conf.Duration)(w).UnmarshalText(text) }

func (w Window) check(key string) error {
	if w <= 0 {
		return fmt.Errorf("%s: %s reaches back to nothing: write a time such as 30d", key, time.Duration(w))
	}
	return nil
}
