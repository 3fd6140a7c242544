// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// The image runs as nobody in particular, and any user of root's group may keep its state there; what it holds says so.
func TestImage(t *testing.T) {
	folder := t.TempDir()
	c := content{
		binary: filepath.Join(folder, "headcount"), license: filepath.Join(folder, "LICENSE"), notices: filepath.Join(folder, "NOTICES"),
		architecture: "arm64", version: "9.9.9", created: time.Unix(1_700_000_000, 0).UTC(),
	}
	for _, file := range []string{c.binary, c.license, c.notices} {
		if err := os.WriteFile(file, []byte(filepath.Base(file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, second := filepath.Join(folder, "first.tar"), filepath.Join(folder, "second.tar")
	for _, out := range []string{first, second} {
		if err := write(c, out); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := read(t, first), read(t, second); a != b {
		t.Error("the same content makes another image")
	}

	img, err := tarball.ImageFromPath(first, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:0" || config.OS != "linux" || config.Architecture != "arm64" {
		t.Errorf("user %q, %s/%s", config.Config.User, config.OS, config.Architecture)
	}
	files := map[string]*tar.Header{}
	roots := x509.NewCertPool()
	for r := tar.NewReader(mutate.Extract(img)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = header
		if header.Name == "etc/ssl/certs/ca-certificates.crt" {
			if bytes, err := io.ReadAll(r); err != nil || !roots.AppendCertsFromPEM(bytes) {
				t.Error("no authority is trusted", err)
			}
		}
	}
	for name, mode := range map[string]int64{
		"headcount": 0o755, "var/lib/headcount": 0o770, "tmp": 0o1777,
		"usr/share/doc/headcount/LICENSE": 0o644, "usr/share/doc/headcount/THIRD-PARTY-NOTICES": 0o644,
	} {
		header := files[name]
		if header == nil {
			header = files[name+"/"]
		}
		if header == nil || header.Mode != mode || header.Gid != 0 {
			t.Errorf("%s: %+v", name, header)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	bytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}
