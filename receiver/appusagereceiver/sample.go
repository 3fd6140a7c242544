// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"
)

// Sample is a sample of what a program exposes to Prometheus, or the sum of several.
type Sample struct {
	// Name of the sample; that of a histogram or summary gives its count.
	Name string `mapstructure:"name,omitempty"`
	// Labels are those that a sample must have; it may have others.
	Labels map[string]string `mapstructure:"labels,omitempty"`
	// Sum adds up all samples that match; without it there must be one.
	Sum bool `mapstructure:"sum,omitempty"`
}

// Validate checks that there is a name.
func (s *Sample) Validate() error {
	if s.Name == "" {
		return errors.New("name: missing: write the name of a sample, such as app_users")
	}
	return nil
}

func (s *Sample) query() exposition.Query {
	return exposition.Query{Name: s.Name, Labels: s.Labels, Sum: s.Sum}
}
