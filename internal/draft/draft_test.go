// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/internal/draft"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

func database(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.sql")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "shop.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	for _, statement := range []string{
		"CREATE TABLE generate_series (value INTEGER)",
		"INSERT INTO generate_series WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 240) SELECT value FROM n",
		string(text),
		"DROP TABLE generate_series",
	} {
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	return "sqlite:///" + file
}

func TestDraft(t *testing.T) {
	text, err := draft.Write(t.Context(), database(t), "Shop", time.Minute)
	require.NoError(t, err)
	const golden = "testdata/shop.yaml"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o600))
	}
	expected, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(expected), text)

	assert.NotContains(t, text, "canary", "no value of a row is printed")
	for _, trap := range []string{"smtp_password", "gender", "mail_host", "title"} {
		assert.NotContains(t, text, trap)
	}
}

// What is drafted over app:base is a receiver's configuration.
func TestDraftIsValid(t *testing.T) {
	text, err := draft.Write(t.Context(), database(t), "Shop", time.Minute)
	require.NoError(t, err)
	merged := confmap.New()
	base, err := apps.Read("base", nil)
	require.NoError(t, err)
	for _, part := range []string{string(base), text} {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(part))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		require.NoError(t, merged.Merge(conf))
	}
	section, err := merged.Sub("receivers::appusage")
	require.NoError(t, err)
	cfg := appusagereceiver.NewFactory().CreateDefaultConfig()
	require.NoError(t, section.Unmarshal(&cfg))
	assert.NoError(t, confmap.Validate(cfg))
}

func TestEmptyDatabaseIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE sessions (token TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = draft.Write(t.Context(), "sqlite:///"+file, "shop", time.Minute)
	assert.ErrorContains(t, err, "none looks like something to count")
}
