// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// result is what became of one reading.
type result struct {
	value  source.Value
	groups []source.Group
	failed bool
}

// outcome names what became of the reading, for the receiver's own metrics.
func (r result) outcome() string {
	switch {
	case r.failed:
		return "failure"
	case r.value == nil && len(r.groups) == 0:
		return "nothing"
	default:
		return "value"
	}
}

var errText = errors.New("it gives a text, and a metric is a number")

// number makes a metric's value: booleans count as 0 and 1, times as Unix seconds.
func number(value source.Value) (source.Value, error) {
	switch v := value.(type) {
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return float64(v.UnixMicro()) / 1e6, nil
	case string:
		return nil, errText
	}
	return value, nil
}
