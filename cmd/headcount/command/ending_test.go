// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"testing"
)

func TestPlain(t *testing.T) {
	if plain(nil) != nil {
		t.Error("an end without an error has none")
	}
	for text, want := range map[string]string{
		around + "STARTUP_STATS: incomplete": "STARTUP_STATS: incomplete",
		"cannot build pipelines":             "cannot build pipelines",
	} {
		if got := plain(errors.New(text)).Error(); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
