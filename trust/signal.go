// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Signal says how an environment variable is read. A variable that is not set, or empty, says nothing.
type Signal string

const (
	// OptOut: a truthy value means off, as DO_NOT_TRACK=1.
	OptOut Signal = "opt_out"
	// OptIn: a falsy value means off, as ENABLE_ANONYMOUS_STATS=False.
	OptIn Signal = "opt_in"
	// ModeName: the value is itself off, local or on.
	ModeName Signal = "mode"
)

// Signals are all ways to read a variable.
func Signals() []Signal { return []Signal{OptOut, OptIn, ModeName} }

// Validate implements confmap.Validator.
func (s Signal) Validate() error {
	if slices.Contains(Signals(), s) {
		return nil
	}
	return fmt.Errorf("%q is no way to read a variable: write opt_out, opt_in or mode", string(s))
}

// Check reports a value that asks for a mode and names none. A plain no, which some tools make of off, is off.
func (s Signal) Check(value string) error {
	if yes, understood := truth(value); s != ModeName || value == "" || understood && !yes {
		return nil
	}
	_, err := ParseMode(value)
	return err
}

// Decision is a mode, and in words who said so.
type Decision struct {
	Mode Mode
	Who  string
}

// Strictest is the decision that holds: the smallest mode, and among equals the first.
func Strictest(first Decision, others ...Decision) Decision {
	for _, o := range others {
		if o.Mode < first.Mode {
			first = o
		}
	}
	return first
}

// Everywhere are the variables that are signals in every installation. A
// configuration may add others; it cannot take these away, or read them otherwise.
func Everywhere() map[string]Signal {
	return map[string]Signal{"DO_NOT_TRACK": OptOut, "HEADCOUNT_MODE": ModeName}
}

// Environment is what the variables say, those that are heeded everywhere and the
// given ones, in order of their names. A value that is not understood means Off.
func Environment(signals map[string]Signal, getenv func(string) string) (said []Decision) {
	everywhere := Everywhere()
	all := maps.Clone(everywhere)
	maps.Copy(all, signals)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value := getenv(name)
		if value == "" {
			continue
		}
		if always, ok := everywhere[name]; ok && always != all[name] {
			said = append(said, always.decision(name, value))
		}
		said = append(said, all[name].decision(name, value))
	}
	return said
}

func (s Signal) decision(name, value string) Decision {
	who := "the environment variable " + name
	if s == ModeName {
		mode, _ := ParseMode(value)
		return Decision{mode, who}
	}
	yes, understood := truth(value)
	switch {
	case !understood:
		return Decision{Off, fmt.Sprintf("%s, whose value is neither yes nor no", who)}
	case yes == (s == OptOut):
		return Decision{Off, who}
	default:
		return Decision{On, who}
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
