// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/filesource"
)

// File is one document on this machine.
type File struct {
	// Path of the file.
	Path string `mapstructure:"path,omitempty"`
	// Format is json, jsonc, yaml, toml, dotenv, ini, properties, plist or text; without it the file's name tells.
	Format string `mapstructure:"format,omitempty"`
}

// Words implements conf.Worded.
func (*File) Words() map[string]conf.Words {
	return map[string]conf.Words{"format": filesource.Formats}
}

// Validate checks that the format is known.
func (f *File) Validate() error {
	if f.Path == "" {
		return errors.New("path: missing: write the path of a file, such as /srv/app/version.json")
	}
	_, err := f.format()
	return err
}

func (f *File) format() (document.Format, error) {
	format := document.Format(f.Format)
	switch {
	case format == "":
		return filesource.FormatOf(f.Path)
	case slices.Contains(document.Formats, format):
		return format, nil
	default:
		return "", fmt.Errorf("format: %q is unknown: write one of %s", f.Format, filesource.Formats)
	}
}

func (*File) name() string { return "file" }

func (*File) readings() []string { return keysOf(documentReadings) }

func (*File) validateReading(*Reading) error { return nil }

func (f *File) client(context.Context, component.Host, component.TelemetrySettings) (client, error) {
	format, err := f.format()
	return fileClient{f.Path, format}, err
}

type fileClient struct {
	path   string
	format document.Format
}

// Open implements source.Client.
func (c fileClient) Open(ctx context.Context) (session, error) {
	return documentAnswers(filesource.Read(ctx, c.path, c.format))
}
