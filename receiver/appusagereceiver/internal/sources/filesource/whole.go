// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

const (
	// settled is for how long a file has to have been left alone, for who truncates it and writes it anew may be between the two.
	settled = 200 * time.Millisecond
	// looks is how often a file is read that changes.
	looks = 5
)

// errChanging is a file that was another one after each look.
var errChanging = &source.Error{Reason: "the file is being written all the time: let the application write another one and rename it into its place", SessionLost: true}

// whole is what a file holds while nobody writes it. A part that stands there for a moment looks whole in many a format:
// what is missing would be nothing, and a number could be cut off within.
func whole(file *os.File, wait func() error) ([]byte, error) {
	for range looks {
		before, err := file.Stat()
		if err != nil {
			return nil, errRead
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, errRead
		}
		data, err := io.ReadAll(io.LimitReader(file, MaxBytes+1))
		if err != nil {
			return nil, errRead
		}
		if time.Since(before.ModTime()) < settled {
			if err := wait(); err != nil {
				return nil, err
			}
		}
		after, err := file.Stat()
		if err != nil {
			return nil, errRead
		}
		if after.Size() == before.Size() && after.ModTime().Equal(before.ModTime()) {
			return data, nil
		}
	}
	return nil, errChanging
}

// moment waits until a file may have settled.
func moment(ctx context.Context) func() error {
	return func() error {
		select {
		case <-ctx.Done():
			return source.Explain(ctx, ctx.Err())
		case <-time.After(settled):
			return nil
		}
	}
}
