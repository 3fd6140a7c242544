// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	// user runs the program unless told otherwise. The group is root's: OpenShift takes any user, always of this group.
	user = 65532
	// parent of the state is its group's to write in; the state within is made by the program, for its user alone.
	parent = "var/lib/headcount"
)

// content is what an image is made of.
type content struct {
	binary, license, notices string // files
	architecture, version    string
	created                  time.Time
}

// image stands on nothing: the program is static, and needs itself and the certificates of the authorities.
func (c content) image() (v1.Image, error) {
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil })
	if err != nil {
		return nil, err
	}
	img, err := mutate.Append(empty.Image, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: c.created}}})
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", c.architecture, v1.Time{Time: c.created}
	config.Config = v1.Config{
		User:       fmt.Sprintf("%d:0", user),
		Env:        []string{"PATH=/", "HEADCOUNT_STATE_DIR=/" + parent + "/state"},
		Entrypoint: []string{"/headcount"},
		Cmd:        []string{"--config", "app:sql-explorer"},
		Volumes:    map[string]struct{}{"/" + parent: {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "headcount",
			"org.opencontainers.image.version":  c.version,
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	return mutate.ConfigFile(img, config)
}

// files is the image's one layer.
func (c content) files() ([]byte, error) {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	for _, folder := range []string{"etc", "etc/ssl", "etc/ssl/certs", "tmp", "usr", "usr/share", "usr/share/doc", "usr/share/doc/headcount", "var", "var/lib"} {
		mode := int64(0o755)
		if folder == "tmp" {
			mode = 0o1777
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: folder + "/", Mode: mode, ModTime: c.created}); err != nil {
			return nil, err
		}
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: parent + "/", Mode: 0o770, Uid: user, ModTime: c.created}); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		name, from string
		mode       int64
	}{
		{"headcount", c.binary, 0o755},
		{"usr/share/doc/headcount/LICENSE", c.license, 0o644},
		{"usr/share/doc/headcount/THIRD-PARTY-NOTICES", c.notices, 0o644},
	} {
		bytes, err := os.ReadFile(file.from)
		if err != nil {
			return nil, err
		}
		if err := c.add(w, file.name, file.mode, bytes); err != nil {
			return nil, err
		}
	}
	if err := c.add(w, "etc/ssl/certs/ca-certificates.crt", 0o644, authorities()); err != nil {
		return nil, err
	}
	return layer.Bytes(), w.Close()
}

func (c content) add(w *tar.Writer, name string, mode int64, bytes []byte) error {
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(bytes)), ModTime: c.created}); err != nil {
		return err
	}
	_, err := w.Write(bytes)
	return err
}

// authorities are Mozilla's, in the version that go.mod names, so that no machine's own get into the image.
// Those that Mozilla trusts with a constraint alone are left out: a file of certificates cannot say it.
func authorities() []byte {
	var file bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes all
		}
	}
	return file.Bytes()
}
