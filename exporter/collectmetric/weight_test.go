// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a program must not get with this package: database drivers and caches, the Collector's
// service, its HTTP and gRPC settings and exporter helpers, the page, the receivers.
var tooHeavy = []string{
	"github.com/jackc/pgx", "github.com/go-sql-driver/mysql", "modernc.org/sqlite",
	"github.com/redis/", "github.com/bradfitz/gomemcache", "github.com/nlpodyssey/",
	"go.opentelemetry.io/collector/otelcol", "go.opentelemetry.io/collector/service",
	"go.opentelemetry.io/collector/config/confighttp", "go.opentelemetry.io/collector/exporter/exporterhelper",
	"google.golang.org/grpc",
	"github.com/headcount-otel/headcount/page", "github.com/headcount-otel/headcount/receiver",
	"github.com/headcount-otel/headcount/exporter/collectexporter", "github.com/headcount-otel/headcount/apps",
}

func TestWeight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Greater(t, len(packages), 100)
	assert.NotContains(t, packages, "github.com/headcount-otel/headcount")
	for _, name := range packages {
		for _, heavy := range tooHeavy {
			assert.False(t, strings.HasPrefix(name, heavy), name)
		}
	}
}
