// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatDidNotPassTheAnonymizerIsRefused(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a9c"
	for name, processors := range map[string]string{
		"no anonymizer":        "[]",
		"batch loses the mark": "[anonymizer, batch]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			makers, state := newEndpoint(t), t.TempDir()
			d := start(t, environment{
				"DATABASE_URL":                  "sqlite:///" + filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"),
				"EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": state, "HEADCOUNT_PAGE": "127.0.0.1:0",
			}, append(sqlExplorer,
				"--set", "receivers::appusage::collection_interval=300ms",
				"--set", "processors::batch::timeout=10ms",
				"--config", fmt.Sprintf("yaml:receivers::appusage::resource: {app.secret: {value: %s}}", canary),
				"--config", "yaml:service::pipelines::metrics::processors: "+processors)...)
			d.says(t, "sending_queue")
			time.Sleep(settled) // for several scrapes, of which none must come, and only one is spoken of
			d.stop(t)

			assert.Empty(t, makers.received())
			assert.Equal(t, 1, linesWith(d.stderr.String(), "collectexporter/", "batching belongs in sending_queue"), "said once")
			queues := stateOf(t, state, "collect")
			require.NotEmpty(t, queues)
			for _, file := range queues {
				content, err := os.ReadFile(file)
				require.NoError(t, err)
				assert.NotContains(t, string(content), canary)
				assert.NotContains(t, string(content), "explorer.query_log.count")
			}
		})
	}
}
