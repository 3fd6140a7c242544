// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// The types of an environment variable's text.
const (
	typeString = "string"
	typeBool   = "bool"
	typeInt    = "int"
	typeFloat  = "float"
)

func (r *Reading) checkType() error {
	switch r.Type {
	case "", typeString, typeBool, typeInt, typeFloat:
		return nil
	default:
		return fmt.Errorf("type: %q is unknown: write string, bool, int or float", r.Type)
	}
}

func (r *Reading) checkEnv() error {
	if err := r.checkType(); err != nil {
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

// environment reads the variable. No error of it holds the variable's text.
func (r *Reading) environment() (source.Value, error) {
	text := os.Getenv(r.Env)
	switch {
	case r.Present:
		return text != "", nil
	case text != "":
		return parseAs(r.Type, text)
	case r.Default != nil:
		return parseAs(r.Type, fmt.Sprint(r.Default))
	default:
		return nil, nil
	}
}

func parseAs(kind, text string) (source.Value, error) {
	switch kind {
	case typeBool:
		return parseBool(text)
	case typeInt:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return nil, errors.New("it is no integer: write digits")
		}
		return n, nil
	case typeFloat:
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, errors.New("it is no finite number: write one such as 0.5")
		}
		return f, nil
	default:
		if len(text) > source.MaxText {
			return nil, fmt.Errorf("it is longer than %d bytes", source.MaxText)
		}
		return text, nil
	}
}

// parseBool reads a boolean as people write it in a Django project's environment.
func parseBool(text string) (source.Value, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "yes", "on", "t", "y":
		return true, nil
	case "false", "0", "no", "off", "f", "n":
		return false, nil
	default:
		return nil, errors.New("it is no boolean: write True or False")
	}
}
