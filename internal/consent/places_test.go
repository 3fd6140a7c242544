// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// A file of the choice that is there and does not say a mode may have said off.
func TestAChoiceThatSaysNoModeIsOff(t *testing.T) {
	for content, want := range map[string]trust.Mode{
		`{"version":1,"choice":{"mode":"","time":"0001-01-01T00:00:00Z"}}`: trust.On, // nobody ever chose
		`{"version":1,"choice":{"mode":"local"}}`:                          trust.Local,
		`{"version":1,"choice":{"mode":"off"}}` + "\r\n":                   trust.Off,
		`{"version":1,"choice":{"mode":null}}`:                             trust.Off,
		`{"version":1,"choice":{"time":"2026-11-01T00:00:00Z"}}`:           trust.Off,
		`{"version":1,"choice":{}}`:                                        trust.Off,
		`{"version":1,"choice":null}`:                                      trust.Off,
		`{"version":1}`:                                                    trust.Off,
		`{"choice":{"mode":"on"}}`:                                         trust.Off,
		`{"version":1,"choice":{"mode":"sometimes"}}`:                      trust.Off,
		`null`: trust.Off, `[]`: trust.Off, "": trust.Off, "\xef\xbb\xbf{}": trust.Off,
	} {
		dir := statedir.Dir(t.TempDir())
		for _, path := range dir.Choices() {
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		}
		require.NoError(t, os.WriteFile(filepath.Join(string(dir), "receiver_appusage_"), nil, 0o600))
		h := New(trust.Decision{Mode: trust.On}, &Memory{}, "", func() {}, zap.NewNop())
		h.Restore(t.Context(), Files(dir), dir.Traces())
		mode, _ := h.Mode()
		assert.Equal(t, want, mode, content)
	}
}

func TestARecordThatSaysNoModeIsOff(t *testing.T) {
	store := state.Over(state.NewMemory())
	require.NoError(t, store.Save(t.Context(), choiceKey, choiceVersion, struct{}{}))
	h := New(trust.Decision{Mode: trust.On}, &Memory{}, "", func() {}, zap.NewNop())
	h.Restore(t.Context(), []Place{Records(store)}, nil)
	mode, _ := h.Mode()
	assert.Equal(t, trust.Off, mode)
}
