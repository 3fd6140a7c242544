// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package maven gets for a test archives from Maven Central.
package maven // import "github.com/headcount-otel/headcount/internal/maven"

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headcount-otel/headcount/internal/built"
	"github.com/headcount-otel/headcount/internal/debian"
)

// Jars returns a folder below root/_build with the archives that the pom.xml of a folder needs. Maven pins no
// checksums: those in jars.sha256 beside it are compared. Where they cannot be had the test is skipped and says why; in CI it fails.
func Jars(t testing.TB, root, name, folder string) string {
	t.Helper()
	debian.HasProgram(t, "java")
	debian.HasProgram(t, "mvn")
	pinned, err := os.ReadFile(filepath.Join(folder, "jars.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	return built.Once(t, root, "maven", name, string(pinned), func(into string) {
		mvn := exec.Command("mvn", "-q", "-B", "-f", filepath.Join(folder, "pom.xml"), "dependency:copy-dependencies", "-DoutputDirectory="+into)
		mvn.Env = append(os.Environ(), "MAVEN_OPTS=-XX:-UsePerfData -Djava.io.tmpdir="+t.TempDir()) // it leaves nothing in /tmp
		if output, err := mvn.CombinedOutput(); err != nil {
			debian.Lacks(t, "mvn cannot get what %s needs: %v\n%s", name, err, output)
		}
		if got := checksums(t, into); got != string(pinned) {
			t.Fatalf("%s: the archives are others than jars.sha256 says; these came:\n%s", name, got)
		}
	})
}

// checksums are those of a folder's archives, as sha256sum writes them.
func checksums(t testing.TB, folder string) string {
	t.Helper()
	archives, err := filepath.Glob(filepath.Join(folder, "*.jar"))
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, archive := range archives {
		content, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		lines.WriteString(hex.EncodeToString(sum[:]) + "  " + filepath.Base(archive) + "\n")
	}
	return lines.String()
}
