// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// irreplaceable are the files that must not be made anew in silence, by how their
// names begin, and why.
var irreplaceable = map[string]string{
	"extension_headcount_":    "it holds what was sent, and where no other copy is the choice that was made on the page",
	"processor_anonymizer_":   "it holds the secret of sticky rules, and another one is a second draw for every value",
	"receiver_appusage_":      "it holds the installation's generated id, and another one is another installation",
	"processor_installation_": "it holds the ids of installations, and what their processes counted that have ended",
}

// hashed is how the name of a component is written that is too long for a file's: what it holds cannot be told.
var hashed = regexp.MustCompile(`^[0-9a-f]{64}$`)

// lost says what goes with a file that can be made anew, by how its name begins; the
// longer beginning holds.
var lost = map[string]string{
	"":                            "what it remembered",
	"exporter_collect_":           "what was accepted; each stat rests for one interval and is then sent. With sign: true also the key: an endpoint that knows it refuses this installation until it has forgotten it",
	"receiver_collect_":           "which reports were accepted; one that is repeated may be counted twice",
	"connector_fleet_":            "the fleet's last reports, which come again within their interval",
	"exporter_collect__metrics":   "the reports that waited in the queue; the next interval brings fresh ones",
	"exporter_otlp_http_":         "what waited in the queue",
	"exporter_otlp_http__metrics": "what waited in the queue",
}

// Damaged stands between a file's name and the date in the name under which it is set aside.
const Damaged = ".damaged-"

// SetAside is a damaged file that was moved out of the way.
type SetAside struct {
	// File is where it stood.
	File string
	// To is where it is now, under a name with the date; empty when the file was whole.
	To string
	// Lost says what went with it.
	Lost string
}

// Guard lets only a whole file be opened. A damaged one that can be made anew is moved
// aside; one that must not is an error, which names it and says what to do.
func Guard(file string, timeout time.Duration, now time.Time) (SetAside, error) {
	err := Check(file, timeout)
	if !errors.Is(err, ErrDamaged) {
		return SetAside{}, err
	}
	name := filepath.Base(file)
	for beginning, why := range irreplaceable {
		if strings.HasPrefix(name, beginning) {
			return SetAside{}, fmt.Errorf("%w, and it is not made anew: %s. Restore it from a copy, or move it aside to start anew", err, why)
		}
	}
	if hashed.MatchString(name) {
		return SetAside{}, fmt.Errorf("%w, and it is not made anew: its name does not tell whose it is. Restore it from a copy, or move it aside to start anew", err)
	}
	aside := SetAside{File: file, To: file + Damaged + now.UTC().Format("20060102T150405Z"), Lost: lostWith(name)}
	return aside, os.Rename(file, aside.To)
}

func lostWith(name string) string {
	longest := ""
	for beginning := range lost {
		if strings.HasPrefix(name, beginning) && len(beginning) > len(longest) {
			longest = beginning
		}
	}
	return lost[longest]
}
