// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/pdata/pmetric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/headcount-otel/headcount/state"
)

// Page shows the fleet to people: those who report, and those who ask.
type Page struct {
	// Server serves it, with the Collector's HTTP server settings; without it, nothing listens.
	Server configoptional.Optional[confighttp.ServerConfig] `mapstructure:"server"`
	// Directory is where it is written, as static files to be published.
	Directory string `mapstructure:"directory"`
	// Title of the page; by default the connector's name.
	Title string `mapstructure:"title"`
	// Introduction says what is asked, and why.
	Introduction string `mapstructure:"introduction"`
}

// Validate implements confmap.Validator.
func (p Page) Validate() error {
	if !p.Server.HasValue() && p.Directory == "" {
		return errors.New("neither server nor directory: write server: {endpoint: 127.0.0.1:4391}, or the directory of the static files")
	}
	return nil
}

//go:embed page.html
var pageHTML string

// pagePolicy lets the page's own script run, by its hash, and nothing else.
var pagePolicy = func() string {
	hashOf := func(start, end string) string {
		_, rest, _ := strings.Cut(pageHTML, start)
		inside, _, _ := strings.Cut(rest, end)
		hash := sha256.Sum256([]byte(inside))
		return "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	}
	return "default-src 'none'; script-src " + hashOf("<script>", "</script>") + "; style-src " + hashOf("<style>", "</style>") + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// shown is what the page shows: nothing that is not told.
type shown struct {
	Title        string   `json:"title"`
	Introduction string   `json:"introduction,omitempty"`
	Updated      string   `json:"updated"`
	Minimum      int      `json:"minimum"`
	Figures      []figure `json:"figures"`
	Days         []day    `json:"days"`
}

// page holds what is served and written.
type page struct {
	config Page

	mutex sync.RWMutex
	// files are what is served and written, by their paths.
	files map[string][]byte
}

// update makes the page of what is told now.
func (p *page) update(of *Config, name string, days []day, now time.Time) error {
	s := shown{Title: p.config.Title, Introduction: p.config.Introduction, Updated: now.UTC().Format(time.RFC3339), Minimum: of.MinInstallations}
	if s.Title == "" {
		s.Title = "The fleet " + name
	}
	s.Figures = figuresOf(of)
	overTime := make([]figureOverTime, 0, len(s.Figures)+1)
	for _, f := range append([]figure{theInstallations}, s.Figures...) {
		overTime = append(overTime, f.over(days, s.Minimum))
	}
	s.Days = shownDays(overTime, days)
	all, err := json.Marshal(s)
	if err != nil {
		return err
	}
	s.Days = charted(s.Days)
	data, err := json.Marshal(s) // with < written as \u003c, so that no text ends the script that holds it
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"index.html":   []byte(strings.Replace(pageHTML, "DATA", string(data), 1)),
		"figures.json": all,
	}
	for _, f := range overTime {
		if files[f.File], err = json.Marshal(f); err != nil {
			return err
		}
	}
	p.mutex.Lock()
	p.files = files
	p.mutex.Unlock()
	return p.publish(files)
}

// publish writes the files, where a directory is configured.
func (p *page) publish(files map[string][]byte) error {
	if p.config.Directory == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(p.config.Directory, figuresFolder), 0o755); err != nil { //nolint:gosec // a web server publishes it
		return err
	}
	var errs []error
	for name, content := range files {
		errs = append(errs, write(filepath.Join(p.config.Directory, filepath.FromSlash(name)), content))
	}
	return errors.Join(errs...)
}

// write replaces a file whole, for a server may be reading it.
func write(name string, content []byte) error {
	if err := os.WriteFile(name+".new", content, 0o644); err != nil { //nolint:gosec // to be published
		return err
	}
	return os.Rename(name+".new", name)
}

// ServeHTTP implements http.Handler.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Referrer-Policy", "no-referrer")
	p.mutex.RLock()
	defer p.mutex.RUnlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	content, found := p.files[name]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "This page is to be read.", http.StatusMethodNotAllowed)
	case !found:
		http.NotFound(w, r)
	case strings.HasSuffix(name, ".html"):
		header.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(content) // a client that is gone needs no answer
	default:
		header.Set("Content-Type", "application/json")
		_, _ = w.Write(content)
	}
}

// serve listens, where a server is configured. It tells nothing of who looks.
func (p *page) serve(ctx context.Context, host component.Host, set component.TelemetrySettings, failed func(error)) (stop func(context.Context) error, err error) {
	if !p.config.Server.HasValue() {
		return func(context.Context) error { return nil }, nil
	}
	cfg := p.config.Server.Get()
	set.TracerProvider, set.MeterProvider = tracenoop.NewTracerProvider(), metricnoop.NewMeterProvider()
	server, err := cfg.ToServer(ctx, host.GetExtensions(), set, p)
	if err != nil {
		return nil, err
	}
	listener, err := cfg.ToListener(ctx)
	if err != nil {
		return nil, fmt.Errorf("page::server::endpoint: %q cannot be opened: %w", cfg.NetAddr.Endpoint, err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed(err)
		}
	})
	return func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		serving.Wait()
		return err
	}, nil
}

// startPage makes the page of what was told before, and serves it.
func (c *fleetConnector) startPage(ctx context.Context, host component.Host, store state.Store) (err error) {
	c.closePage = func(context.Context) error { return nil }
	if !c.config.Page.HasValue() {
		return nil
	}
	c.page = &page{config: *c.config.Page.Get()}
	if err = c.history.load(ctx, store, c.started); err != nil {
		return err
	}
	if err = c.page.update(c.config, c.set.ID.Name(), c.history.days, c.started); err != nil {
		return err
	}
	c.closePage, err = c.page.serve(ctx, host, c.set.TelemetrySettings, func(err error) {
		componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
	})
	return err
}

// show brings the page up to what is told now.
func (c *fleetConnector) show(ctx context.Context, told pmetric.Metrics, now time.Time, renewed bool) error {
	if c.page == nil || !renewed {
		return nil
	}
	if err := c.history.add(ctx, told, now); err != nil {
		return err
	}
	return c.page.update(c.config, c.set.ID.Name(), c.history.days, now)
}
