// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
)

// Source is where readings come from: exactly one of its kinds.
type Source struct {
	// Database is a SQL database.
	Database *Database `mapstructure:"database,omitempty"`
	// Redis is a Redis server, or one that speaks its protocol.
	Redis *Redis `mapstructure:"redis,omitempty"`
	// Memcached is a memcached server.
	Memcached *Memcached `mapstructure:"memcached,omitempty"`
	// HTTP is a JSON document that an application serves.
	HTTP *HTTP `mapstructure:"http,omitempty"`
	// File is a document that an application writes down.
	File *File `mapstructure:"file,omitempty"`
	// Folder is one in which Django's FileBasedCache keeps its files.
	Folder *Folder `mapstructure:"folder,omitempty"`
}

// sourceKind is what each kind of source has.
type sourceKind interface {
	// name is the kind's key in a Source.
	name() string
	// readings are the keys of those that such a source knows.
	readings() []string
	// validateReading checks what a reading says against the kind; its error begins with the key.
	validateReading(r *Reading) error
	// client makes what the configuration says. It opens and looks up nothing.
	client(ctx context.Context, host component.Host, telemetry component.TelemetrySettings) (client, error)
}

// kinds are those that the source has.
func (s *Source) kinds() (kinds []sourceKind) {
	if s.Database != nil {
		kinds = append(kinds, s.Database)
	}
	if s.Redis != nil {
		kinds = append(kinds, s.Redis)
	}
	if s.Memcached != nil {
		kinds = append(kinds, s.Memcached)
	}
	if s.HTTP != nil {
		kinds = append(kinds, s.HTTP)
	}
	if s.File != nil {
		kinds = append(kinds, s.File)
	}
	if s.Folder != nil {
		kinds = append(kinds, s.Folder)
	}
	return kinds
}

// kind is the one that the source has; false when it has not exactly one.
func (s *Source) kind() (sourceKind, bool) {
	kinds := s.kinds()
	if len(kinds) != 1 {
		return nil, false
	}
	return kinds[0], true
}

// Validate checks that the source is of one kind; the kinds check themselves.
func (s *Source) Validate() error {
	switch kinds := s.kinds(); len(kinds) {
	case 0:
		return errors.New("a source has no kind: write one such as `database: {url_env: DATABASE_URL}`, `redis: {url_env: REDIS_URL}`, `memcached: {endpoint: …}`, `http: {endpoint: …}`, `file: {path: …}` or `folder: {path: …}`")
	case 1:
		return nil
	default:
		names := make([]string, len(kinds))
		for i, kind := range kinds {
			names[i] = kind.name()
		}
		return fmt.Errorf("a source is of one kind, and this one has %s: give each a name of its own", strings.Join(names, " and "))
	}
}
