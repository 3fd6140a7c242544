// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// The types that a text is read as.
const (
	typeString = "string"
	typeBool   = "bool"
	typeInt    = "int"
	typeFloat  = "float"
)

var types = conf.Words{typeString, typeBool, typeInt, typeFloat}

func checkType(name string) error {
	if err := types.Check(name); err != nil {
		return fmt.Errorf("type: %w", err)
	}
	return nil
}

// parseAs reads a text as a type. No error of it holds the text.
func parseAs(name, text string) (source.Value, error) {
	switch name {
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

// checkScalar checks what a configuration gives as a value.
func checkScalar(key string, value any) error {
	switch v := value.(type) {
	case string, bool, int, int64:
		return nil
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return nil
		}
	}
	return fmt.Errorf("%s: this is no text, number or boolean: write one of those", key)
}
