// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/headcount-otel/headcount/internal/debian"
)

const (
	program  = "../../_build/headcount"
	database = "../../testdata/golden/02-typical/app.sqlite3"
)

// In a container with a root that nobody may write to, any user of root's group reports, and keeps its state. The
// container is crun's, of Debian; not every kernel and not every container that this runs in lets it make one.
func TestContainer(t *testing.T) {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: it runs a container: `make prove` does, or HEADCOUNT_PROVE=1")
	}
	debian.NeedsProgram(t, "crun", "crun")
	debian.NeedsProgram(t, "unshare", "util-linux")
	img, err := content{binary: program, license: "../../LICENSE", notices: "../../LICENSE", architecture: "amd64", version: "9.9.9", created: time.Unix(0, 0)}.image()
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []int{user, 1_000_650_000} {
		t.Run(strconv.Itoa(user), func(t *testing.T) {
			c := unpacked(t, img, user)
			if out, err := c.run("--version"); err != nil {
				t.Skipf("SKIP: this machine lets crun make no container: %v: %s", err, out)
			}
			var stats []string
			makers := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var report struct{ Name string }
				if json.NewDecoder(r.Body).Decode(&report) == nil {
					stats = append(stats, report.Name) // one after the other: the program ends before they are read
				}
			}))
			out, err := c.run("--config", "app:sql-explorer", "--config", "app:once", "EXPLORER_COLLECT_ENDPOINT_URL="+makers.URL)
			makers.Close()
			if err != nil || len(stats) != 2 {
				t.Fatalf("%v, reported %q: %s", err, stats, out)
			}
			if kept, _ := filepath.Glob(filepath.Join(c.state, "state", "exporter_collect_*")); len(kept) == 0 {
				t.Error("it keeps no state")
			}
		})
	}
}

// container is a bundle as the Open Container Initiative's runtimes take it.
type container struct {
	bundle, state string
	user          int
	config        v1.Config
}

// unpacked lays the image out for crun. Its volume is root's, and of root's group, as OpenShift makes it.
func unpacked(t *testing.T, img v1.Image, user int) container {
	t.Helper()
	bundle, err := os.MkdirTemp("", "headcount-container-") // of t.TempDir() only root may pass the parents
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(bundle) })
	c := container{bundle: bundle, state: filepath.Join(bundle, "volume"), user: user}
	for r := tar.NewReader(mutate.Extract(img)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, mode := filepath.Join(bundle, "rootfs", header.Name), header.FileInfo().Mode().Perm()
		switch header.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(name, mode)
		default:
			var bytes []byte
			if bytes, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(name, bytes, mode)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	bytes, err := os.ReadFile(database)
	if err == nil {
		err = os.WriteFile(filepath.Join(bundle, "rootfs", "app.sqlite3"), bytes, 0o644)
	}
	err = errors.Join(err, os.Chmod(bundle, 0o755), os.Mkdir(c.state, 0o770), os.Chmod(c.state, 0o770))
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c.config = config.Config
	return c
}

// run runs the program with arguments, and with variables among them, in the machine's own network.
func (c container) run(args ...string) ([]byte, error) {
	env := append([]string{"DATABASE_URL=sqlite:////app.sqlite3"}, c.config.Env...)
	command := append([]string{}, c.config.Entrypoint...)
	for _, arg := range args {
		if strings.HasPrefix(arg, "EXPLORER_") {
			env = append(env, arg)
		} else {
			command = append(command, arg)
		}
	}
	type object = map[string]any
	spec, err := json.Marshal(object{
		"ociVersion": "1.0.2",
		"process": object{
			"user": object{"uid": c.user, "gid": 0}, "args": command, "env": env, "cwd": "/",
			"noNewPrivileges": true, "capabilities": object{},
		},
		"root": object{"path": "rootfs", "readonly": true},
		"mounts": []object{
			{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "mode=755", "size=64k"}},
			{"destination": "/proc", "type": "proc", "source": "proc"},
			{"destination": "/var/lib/headcount", "type": "bind", "source": c.state, "options": []string{"bind", "rw", "nosuid", "nodev", "noexec"}},
		},
		"linux": object{"namespaces": []object{{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}}},
	})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(c.bundle, "config.json"), spec, 0o600); err != nil {
		return nil, err
	}
	// crun knows the first and the second kind of control groups, and no mixture: the second is hidden where both are.
	const alone = `if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec crun --root "$1/run" run --bundle "$1" "$2"`
	return exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", alone, "sh", c.bundle, filepath.Base(c.bundle)).CombinedOutput()
}
