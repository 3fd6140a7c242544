// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"strings"
)

// Mode says how far usage statistics may go. A smaller mode is a more careful one.
type Mode int

const (
	// Off: nothing is read, made, sent or looked up.
	Off Mode = iota
	// Local: usage counts are read, anonymized and shown, but not sent.
	Local
	// On: anonymized usage counts are sent.
	On
)

var modeNames = [...]string{Off: "off", Local: "local", On: "on"}

// ParseMode reads "off", "local" or "on", in any case and between blanks. The error names what to write instead.
func ParseMode(text string) (Mode, error) {
	for mode, name := range modeNames {
		if strings.EqualFold(strings.TrimSpace(text), name) {
			return Mode(mode), nil
		}
	}
	return Off, fmt.Errorf("%q is no mode: write off, local or on", text)
}

// ModeNames are the names of all modes, the most careful first.
func ModeNames() []string { return modeNames[:] }

func (m Mode) String() string { return modeNames[m] }

var meanings = [...]string{
	Off:   "Usage statistics are off: nothing is read, nothing is sent",
	Local: "Usage statistics are local: counts are read and anonymized here, nothing is sent",
	On:    "Usage statistics are on: anonymized counts are sent",
}

// Meaning says in a sentence, without its full stop, what the mode means.
func (m Mode) Meaning() string { return meanings[m] }
