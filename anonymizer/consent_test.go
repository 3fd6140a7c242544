// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// underConsent starts a processor with a sticky rule over a real file storage in folder.
func underConsent(t *testing.T, folder string, consent *trusttest.Extension, key string) (*consumertest.MetricsSink, func(int)) {
	t.Helper()
	factory := filestorage.NewFactory()
	files := factory.CreateDefaultConfig().(*filestorage.Config)
	files.Directory = folder
	storage, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), files)
	require.NoError(t, err)
	host := trusttest.Host{component.MustNewID("file_storage"): storage, component.MustNewID("headcount"): consent}
	cfg := configured(t, `{`+key+`storage: file_storage, metrics: {a: {round: {to: 5, mode: sticky}}}, resource: {id: {pseudonym: {every: never}}}}`)
	sink := &consumertest.MetricsSink{}
	p, err := NewFactory().CreateMetrics(t.Context(), processortest.NewNopSettings(metadata.Type), cfg, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, p.Shutdown(context.Background())) })
	return sink, func(value int) { require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", value))) }
}

func TestWhileOffNothingPassesAndNothingIsMade(t *testing.T) {
	for name, tt := range map[string]struct {
		key    string
		passes bool
	}{"without a consent key": {"", false}, "named": {"consent: headcount, ", false}, "left out": {"consent: none, ", true}} {
		t.Run(name, func(t *testing.T) {
			folder, consent := t.TempDir(), trusttest.NewExtension(trust.Off)
			sink, consume := underConsent(t, folder, consent, tt.key)
			consume(7)
			files, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Equal(t, tt.passes, len(files) > 0)
			assert.Equal(t, tt.passes, len(sink.AllMetrics()) > 0)
			if tt.passes {
				return
			}
			consent.SetMode(trust.Local)
			consume(7)
			assert.Len(t, sink.AllMetrics(), 1)
			assert.FileExists(t, filepath.Join(folder, "processor_anonymizer_"))
		})
	}
}

func TestAWithdrawnSecretIsGoneFromTheBytes(t *testing.T) {
	folder, consent := t.TempDir(), trusttest.NewExtension(trust.On)
	sink, consume := underConsent(t, folder, consent, "")
	consume(7)
	file := filepath.Join(folder, "processor_anonymizer_")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	marker := []byte(`{"secret":"`)
	at := bytes.Index(before, marker)
	require.Positive(t, at)
	secret := bytes.Clone(before[at+len(marker):][:40])

	require.NoError(t, consent.Withdraw(t.Context()))
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(after), string(secret))

	consent.SetMode(trust.On)
	consume(7)
	assert.Len(t, sink.AllMetrics(), 2)
	after, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(after), string(marker), "a new consent is a new identity")
	assert.NotContains(t, string(after), string(secret))
}
