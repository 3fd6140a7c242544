// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"os"
	"os/exec"
	"strings"
	"sync"
)

// tried holds the outcome for packages that were installed, or could not be, in this process.
var (
	lock  sync.Mutex
	tried = map[string]error{}
)

// install has the script that `make packages` runs install packages: it starts no service of theirs.
func install(packages []string) error {
	lock.Lock()
	defer lock.Unlock()
	key := strings.Join(packages, " ")
	if _, done := tried[key]; !done {
		script, err := script()
		if err == nil {
			command := exec.Command(script, packages...)
			command.Stderr = os.Stderr
			err = command.Run()
		}
		tried[key] = err
	}
	return tried[key]
}

// script is .ci/packages of the module that the test is in.
func script() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	return strings.TrimSuffix(strings.TrimSpace(string(mod)), "go.mod") + ".ci/packages", err
}
