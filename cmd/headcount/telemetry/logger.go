// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/contrib/otelconf/v0.3.0"
	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func newLogger(ctx context.Context, set telemetry.LoggerSettings, config component.Config) (*zap.Logger, component.ShutdownFunc, error) {
	c := config.(*Config).Logs
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.ISO8601TimeEncoder
	build := set.BuildZapLogger
	if build == nil {
		build = zap.Config.Build
	}
	logger, err := build(zap.Config{
		Level:             zap.NewAtomicLevelAt(c.Level),
		Development:       c.Development,
		Encoding:          c.Encoding,
		EncoderConfig:     encoder,
		OutputPaths:       c.OutputPaths,
		ErrorOutputPaths:  c.ErrorOutputPaths,
		DisableCaller:     c.DisableCaller,
		DisableStacktrace: c.DisableStacktrace,
		InitialFields:     c.InitialFields,
	})
	if err != nil {
		return nil, nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		logger.Error("The program's own telemetry failed", zap.Error(err))
	}))
	if !c.DisableZapResource && set.Resource != nil && set.Resource.Attributes().Len() > 0 {
		logger = logger.With(resourceField(*set.Resource))
	}
	if s := c.Sampling; s != nil && s.Enabled {
		logger = logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
			return zapcore.NewSamplerWithOptions(core, s.Tick, s.Initial, s.Thereafter)
		}))
	}
	if len(c.Processors) == 0 {
		return logger, nil, nil
	}
	return exporting(ctx, logger, set, c)
}

// exporting is a logger that has the SDK's processors export what it writes, too.
func exporting(ctx context.Context, logger *zap.Logger, set telemetry.LoggerSettings, c LogsConfig) (*zap.Logger, component.ShutdownFunc, error) {
	sdk, err := otelconf.NewSDK(otelconf.WithContext(ctx), otelconf.WithOpenTelemetryConfiguration(otelconf.OpenTelemetryConfiguration{
		Resource:       fixed(set.Settings),
		LoggerProvider: &otelconf.LoggerProvider{Processors: c.Processors},
	}))
	if err != nil {
		return nil, nil, err
	}
	exported := otelzap.NewCore("go.opentelemetry.io/collector/service", otelzap.WithLoggerProvider(sdk.LoggerProvider()))
	leveled, err := zapcore.NewIncreaseLevelCore(exported, c.Level)
	if err != nil {
		return nil, nil, err
	}
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core { return zapcore.NewTee(core, leveled) })), sdk.Shutdown, nil
}
