// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package plainlog

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

var program = component.BuildInfo{Command: "headcount", Version: "1.2.3"}

func newLog() (*Log, *zap.Logger, *observer.ObservedLogs) {
	seen, logs := observer.New(zapcore.WarnLevel)
	l := New(program)
	return l, zap.New(seen).WithOptions(l.Option()), logs
}

func TestTheCollectorsOwnIDIsOnNoLine(t *testing.T) {
	own := []zap.Field{zap.String("service.name", "headcount"), zap.String("service.version", "1.2.3"), zap.String("service.instance.id", uuid.NewString())}
	for name, c := range map[string]struct {
		resource []zap.Field
		stays    bool
	}{
		"the Collector's own":  {own, false},
		"without its id":       {own[:2], false},
		"an operator's":        {append(own[:2:2], zap.String("service.instance.id", "web-1")), true},
		"with an operator's":   {append(own[:3:3], zap.String("deployment.environment", "test")), true},
		"another service.name": {[]zap.Field{zap.String("service.name", "usage")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, logger, logs := newLog()
			logger.With(zap.Dict("resource", c.resource...), zap.String("otelcol.component.id", "collect")).Warn("A line", zap.String("stat", "USAGE"))
			require.Equal(t, 1, logs.Len())
			said := logs.All()[0].ContextMap()
			assert.Equal(t, c.stays, said["resource"] != nil)
			assert.Equal(t, "collect", said["otelcol.component.id"])
			assert.Equal(t, "USAGE", said["stat"])
		})
	}
}

func TestTheLevelHolds(t *testing.T) {
	_, logger, logs := newLog()
	logger.Info("A line")
	assert.Zero(t, logs.Len())
}

func TestAnErrorOfTheStartIsSaidAtTheEnd(t *testing.T) {
	l, logger, logs := newLog()
	logger.With(zap.String("otelcol.component.id", "file_storage")).Error("Failed to start extension", zap.Error(errors.New("no space")))
	assert.Zero(t, logs.Len())
	require.EqualError(t, l.End(errors.New("failed to start extensions: no space")), `failed to start "file_storage" extension: no space`)
}

func TestTheEnd(t *testing.T) {
	l := New(program)
	require.NoError(t, l.End(nil))
	for text, want := range map[string]string{
		aroundShutdown + "STARTUP_STATS: incomplete": "STARTUP_STATS: incomplete",
		"cannot build pipelines":                     "cannot build pipelines",
		aroundExtensions + "no space":                aroundExtensions + "no space",
	} {
		require.EqualError(t, l.End(errors.New(text)), want)
	}
}
