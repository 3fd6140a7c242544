// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/metadata"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

var fileStorageID = component.MustNewID("file_storage")

// life is one run of the extension over a real state folder.
type life struct {
	*headcount
	host trusttest.Host
}

type settings struct {
	mode   string
	env    map[string]string
	name   string // of the extension, where it has one
	memory *consent.Memory
	until  oneshot.Until
	page   bool
}

func live(t testing.TB, dir string, s settings) (*life, error) {
	t.Helper()
	factory := filestorage.NewFactory()
	files := factory.CreateDefaultConfig().(*filestorage.Config)
	files.Directory, files.Timeout = dir, time.Second
	host := trusttest.Host{}
	cfg := createDefaultConfig().(*Config)
	cfg.Mode, cfg.Directory, cfg.Storage = s.mode, dir, &fileStorageID
	cfg.Environment = conf.Map[trust.Signal]{"SITE_STATISTICS": trust.OptIn}
	if s.until != "" {
		cfg.Until = s.until
	}
	if s.page {
		cfg.Endpoint = "127.0.0.1:0"
	}
	if s.memory == nil {
		s.memory = &consent.Memory{}
	}
	set := extensiontest.NewNopSettings(metadata.Type)
	set.ID = component.NewIDWithName(metadata.Type, s.name)
	set.Logger = zap.NewNop()
	h := newHeadcount(cfg, set, s.memory, func(name string) string { return s.env[name] }, io.Discard)
	host[set.ID] = h
	if len(h.Dependencies()) > 0 { // while it is off the storage may be out of service
		require.NoError(t, os.MkdirAll(dir, 0o700))
		storage, err := factory.Create(context.Background(), extensiontest.NewNopSettings(factory.Type()), files)
		require.NoError(t, err)
		require.NoError(t, storage.Start(context.Background(), componenttest.NewNopHost()))
		host[fileStorageID] = storage
	}
	if err := h.Start(context.Background(), host); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return &life{h, host}, h.Ready()
}

func (l *life) end(t testing.TB) {
	t.Helper()
	require.NoError(t, l.NotReady())
	require.NoError(t, l.Shutdown(context.Background()))
}

// asked is the mode that a component sees which has, or has not, a consent key.
func (l *life) asked(t testing.TB, key bool) trust.Mode {
	t.Helper()
	var named *component.ID
	if key {
		for id := range l.host {
			if id.Type() == metadata.Type {
				named = &id
			}
		}
	}
	held, err := trust.ConsentOf(l.host, named, trust.Member{Kind: component.KindReceiver, ID: component.MustNewID("appusage")})
	require.NoError(t, err)
	mode, _ := held.Mode()
	return mode
}

// The dimensions of the table.
var (
	pageChoices = []string{"", "off", "local", "off, then on"}

	// signals are what the second run is told, and how far that goes.
	signals = []struct {
		mode string
		env  map[string]string
		goes trust.Mode
	}{
		{"on", nil, trust.On},
		{"on", map[string]string{"DO_NOT_TRACK": "", "HEADCOUNT_MODE": "on", "SITE_STATISTICS": "True"}, trust.On},
		{"on", map[string]string{"DO_NOT_TRACK": "0", "HEADCOUNT_MODE": "ON"}, trust.On},
		{"local", nil, trust.Local},
		{"off", nil, trust.Off},
		{"on", map[string]string{"DO_NOT_TRACK": "1"}, trust.Off},
		{"on", map[string]string{"DO_NOT_TRACK": "true", "HEADCOUNT_MODE": "on"}, trust.Off},
		{"on", map[string]string{"DO_NOT_TRACK": " Yes "}, trust.Off},
		{"on", map[string]string{"DO_NOT_TRACK": "on"}, trust.Off},
		{"on", map[string]string{"DO_NOT_TRACK": "certainly"}, trust.Off},
		{"on", map[string]string{"HEADCOUNT_MODE": "off"}, trust.Off},
		{"on", map[string]string{"HEADCOUNT_MODE": "OFF", "DO_NOT_TRACK": "0"}, trust.Off},
		{"on", map[string]string{"HEADCOUNT_MODE": "local"}, trust.Local},
		{"local", map[string]string{"HEADCOUNT_MODE": "on"}, trust.Local},
		{"on", map[string]string{"SITE_STATISTICS": "False"}, trust.Off},
		{"on", map[string]string{"SITE_STATISTICS": "no", "HEADCOUNT_MODE": "local"}, trust.Off},
		{"on", map[string]string{"SITE_STATISTICS": "perhaps"}, trust.Off},
	}

	// accidents befall a file between two runs; whole says that it can still be read.
	accidents = []struct {
		name  string
		befal func(t testing.TB, path string)
		whole bool
	}{
		{"whole", func(testing.TB, string) {}, true},
		{"absent", func(t testing.TB, path string) { require.NoError(t, os.Remove(path)) }, false},
		{"empty", func(t testing.TB, path string) { require.NoError(t, os.Truncate(path, 0)) }, false},
		{"torn", func(t testing.TB, path string) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, content[:len(content)/2], 0o600))
		}, false},
		{"foreign", func(t testing.TB, path string) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, bytes.Replace(content, []byte(`"version":1`), []byte(`"version":9`), 1), 0o600))
		}, false},
	}
	ofTheStorage = accidents[:3] // a torn file of bbolt's ends the process, which is closed enough
)

