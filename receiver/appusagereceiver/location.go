// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/headcount-otel/headcount/conf"
)

// Location is a URL that may hold a password.
type Location struct {
	// URL itself.
	URL configopaque.String `mapstructure:"url,omitempty"`
	// URLEnv names the environment variable that holds the URL. It is taken as it
	// stands, where ${env:…} would expand dollar signs in a password.
	URLEnv string `mapstructure:"url_env,omitempty"`
}

// check checks the URL, if it stands here; the examples are what to write instead of nothing.
func (l Location) check(variable, example string, parse func(string) error) error {
	switch {
	case l.URL != "" && l.URLEnv != "":
		return errors.New("`url` and `url_env` exclude each other: keep one")
	case l.URLEnv != "":
		if !conf.IsVariable(l.URLEnv) { // it may be the URL itself, with its password
			return fmt.Errorf("url_env: is no variable's name: write the name alone, without $, such as %s; a URL itself stands under `url`", variable)
		}
		return nil
	case l.URL == "":
		return fmt.Errorf("it has no URL: write `url_env: %s`, or `url: %s`", variable, example)
	}
	if err := parse(string(l.URL)); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	return nil
}

// locate reads the URL, from the environment if it is there.
func locate[T any](l Location, example string, parse func(string) (T, error)) (found T, err error) {
	if l.URLEnv == "" {
		return parse(string(l.URL))
	}
	text := os.Getenv(l.URLEnv)
	if text == "" {
		return found, fmt.Errorf("url_env: the environment variable %s is not set: set it, for example to %s", l.URLEnv, example)
	}
	if found, err = parse(text); err != nil {
		return found, fmt.Errorf("url_env: %s: %w", l.URLEnv, err)
	}
	return found, nil
}
