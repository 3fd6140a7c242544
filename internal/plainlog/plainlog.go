// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package plainlog takes out of the distribution's log what misleads its reader: the
// random id that the Collector draws for itself, which is easily taken for the id that
// is reported, and the errors of a start that the program's last line says again.
package plainlog // import "github.com/headcount-otel/headcount/internal/plainlog"

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Log is the distribution's.
type Log struct {
	info component.BuildInfo

	mu sync.Mutex
	// extension is the one that failed to start.
	extension string
}

// New is the log of the program that info describes.
func New(info component.BuildInfo) *Log { return &Log{info: info} }

// Option has the Collector's log pass through this one.
func (l *Log) Option() zap.Option {
	return zap.WrapCore(func(c zapcore.Core) zapcore.Core { return core{Core: c, log: l} })
}

// failedToStart are the Collector's own lines about what its end says again.
var failedToStart = map[string]bool{
	"Failed to start extension": true,
	"Failed to start component": true,
}

type core struct {
	zapcore.Core
	log *Log
	// component is whose logger this is; empty for the Collector's own.
	component string
}

// With implements zapcore.Core.
func (c core) With(fields []zapcore.Field) zapcore.Core {
	kept := make([]zapcore.Field, 0, len(fields))
	for _, field := range fields {
		said := zapcore.NewMapObjectEncoder()
		field.AddTo(said)
		if id, ok := said.Fields["otelcol.component.id"].(string); ok {
			c.component = id
		}
		if resource, ok := said.Fields["resource"].(map[string]any); ok && c.log.isOwn(resource) {
			continue
		}
		kept = append(kept, field)
	}
	c.Core = c.Core.With(kept)
	return c
}

// isOwn reports whether a resource is what the Collector says of itself and nothing that an operator wrote.
func (l *Log) isOwn(resource map[string]any) bool {
	for name, value := range resource {
		text, _ := value.(string)
		switch name {
		case "service.name":
			if text != l.info.Command {
				return false
			}
		case "service.version":
			if text != l.info.Version {
				return false
			}
		case "service.instance.id":
			if uuid.Validate(text) != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// Check implements zapcore.Core.
func (c core) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if failedToStart[entry.Message] {
		c.log.failed(c.component)
		return checked
	}
	return c.Core.Check(entry, checked)
}

func (l *Log) failed(component string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.extension = component
}

// Around the Collector puts these words; the first ones even where nothing failed to shut down.
const (
	aroundShutdown   = "failed to shutdown service after error: failed to shutdown extensions: "
	aroundExtensions = "failed to start extensions: "
)

// End is the program's error as its last line says it.
func (l *Log) End(err error) error {
	if err == nil {
		return nil
	}
	if said, found := strings.CutPrefix(err.Error(), aroundShutdown); found {
		return errors.New(said)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if said, found := strings.CutPrefix(err.Error(), aroundExtensions); found && l.extension != "" {
		return fmt.Errorf("failed to start %q extension: %s", l.extension, said)
	}
	return err
}
