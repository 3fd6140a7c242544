// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"fmt"
	"strings"

	"github.com/headcount-otel/headcount/trust"
)

// opinion is one voice's mode, and who it is.
type opinion struct {
	mode trust.Mode
	who  string
}

// mostCareful is the opinion that holds: the smallest mode, and among equals the first.
func mostCareful(first opinion, others ...opinion) opinion {
	for _, o := range others {
		if o.mode < first.mode {
			first = o
		}
	}
	return first
}

// configured gathers the voices of the configuration: its own mode, and the environment's variables in order of name.
func (c *Config) configured(getenv func(string) string) opinion {
	mode, _ := trust.ParseMode(c.Mode)
	var said []opinion
	for _, name := range c.Environment.Names() {
		if value := getenv(name); value != "" {
			said = append(said, c.Environment[name].hear(name, value))
		}
	}
	return mostCareful(opinion{mode, "the configuration key mode"}, said...)
}

func (v Voice) hear(name, value string) opinion {
	who := "the environment variable " + name
	if v == ModeName {
		mode, _ := trust.ParseMode(value)
		return opinion{mode, who}
	}
	yes, understood := truth(value)
	switch {
	case !understood:
		return opinion{trust.Off, fmt.Sprintf("%s, whose value is neither yes nor no", who)}
	case yes == (v == OptOut):
		return opinion{trust.Off, who}
	default:
		return opinion{trust.On, who}
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
