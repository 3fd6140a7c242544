// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Window is a time before now, written as a Go duration or in days: 30d.
type Window time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Window) UnmarshalText(text []byte) error {
	if days, isDays := strings.CutSuffix(string(text), "d"); isDays {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return fmt.Errorf("%q is no number of days: write one such as 30d", text)
		}
		*w = Window(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no time: write one such as 30d or 12h", text)
	}
	*w = Window(d)
	return nil
}

func (w Window) check(key string) error {
	if w <= 0 {
		return fmt.Errorf("%s: %s reaches back to nothing: write a time such as 30d", key, time.Duration(w))
	}
	return nil
}
