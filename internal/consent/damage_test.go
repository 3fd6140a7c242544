// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/trust"
)

// damages have the names of the columns of docs/deploying.
var damages = map[string]func(content []byte) []byte{
	"emptied":       func([]byte) []byte { return nil },
	"cut short":     func(content []byte) []byte { return content[:len(content)/2] },
	"other content": func([]byte) []byte { return []byte("mode: on\n") },
	"of another version": func(content []byte) []byte {
		return bytes.Replace(content, []byte(`"version":1`), []byte(`"version":9`), 1)
	},
}

// TestTable tries each cell of the table of the switch's copies in docs/deploying, after local was chosen.
func TestTable(t *testing.T) {
	rows, columns := documented(t)
	require.Len(t, rows, 3)
	require.Len(t, columns, len(damages))
	for name, cells := range rows {
		for i, outcome := range cells {
			t.Run(name+"/"+columns[i], func(t *testing.T) {
				dir := statedir.Dir(t.TempDir())
				for _, place := range Files(dir) {
					require.NoError(t, place.save(t.Context(), Choice{Mode: "local", Time: time.Unix(1e9, 0)}))
				}
				for _, path := range dir.Choices() {
					if strings.Contains(name, "`"+strings.TrimPrefix(path, string(dir)+"/")+"`") {
						content, err := os.ReadFile(path)
						require.NoError(t, err)
						require.NoError(t, os.WriteFile(path, damages[columns[i]](content), 0o600))
					}
				}
				h := New(trust.Decision{Mode: trust.On}, new(Memory), string(dir), func() {}, zap.NewNop())
				h.Restore(t.Context(), Files(dir), dir.Traces())
				mode, _ := h.Mode()
				assert.Equal(t, map[string]trust.Mode{"the others hold": trust.Local, "off": trust.Off}[outcome], mode)
			})
		}
	}
}

// documented reads the table: the outcomes by the copies, and the damages in their order.
func documented(t *testing.T) (rows map[string][]string, columns []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/deploying/README.md")
	require.NoError(t, err)
	rows = map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "copies of the switch":
			columns = cells[1:]
		case columns == nil || strings.HasPrefix(cells[0], "-"):
		case len(cells) < 2:
			return rows, columns
		default:
			rows[cells[0]] = cells[1:]
		}
	}
	return rows, columns
}
