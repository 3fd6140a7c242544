// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package pickle decodes the scalars among Python's pickles: None, booleans,
// integers, floats and text. A pickle is a program, and whoever can write to the
// place that it comes from can write the program: nothing of it is run, and
// anything but one scalar is refused.
package pickle // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/pickle"

import (
	"errors"
	"math"
	"unicode/utf8"
)

// MaxBytes is the longest pickle that is looked at.
const MaxBytes = 4096

var (
	// ErrRefused is returned for a pickle that is more than one scalar.
	ErrRefused = errors.New("the pickle holds more than None, a boolean, a number or a text")
	// ErrDamaged is returned for what is no whole pickle.
	ErrDamaged = errors.New("it is no pickle, or a damaged one")
	// ErrRange is returned for an integer beyond 64 bits, or a float that is not finite.
	ErrRange = errors.New("the number is not finite, or beyond 64 bits")
)

// Scalar decodes data as nil, bool, int64, float64 or string.
func Scalar(data []byte) (any, error) {
	value, err := scan(data)
	if err != nil {
		return nil, err
	}
	return checked(value)
}

// Leading decodes the scalar whose pickle data begins with, and returns what comes behind it.
func Leading(data []byte) (value any, rest []byte, err error) {
	if value, rest, err = leading(data); err == nil {
		value, err = checked(value)
	}
	return value, rest, err
}

// checked refuses what no value can be.
func checked(value any) (any, error) {
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return nil, ErrDamaged
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, ErrRange
		}
	}
	return value, nil
}