// Whatever was said, and whatever became of the files that remember it: the outcome
// is never more open than the strictest signal that was given and not taken back.
// Where a copy of the choice is whole, it is exactly that. tools/mutants has the
// faults that this test has to notice.
func TestNoCombinationIsMoreOpenThanWhatWasSaid(t *testing.T) {
	stride := 19 // prime, and no factor of any dimension
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		stride = 1
	}
	earlier := map[string]string{}
	memories := map[string]*consent.Memory{}
	for _, choice := range pageChoices {
		earlier[choice], memories[choice] = earlierLife(t, choice)
	}
	tried, n := 0, 0
	for _, choice := range pageChoices {
		for _, first := range accidents {
			for _, second := range accidents {
				for _, stored := range ofTheStorage {
					for _, reload := range []bool{false, true} {
						for _, name := range []string{"", "renamed"} {
							for _, key := range []bool{false, true} {
								for s := range signals {
									if n++; (n+n/len(signals))%stride != 0 {
										continue
									}
									tried++
									combination := fmt.Sprintf("page %q, %s, %s, storage %s, reload %v, name %q, key %v, %s %v", choice, first.name, second.name, stored.name, reload, name, key, signals[s].mode, signals[s].env)
									dir := copied(t, earlier[choice])
									first.befal(t, filepath.Join(dir, "consent.json"))
									second.befal(t, filepath.Join(dir, "consent.copy.json"))
									stored.befal(t, filepath.Join(dir, "extension_headcount_"))
									run := settings{mode: signals[s].mode, env: signals[s].env, name: name}
									if reload {
										run.memory = memories[choice]
									}
									l, err := live(t, dir, run)
									require.NoError(t, err, combination)
									got := l.asked(t, key)
									l.end(t)

									said := signals[s].goes
									if choice == "off" || choice == "local" {
										chosen, _ := trust.ParseMode(choice)
										said = min(said, chosen)
									}
									require.LessOrEqual(t, got, said, combination)
									storageKnows := stored.whole && name == ""
									if first.whole || second.whole || storageKnows || (reload && choice != "") {
										require.Equal(t, said, got, combination)
									} else {
										require.Equal(t, trust.Off, got, combination)
									}
								}
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d combinations of %d", tried, n)
	assert.GreaterOrEqual(t, tried, 2000)
}

// earlierLife is a run that was on, in which the operator chose, and its folder afterwards.
func earlierLife(t testing.TB, choice string) (string, *consent.Memory) {
	t.Helper()
	dir, memory := filepath.Join(t.TempDir(), "state"), &consent.Memory{}
	l, err := live(t, dir, settings{mode: "on", memory: memory})
	require.NoError(t, err)
	require.Equal(t, trust.On, l.asked(t, false), "a first start is as the profile says")
	switch choice {
	case "off, then on":
		require.NoError(t, l.Choose(context.Background(), trust.Off, time.Now()))
		require.NoError(t, l.Choose(context.Background(), trust.On, time.Now()))
	case "":
	default:
		mode, _ := trust.ParseMode(choice)
		require.NoError(t, l.Choose(context.Background(), mode, time.Now()))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "receiver_appusage_"), []byte("an id"), 0o600))
	l.end(t)
	return dir, memory
}

func copied(t testing.TB, dir string) string {
	t.Helper()
	to, err := os.MkdirTemp(t.TempDir(), "")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	require.NoError(t, os.Chmod(to, 0o700))
	return to
}
