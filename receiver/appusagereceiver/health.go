// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/oncelog"
)

var (
	errRefused   = errors.New("the pipeline refused a scrape: what it had of events comes again")
	errWithdrawn = errors.New("consent was withdrawn in the middle of a scrape")
)

// health says each failure once: when it begins, when its reason changes, and when it ends.
type health struct {
	logger *zap.Logger
	// stopping ends when a failure may only be the collector's end.
	stopping context.Context
	// reasons of what fails now, by the path of the key that names it.
	reasons oncelog.Subjects[string]
}

func newHealth(stopping context.Context, logger *zap.Logger) *health {
	return &health{logger: logger, stopping: stopping}
}

// note is failed or works, as err says.
func (h *health) note(path string, err error) {
	if err != nil {
		h.failed(path, err)
	} else {
		h.works(path)
	}
}

func (h *health) failed(path string, err error) {
	if reason := err.Error(); h.stopping.Err() == nil && h.reasons.Begins(path, reason) {
		h.logger.Warn("Failed: "+path, zap.String("reason", reason))
	}
}

func (h *health) works(path string) {
	if h.reasons.Ends(path) {
		h.logger.Info("Works again: " + path)
	}
}

// failures lists what fails now, and why.
func (h *health) failures() (list []string) {
	reasons := h.reasons.States()
	for _, path := range slices.Sorted(maps.Keys(reasons)) {
		list = append(list, path+": "+reasons[path])
	}
	return list
}
