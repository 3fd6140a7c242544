// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

var (
	disk    = component.MustNewID("disk")
	errFull = errors.New("the disk is full")
)

// shelf is a storage that survives the extension, and fails on demand.
type shelf struct {
	component.StartFunc
	component.ShutdownFunc

	mu      sync.Mutex
	records map[string][]byte
	fails   bool
	opened  int
	memory  *consent.Memory // of the process that starts extensions over it; nil: each start is a new process
}

func (s *shelf) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	if s.records == nil {
		s.records = map[string][]byte{}
	}
	return s, nil
}

func (s *shelf) Get(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.records[key]), nil
}

func (s *shelf) Set(_ context.Context, key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails {
		return errFull
	}
	s.records[key] = bytes.Clone(value)
	return nil
}

func (s *shelf) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, key)
	return nil
}

// Batch knows reads and deletions, the only operations that reach it.
func (s *shelf) Batch(ctx context.Context, operations ...*storage.Operation) (err error) {
	for _, operation := range operations {
		switch operation.Type {
		case storage.Get:
			operation.Value, err = s.Get(ctx, operation.Key)
		case storage.Delete:
			err = s.Delete(ctx, operation.Key)
		default:
			err = errors.ErrUnsupported
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (*shelf) Close(context.Context) error { return nil }

func (s *shelf) content() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.records)
}

// rig is one run of the extension.
type rig struct {
	*headcount
	t      *testing.T
	stdout bytes.Buffer
	logs   *observer.ObservedLogs
	stop   func() error
}

// run starts the extension over a storage as a Collector does, with a page where change does not take it away.
func run(t *testing.T, over *shelf, change func(*Config), env map[string]string) *rig {
	t.Helper()
	r := start(t, over, change, env)
	require.NoError(t, r.Ready())
	return r
}

// start leaves out the Collector's word that all components have started.
func start(t *testing.T, over *shelf, change func(*Config), env map[string]string) *rig {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Mode, cfg.Endpoint, cfg.Storage = "on", "127.0.0.1:0", &disk
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	core, logs := observer.New(zap.DebugLevel)
	set := extensiontest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	r := &rig{t: t, logs: logs}
	over.mu.Lock()
	memory := over.memory // the same in one process
	over.mu.Unlock()
	if memory == nil {
		memory = &consent.Memory{}
	}
	r.headcount = newHeadcount(cfg, set, memory, func(name string) string { return env[name] }, &r.stdout)
	require.NoError(t, r.Start(t.Context(), trusttest.Host{disk: over}))
	r.stop = sync.OnceValue(func() error {
		return errors.Join(r.NotReady(), r.Shutdown(context.WithoutCancel(t.Context())))
	})
	t.Cleanup(func() { require.NoError(t, r.stop()) })
	return r
}

func (r *rig) mode() string {
	mode, _ := r.Mode()
	return mode.String()
}

// address is the host and port of the page.
func (r *rig) address() string { return r.opened().Host }

// token is the one in the page's address.
func (r *rig) token() string { return r.opened().Query().Get("token") }

func (r *rig) opened() *url.URL {
	r.t.Helper()
	address, err := url.Parse(r.headcount.page.Address())
	require.NoError(r.t, err)
	return address
}

// page is the page's address without the token.
func (r *rig) page() string { return "http://" + r.address() }

// request asks the page; the transport keeps no connection.
func (r *rig) request(method, path, body string, header map[string]string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.page()+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for name, value := range header {
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(req)
	require.NoError(r.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	return answer, string(text)
}

func (r *rig) get(path string) (*http.Response, string) {
	return r.request(http.MethodGet, path, "", nil)
}

// press presses a button of the page's form.
func (r *rig) press(mode string) *http.Response {
	answer, _ := r.request(http.MethodPost, "/switch", url.Values{"mode": {mode}, "token": {r.token()}}.Encode(),
		map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
	return answer
}

func (r *rig) trusted(path string) string { return path + "?token=" + r.token() }

var secretFields = []trust.Field{
	{Name: "explorer.query_log.count", Read: "123456", Rule: "round to 100", Leaves: "123500", Passes: true, Named: "explorer.query_log.count", MayPass: true},
	{Name: "service.version", Read: "5.3-exact", Rule: "keep", Leaves: "5.3-exact", Passes: true, Exact: true, Named: "service.version", MayPass: true, MayBeExact: true},
	{Name: "plan.users{plan=secret-group}", Read: "7", Rule: "suppress below 10", Passes: true, Named: "plan.users", MayPass: true},
	{Name: "host.name", Read: "db1.secret.example", Rule: "no rule: does not pass"},
}

func goroutines() string {
	stacks := make([]byte, 1<<20)
	return string(stacks[:runtime.Stack(stacks, true)])
}
