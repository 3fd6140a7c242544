// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Voice says how an environment variable is read. A variable that is not set, or empty, has no opinion.
type Voice string

const (
	// OptOut: a truthy value means off, as DO_NOT_TRACK=1.
	OptOut Voice = "opt_out"
	// OptIn: a falsy value means off, as ENABLE_ANONYMOUS_STATS=False.
	OptIn Voice = "opt_in"
	// ModeName: the value is itself off, local or on.
	ModeName Voice = "mode"
)

// Validate implements confmap.Validator.
func (v Voice) Validate() error {
	switch v {
	case OptOut, OptIn, ModeName:
		return nil
	}
	return fmt.Errorf("%q is no way to read a variable: write opt_out, opt_in or mode", string(v))
}

// Opinion is one voice's mode, and in words who it is.
type Opinion struct {
	Mode Mode
	Who  string
}

// MostCareful is the opinion that holds: the smallest mode, and among equals the first.
func MostCareful(first Opinion, others ...Opinion) Opinion {
	for _, o := range others {
		if o.Mode < first.Mode {
			first = o
		}
	}
	return first
}

// Environment is what the variables say, in order of their names. A value that is not understood means Off.
func Environment(voices map[string]Voice, getenv func(string) string) (said []Opinion) {
	for _, name := range slices.Sorted(maps.Keys(voices)) {
		if value := getenv(name); value != "" {
			said = append(said, voices[name].hear(name, value))
		}
	}
	return said
}

func (v Voice) hear(name, value string) Opinion {
	who := "the environment variable " + name
	if v == ModeName {
		mode, _ := ParseMode(value)
		return Opinion{mode, who}
	}
	yes, understood := truth(value)
	switch {
	case !understood:
		return Opinion{Off, fmt.Sprintf("%s, whose value is neither yes nor no", who)}
	case yes == (v == OptOut):
		return Opinion{Off, who}
	default:
		return Opinion{On, who}
	}
}

// truth reads a boolean as people write it in an environment.
func truth(value string) (yes, understood bool) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "1", "true", "t", "yes", "y", "on":
		return true, true
	case "0", "false", "f", "no", "n", "off":
		return false, true
	default:
		return false, false
	}
}
