// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
)

// disk is a storage extension whose content survives the anonymizer.
type disk map[string][]byte

// full is the key under which a disk says that it takes nothing more.
const full = "full"

func (disk) Start(context.Context, component.Host) error { return nil }
func (disk) Shutdown(context.Context) error              { return nil }

func (d disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return d, nil
}

func (d disk) Get(_ context.Context, key string) ([]byte, error) { return d[key], nil }

func (d disk) Set(_ context.Context, key string, value []byte) error {
	if d[full] != nil {
		return errors.New("no space left")
	}
	d[key] = value
	return nil
}

func (d disk) Delete(_ context.Context, key string) error {
	delete(d, key)
	return nil
}

func (disk) Batch(context.Context, ...*storage.Operation) error { return errors.ErrUnsupported }

func (disk) Walk(context.Context, storage.WalkFunc) error { return errors.ErrUnsupported }
func (disk) Close(context.Context) error                  { return nil }
func (d disk) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: d}
}
func (disk) GetFactory(component.Kind, component.Type) component.Factory { return nil }

var diskID = component.MustNewID("s")

// change sets what a test wants otherwise: the clock, the fresh randomness, the log.
type change func(*anonymizer)

func at(now time.Time) change {
	return func(a *anonymizer) { a.memory.now = func() time.Time { return now } }
}

// made is an anonymizer that is not started.
func made(t testing.TB, cfg *Config, changes ...change) (*anonymizer, processor.Metrics, *sink) {
	t.Helper()
	set := processortest.NewNopSettings(metadata.Type)
	a, err := newAnonymizer(set, cfg)
	require.NoError(t, err)
	for _, c := range changes {
		c(a)
	}
	s := &sink{last: pmetric.NewMetrics()}
	p, err := a.before(context.Background(), set, s)
	require.NoError(t, err)
	return a, p, s
}

// started runs the anonymizer as the Collector does, on a disk that may have been used before.
func started(t testing.TB, cfg *Config, d disk, changes ...change) (processor.Metrics, *sink) {
	t.Helper()
	_, p, s := made(t, cfg, changes...)
	require.NoError(t, p.Start(context.Background(), d))
	t.Cleanup(func() { require.NoError(t, p.Shutdown(context.Background())) })
	return p, s
}
