// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Program image packs a built program as a container image that `docker load` and `podman load` take, without a daemon.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func main() {
	var c content
	flag.StringVar(&c.binary, "binary", "", "the program, built for Linux")
	flag.StringVar(&c.license, "license", "", "its licence")
	flag.StringVar(&c.notices, "notices", "", "the licences of what is in it")
	flag.StringVar(&c.architecture, "architecture", "amd64", "what it was built for")
	flag.StringVar(&c.version, "version", "", "its version")
	created := flag.Int64("created", 0, "the time of its commit, in seconds; the same content makes the same image, whenever it is packed")
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	c.created = time.Unix(*created, 0).UTC()
	if err := write(c, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(c content, out string) error {
	img, err := c.image()
	if err != nil {
		return err
	}
	tag, err := name.NewTag("headcount:" + c.version)
	if err != nil {
		return err
	}
	if err := tarball.WriteToFile(out, tag, img); err != nil {
		return err
	}
	digest, err := img.Digest()
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}
