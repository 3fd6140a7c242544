// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/filesource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/httpsource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Source is where readings come from: exactly one of its kinds.
type Source struct {
	// Database is a SQL database.
	Database *Database `mapstructure:"database"`
	// Redis is a Redis server, or one that speaks its protocol.
	Redis *Redis `mapstructure:"redis"`
	// Memcached is a memcached server.
	Memcached *Memcached `mapstructure:"memcached"`
	// HTTP is a JSON document that an application serves.
	HTTP *HTTP `mapstructure:"http"`
	// File is a document that an application writes down.
	File *File `mapstructure:"file"`
}

// The kinds of sources.
const (
	kindDatabase  = "database"
	kindRedis     = "redis"
	kindMemcached = "memcached"
	kindHTTP      = "http"
	kindFile      = "file"
)

// waysOf are the readings of each kind of source.
var waysOf = map[string][]string{
	kindDatabase:  {"count", "count_distinct", "min", "max", "pick", "sql", "system", "newest", "django"},
	kindRedis:     {"get", "scard", "zcard", "zcount", "llen", "hlen", "pfcount", "django"},
	kindMemcached: {"get", "django"},
	kindHTTP:      {"field"},
	kindFile:      {"field"},
}

// kinds are those that the source has.
func (s *Source) kinds() (kinds []string) {
	for _, k := range []struct {
		name string
		has  bool
	}{
		{kindDatabase, s.Database != nil},
		{kindRedis, s.Redis != nil},
		{kindMemcached, s.Memcached != nil},
		{kindHTTP, s.HTTP != nil},
		{kindFile, s.File != nil},
	} {
		if k.has {
			kinds = append(kinds, k.name)
		}
	}
	return kinds
}

// kind is the one that the source has; empty when it has not exactly one.
func (s *Source) kind() string {
	if kinds := s.kinds(); len(kinds) == 1 {
		return kinds[0]
	}
	return ""
}

// Validate checks that the source is of one kind; the kinds check themselves.
func (s *Source) Validate() error {
	switch kinds := s.kinds(); len(kinds) {
	case 0:
		return errors.New("a source has no kind: write one such as `database: {url_env: DATABASE_URL}`, `redis: {url_env: REDIS_URL}`, `memcached: {endpoint: …}`, `http: {endpoint: …}` or `file: {path: …}`")
	case 1:
		return nil
	default:
		return fmt.Errorf("a source is of one kind, and this one has %s: give each a name of its own", strings.Join(kinds, " and "))
	}
}

// Location is a URL that may hold a password.
type Location struct {
	// URL itself.
	URL configopaque.String `mapstructure:"url"`
	// URLEnv names the environment variable that holds the URL. It is taken as it
	// stands, where ${env:…} would expand dollar signs in a password.
	URLEnv string `mapstructure:"url_env"`
}

// check checks the URL, if it stands here; the examples are what to write instead of nothing.
func (l Location) check(variable, example string, parse func(string) error) error {
	switch {
	case l.URL != "" && l.URLEnv != "":
		return errors.New("`url` and `url_env` exclude each other: keep one")
	case l.URLEnv != "":
		return nil
	case l.URL == "":
		return fmt.Errorf("it has no URL: write `url_env: %s`, or `url: %s`", variable, example)
	}
	if err := parse(string(l.URL)); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	return nil
}

// locate reads the URL, from the environment if it is there.
func locate[T any](l Location, example string, parse func(string) (T, error)) (found T, err error) {
	if l.URLEnv == "" {
		return parse(string(l.URL))
	}
	text := os.Getenv(l.URLEnv)
	if text == "" {
		return found, fmt.Errorf("url_env: the environment variable %s is not set: set it, for example to %s", l.URLEnv, example)
	}
	if found, err = parse(text); err != nil {
		return found, fmt.Errorf("url_env: %s: %w", l.URLEnv, err)
	}
	return found, nil
}

// Database is reached by a URL: postgres://, postgresql://, mysql:// or sqlite:///path.
type Database struct {
	Location `mapstructure:",squash"`
}

// Validate checks the URL, if it stands here.
func (d *Database) Validate() error {
	return d.check("DATABASE_URL", "sqlite:///app.sqlite3", func(text string) error {
		_, err := sqldb.Parse(text)
		return err
	})
}

func (d *Database) resolve() (sqldb.Database, error) {
	return locate(d.Location, "sqlite:////srv/app/app.sqlite3", sqldb.Parse)
}

// Redis is reached by a URL: redis://, rediss:// with TLS, or unix:///path.
type Redis struct {
	Location `mapstructure:",squash"`
}

// Validate checks the URL, if it stands here.
func (r *Redis) Validate() error {
	return r.check("REDIS_URL", "redis://127.0.0.1:6379/0", func(text string) error {
		_, err := redissource.Parse(text)
		return err
	})
}

func (r *Redis) resolve() (redissource.Server, error) {
	return locate(r.Location, "redis://127.0.0.1:6379/0", redissource.Parse)
}

// Memcached is one server.
type Memcached struct {
	// Endpoint is host:port, or the path of a unix socket.
	Endpoint string `mapstructure:"endpoint"`
}

// Validate checks the endpoint.
func (m *Memcached) Validate() error {
	if _, err := memcachedsource.Parse(m.Endpoint); err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	return nil
}

// HTTP is one JSON document.
type HTTP struct {
	// ClientConfig holds the endpoint, and how it is reached: timeout (default 10s), tls, auth,
	// headers. Redirects are not followed.
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`
	// Links makes the endpoint's document one that tells where the wanted one is: the first of
	// these relations that is among its `links` is followed, on the same host. A document
	// without `links` is itself the wanted one.
	Links []string `mapstructure:"links"`
	// MaxResponseSize is the longest document in bytes, uncompressed (default 1048576).
	MaxResponseSize int64 `mapstructure:"max_response_size"`
}

var _ confmap.Unmarshaler = (*HTTP)(nil)

// Unmarshal implements confmap.Unmarshaler: it begins from the defaults, and unknown keys are errors.
func (h *HTTP) Unmarshal(section *confmap.Conf) error {
	client := confighttp.NewDefaultClientConfig()
	client.Timeout = 10 * time.Second
	*h = HTTP{ClientConfig: client, MaxResponseSize: 1 << 20}
	return conf.Unmarshal(section, h)
}

// Validate checks what confighttp does not.
func (h *HTTP) Validate() error {
	var errs []error
	if err := httpsource.CheckURL(h.ClientConfig.Endpoint); err != nil {
		errs = append(errs, fmt.Errorf("endpoint: %w", err))
	}
	if h.ClientConfig.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout: %s would wait for ever: write a positive time, such as 10s", h.ClientConfig.Timeout))
	}
	if h.MaxResponseSize <= 0 {
		errs = append(errs, fmt.Errorf("max_response_size: %d: write a number of bytes, such as 1048576", h.MaxResponseSize))
	}
	return errors.Join(errs...)
}

// File is one document on this machine.
type File struct {
	// Path of the file.
	Path string `mapstructure:"path"`
	// Format is json, yaml, toml or dotenv; without it the file's name tells.
	Format string `mapstructure:"format"`
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
	switch format := document.Format(f.Format); format {
	case "":
		return filesource.FormatOf(f.Path)
	case document.JSON, document.YAML, document.TOML, document.Dotenv:
		return format, nil
	default:
		return "", fmt.Errorf("format: %q is unknown: write json, yaml, toml or dotenv", f.Format)
	}
}
