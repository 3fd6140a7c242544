// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command faults plants each fault of faults.yaml, alone, and runs the tests that
// have to notice it. The sources stay as they are: go test reads the changed file
// in place of the one in the tree (-overlay). A fault that no test notices is a
// guard that can be lost in silence, and the command fails.
//
//	go run ./internal/faults [-only TEXT]
package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/internal/debian"
)

//go:embed faults.yaml
var table []byte

// fault is one change of one line or a few, and the tests that have to notice it.
type fault struct {
	// Protects says in words what is lost with the line.
	Protects string `yaml:"protects"`
	File     string `yaml:"file"`
	// Old stands once in the file, and New stands there instead.
	Old string `yaml:"old"`
	New string `yaml:"new"`
	// Test selects tests as -run does: of the file's package, or of Packages.
	Test     string `yaml:"test"`
	Packages string `yaml:"packages"`
}

func main() {
	only := flag.String("only", "", "plant only faults whose file or words contain `TEXT`")
	flag.Parse()
	if err := run(*only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(only string) error {
	var faults []fault
	if err := yaml.Unmarshal(table, &faults); err != nil {
		return fmt.Errorf("faults.yaml: %w", err)
	}
	var survivors []string
	for _, f := range faults {
		if !strings.Contains(f.File+f.Protects, only) {
			continue
		}
		outcome, err := f.plant()
		if err != nil { // the others are planted all the same
			outcome = fmt.Sprintf("UNPLANTED (%v)", err)
			survivors = append(survivors, f.File+": "+f.Protects)
		}
		fmt.Printf("%-9s %s: %s\n", outcome, f.File, f.Protects)
		if outcome == survived {
			survivors = append(survivors, f.File+": "+f.Protects)
		}
	}
	if len(survivors) > 0 {
		return fmt.Errorf("not planted, or noticed by no test:\n  %s", strings.Join(survivors, "\n  "))
	}
	return nil
}

const (
	noticed  = "noticed"
	survived = "SURVIVED"
)

// plant runs the fault's tests with its file changed.
func (f fault) plant() (outcome string, err error) {
	source, err := os.ReadFile(f.File)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), f.Old); n != 1 {
		return "", fmt.Errorf("old stands %d times in the file: the code has changed, so change the table", n)
	}
	folder, err := os.MkdirTemp("", "headcount-fault-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	changed, overlay := filepath.Join(folder, "changed.go"), filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), f.Old, f.New, 1)), 0o600); err != nil { //nolint:gosec // in a folder of our own
		return "", err
	}
	original, err := filepath.Abs(f.File)
	if err != nil {
		return "", err
	}
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replaced, 0o600); err != nil {
		return "", err
	}
	tested := strings.Fields(f.Packages)
	if len(tested) == 0 {
		tested = []string{"./" + filepath.Dir(f.File)}
	}
	args := append([]string{"test", "-count", "1", "-timeout", "5m", "-overlay", overlay, "-run", f.Test}, tested...)
	command := exec.CommandContext(context.Background(), "go", args...)                                   //nolint:gosec // our own table
	command.Env = append(os.Environ(), debian.Permission+"="+cmp.Or(os.Getenv(debian.Permission), "use")) // a skipped test notices nothing
	out, err := command.CombinedOutput()
	switch text := string(out); {
	case strings.Contains(text, "[build failed]"), strings.Contains(text, "[setup failed]"):
		return "", fmt.Errorf("the changed file does not compile:\n%s", text)
	case err == nil && strings.Contains(text, "no tests to run"):
		return "", fmt.Errorf("no test of %v is named %s", tested, f.Test)
	case err != nil:
		return noticed, nil
	}
	return survived, nil
}
