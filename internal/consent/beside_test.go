// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/trust"
)

// The extension was pointed at another storage since the choice was made.
func TestAChoiceThatLiesBeside(t *testing.T) {
	earlier, later := time.Unix(1e9, 0), time.Unix(2e9, 0)
	for name, tt := range map[string]struct {
		own, beside *Choice
		damaged     bool
		traces      []string
		want        trust.Mode
	}{
		"nothing anywhere":                   {want: trust.On},
		"off beside, a new folder":           {beside: &Choice{Mode: "off", Time: earlier}, want: trust.Off},
		"off beside, none made here":         {own: &Choice{}, beside: &Choice{Mode: "off", Time: earlier}, want: trust.Off},
		"off beside, then on here":           {own: &Choice{Mode: "on", Time: later}, beside: &Choice{Mode: "off", Time: earlier}, want: trust.On},
		"on here, then off beside":           {own: &Choice{Mode: "on", Time: earlier}, beside: &Choice{Mode: "off", Time: later}, want: trust.Off},
		"off here, then on beside":           {own: &Choice{Mode: "off", Time: earlier}, beside: &Choice{Mode: "on", Time: later}, want: trust.Off},
		"none made beside, a new folder":     {beside: &Choice{}, traces: []string{"exporter_collect_"}, want: trust.On},
		"traces beside, a new folder":        {traces: []string{"exporter_collect_"}, want: trust.Off},
		"traces beside, none made here":      {own: &Choice{}, traces: []string{"exporter_collect_"}, want: trust.On},
		"damaged beside, a new folder":       {damaged: true, want: trust.Off},
		"damaged beside, none made here":     {own: &Choice{}, damaged: true, want: trust.Off},
		"damaged beside, chosen anew here":   {own: &Choice{Mode: "local", Time: later}, damaged: true, want: trust.Local},
		"local here, none made beside":       {own: &Choice{Mode: "local", Time: later}, beside: &Choice{}, want: trust.Local},
		"local beside, none made in the new": {beside: &Choice{Mode: "local", Time: later}, want: trust.Local},
	} {
		t.Run(name, func(t *testing.T) {
			dir, other := statedir.Dir(t.TempDir()), statedir.Dir(t.TempDir())
			keep := func(dir statedir.Dir, choice *Choice) {
				for _, place := range Files(dir) {
					if choice != nil {
						require.NoError(t, place.save(t.Context(), *choice))
					}
				}
			}
			keep(dir, tt.own)
			keep(other, tt.beside)
			for _, path := range other.Choices() {
				if tt.damaged {
					require.NoError(t, os.WriteFile(path, nil, 0o600))
				}
			}
			h := New(trust.Decision{Mode: trust.On}, new(Memory), string(dir), func() {}, zap.NewNop())
			h.Restore(t.Context(), Files(dir), tt.traces, Files(other)...)
			mode, _ := h.Mode()
			assert.Equal(t, tt.want, mode)
			require.NoError(t, h.Begin(t.Context()))
			for _, path := range other.Choices() {
				_, err := os.Stat(path)
				assert.Equal(t, tt.beside != nil || tt.damaged, err == nil, "nothing is written there")
			}
		})
	}
}
