// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"
)

// Folder is one in which Django's FileBasedCache keeps its files.
type Folder struct {
	// Path is the LOCATION of the application's settings.
	Path string `mapstructure:"path,omitempty"`
}

// Validate checks that there is a path.
func (f *Folder) Validate() error {
	if f.Path == "" {
		return errors.New("path: missing: write the LOCATION of Django's FileBasedCache, such as /var/tmp/django_cache")
	}
	return nil
}

// folderReadings are what a folder is asked, by the key of a reading.
var folderReadings = source.Readings[openFolder, *Metric]{
	"django": func(_ context.Context, folder openFolder, m *Metric) (source.Value, error) {
		return djangocache.FromFolder(string(folder), m.Django.key(), time.Now())
	},
}

// openFolder is nothing that has to be closed.
type openFolder string

func (openFolder) Close() {}

func (*Folder) name() string { return "folder" }

func (*Folder) readings() []string { return keysOf(folderReadings) }

func (f *Folder) validateReading(r *Reading) error { return r.Django.withoutTable(f.name()) }

func (f *Folder) client(context.Context, component.Host, component.TelemetrySettings) (client, error) {
	return folderClient{openFolder(f.Path)}, nil
}

type folderClient struct{ folder openFolder }

// Open implements source.Client.
func (c folderClient) Open(context.Context) (session, error) {
	return source.Each[openFolder, *Metric]{Opened: c.folder, Readings: folderReadings}, nil
}
