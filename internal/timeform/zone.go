// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a container may have none
)

// Zone reads a zone's name, such as UTC, Europe/Berlin or +02:00.
func Zone(name string) (*time.Location, error) {
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		if at, err := time.Parse("-07:00", name); err == nil {
			_, seconds := at.Zone()
			return time.FixedZone(name, seconds), nil
		}
	} else if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone, nil
	}
	return nil, fmt.Errorf("%q is no zone: write one such as UTC, Europe/Berlin or +02:00", name)
}

// IsUTC reports whether a server's name for its zone means UTC the whole year.
func IsUTC(name string) bool {
	switch strings.ToUpper(name) {
	case "UTC", "ETC/UTC", "+00:00", "Z", "ZULU", "ETC/ZULU", "UCT", "ETC/UCT", "UNIVERSAL", "ETC/UNIVERSAL", "ETC/GMT":
		return true
	default:
		return false
	}
}
