// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func (r *Reading) validateEnv() error {
	if !conf.IsVariable(r.Env) {
		return errors.New("env: is no variable's name: write the name alone, without $, such as APP_VERSION; a value itself stands under `value`")
	}
	if err := checkType(r.Type); err != nil {
		return err
	}
	if r.Present {
		if r.Type != "" || r.Default != nil {
			return errors.New("present: it tells only whether the variable is set: leave out `type` and `default`")
		}
		return nil
	}
	if r.Default == nil {
		return nil
	}
	if _, isText := r.Default.(string); !isText && (r.Type == "" || r.Type == typeString) {
		return fmt.Errorf("default: %v is no text: put it in quotes, or write the `type` of the variable", r.Default)
	}
	if _, err := parseAs(r.Type, fmt.Sprint(r.Default)); err != nil {
		return fmt.Errorf("default: %v: %w", r.Default, err)
	}
	return nil
}

// environment reads the variable; in a complete environment no default holds. No error of it holds the variable's text.
func (r *Reading) environment(complete bool) (source.Value, error) {
	text, isThere := os.LookupEnv(r.Env)
	switch {
	case r.Present && (isThere || !complete):
		return text != "", nil
	case text != "":
		return parseAs(r.Type, text)
	case r.Default != nil && !complete:
		return parseAs(r.Type, fmt.Sprint(r.Default))
	default:
		return nil, nil
	}
}

// complete reports that the environment says of itself to be complete.
func (cfg *Config) complete() (bool, error) {
	text := os.Getenv(cfg.DefaultsUnless)
	if text == "" {
		return false, nil
	}
	complete, err := parseBool(text)
	if err != nil {
		return false, fmt.Errorf("defaults_unless: the environment variable %s: %w", cfg.DefaultsUnless, err)
	}
	return complete.(bool), nil
}

// sayUnset names, once at start, each variable that is not given, with the default that leaves in its place, or
// that nothing does: nobody can tell from the report that it was never somebody's word.
func sayUnset(cfg *Config, complete bool, logger *zap.Logger) {
	var assumed, missing []string
	add := func(r Reading) {
		text, isThere := os.LookupEnv(r.Env)
		switch {
		case r.Env == "" || text != "" || r.Present && (isThere || !complete):
		case r.Default != nil && !complete:
			assumed = append(assumed, fmt.Sprintf("%s=%v", r.Env, r.Default))
		default:
			missing = append(missing, r.Env)
		}
	}
	for _, reading := range cfg.Resource {
		add(reading)
	}
	for _, m := range cfg.Metrics {
		add(m.Reading)
	}
	level := zap.InfoLevel // a default, or nothing, may well be what is meant
	if complete {
		level = zap.WarnLevel
	}
	say := func(message string, variables []string) {
		if len(variables) > 0 {
			slices.Sort(variables)
			logger.Log(level, message, zap.String("variables", strings.Join(slices.Compact(variables), ", ")))
		}
	}
	say("Variables are not set, and their defaults are reported: set each that is otherwise in the application", assumed)
	say("Variables are not set, and null is reported in their place", missing)
}
