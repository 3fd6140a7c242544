// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headcount-otel/headcount/oblivious"
)

func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	run := func(args ...string) (string, error) {
		command := newKeys()
		command.SilenceUsage, command.SilenceErrors = true, true
		var out bytes.Buffer
		command.SetOut(&out)
		command.SetArgs(args)
		err := command.Execute()
		return out.String(), err
	}
	printed, err := run("--id", "7", "--kem", "x-wing", "--out", file)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := oblivious.ParseKeysText(strings.TrimPrefix(printed, "keys: "))
	if err != nil || keys[0].ID != 7 || keys[0].KEM() != oblivious.XWing {
		t.Fatal(printed, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	private, err := oblivious.ParsePrivateKeyText(text)
	if err != nil || oblivious.KeysText(&private.PublicKey) != oblivious.KeysText(keys...) {
		t.Fatal("the file holds another key", err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode())
	}
	for want, args := range map[string][]string{
		"file exists":    {"--out", file},
		"--out: missing": {},
		"--kem":          {"--kem", "rsa", "--out", file + "2"},
	} {
		if _, err := run(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(want, err)
		}
	}
}
