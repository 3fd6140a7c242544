// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/trust/trusttest"
)

// What the Collector says of its queue is heard from a warning on.
func TestWarningsPass(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	logger := warningsOf(zap.New(core).With(zap.String("component", "collect")))
	logger.Info("Exporting failed. Will retry the request after interval.")
	logger.Warn("A queue is nearly full", zap.Error(errors.New("full")))
	logger.Error("Exporting failed. Dropping data.", zap.Error(errors.New("no more retries left")))
	logger.Error("Exporting failed. Dropping data.", zap.Error(errors.New("interrupted due to shutdown: no answer")))
	require.Equal(t, 2, logs.Len())
	assert.Equal(t, zapcore.WarnLevel, logs.All()[0].Level)
	assert.Equal(t, "collect", logs.All()[0].ContextMap()["component"])
	assert.Equal(t, "no more retries left", logs.All()[1].ContextMap()["error"])
}

// A program that ends while its endpoint is down drops nothing, and says nothing of the kind.
func TestAnEndDropsNothing(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusInternalServerError))
	r := newRig(t, makers.URL, trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}, persistent).start(t)
	r.scrape(t, "i-1", 20)
	makers.awaits(t, 2)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Zero(t, r.logs.FilterMessageSnippet("Dropping data").Len(), r.logs.All())
}
