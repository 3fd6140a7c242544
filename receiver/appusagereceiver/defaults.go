// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.uber.org/zap"
)

// sayDefaults names, once at start, each variable that is not given and the default that leaves in its place:
// nobody can tell from the report that the default was never somebody's word.
func sayDefaults(cfg *Config, logger *zap.Logger) {
	var assumed []string
	add := func(r Reading) {
		if r.Env != "" && !r.Present && r.Default != nil && os.Getenv(r.Env) == "" {
			assumed = append(assumed, fmt.Sprintf("%s=%v", r.Env, r.Default))
		}
	}
	for _, reading := range cfg.Resource {
		add(reading)
	}
	for _, m := range cfg.Metrics {
		add(m.Reading)
	}
	if len(assumed) == 0 {
		return
	}
	slices.Sort(assumed)
	logger.Info("Variables are not set, and their defaults are reported: set each that is otherwise in the application",
		zap.String("variables", strings.Join(slices.Compact(assumed), ", ")))
}
