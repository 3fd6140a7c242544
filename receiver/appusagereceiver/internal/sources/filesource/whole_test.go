// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// rewritten is a file that an application is about to write anew, and has truncated.
func rewritten(t *testing.T) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), ".env"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	touch(t, file, time.Hour)
	return file
}

// touch dates a file's last change, into the future: so it is a recent one however slow the machine is.
func touch(t *testing.T, file *os.File, ahead time.Duration) {
	t.Helper()
	at := time.Now().Add(ahead)
	require.NoError(t, os.Chtimes(file.Name(), at, at))
}

func TestTruncatedFileIsReadOnceItIsWritten(t *testing.T) {
	file := rewritten(t)
	parts := []string{"USERS=12", "34\n"} // what the application writes while we wait
	data, err := whole(file, func() error {
		if len(parts) == 0 {
			return nil
		}
		writer, err := os.OpenFile(file.Name(), os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		_, err = writer.WriteString(parts[0])
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		parts = parts[1:]
		touch(t, file, time.Hour)
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, "USERS=1234\n", string(data))
}

func TestFileThatNeverRests(t *testing.T) {
	file := rewritten(t)
	ahead := time.Hour
	_, err := whole(file, func() error {
		ahead += time.Minute
		touch(t, file, ahead)
		return nil
	})
	assert.Equal(t, errChanging, err)
}

func TestWaitingEndsWithTheScrape(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := whole(rewritten(t), moment(ctx))
	assert.Equal(t, source.ErrStopping, err)
}
