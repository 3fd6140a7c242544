// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

// machine says what the figures were measured on and against.
func (s suite) machine(root string, from results) (string, error) {
	list := exec.Command("go", append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}}"}, s.Modules...)...)
	list.Dir = root + "/bench"
	list.Stderr = os.Stderr
	modules, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	against := []string{"sql-explorer " + sqlexplorer.Newest.App + " on Django " + sqlexplorer.Newest.Django}
	for _, server := range []string{"PostgreSQL", "MariaDB"} {
		if version := from.said[strings.ToLower(server)]; version != "" {
			against = append(against, server+" "+version)
		}
	}
	for line := range strings.Lines(string(modules)) {
		against = append(against, strings.TrimSpace(line))
	}
	slices.Sort(against[1:])
	return fmt.Sprintf("%s, on %d cores (%s, %s/%s), %s. Against %s.",
		time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(), from.said["cpu"], runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.Join(against, ", ")), nil
}
