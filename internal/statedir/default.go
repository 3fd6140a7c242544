// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// Variable names the environment variable with which a site says where its state lies.
const Variable = "HEADCOUNT_STATE_DIR"

// before is the folder, relative to the working folder, that versions before this one made.
const before = ".headcount"

// Default is the folder of an installation that does not say itself where its state
// lies: the same whoever starts the program and where. It is what
// HEADCOUNT_STATE_DIR says, else systemd's STATE_DIRECTORY, else
// $XDG_STATE_HOME/headcount, else ~/.local/state/headcount; always absolute. The
// note, where there is one, tells of a folder from before beside the working
// folder: it is used as long as there is no other, so that neither a choice nor an
// identity is lost.
func Default(getenv func(string) string) (dir Dir, note string, err error) {
	if set := getenv(Variable); set != "" {
		if strings.ContainsAny(set[:1], "~\"'$%") || strings.TrimSpace(set) != set {
			return "", "", fmt.Errorf("%s: %q is taken as it is written, with ~, $, %%, quotes and blanks: write an absolute path", Variable, set)
		}
		absolute, err := filepath.Abs(set)
		return Dir(absolute), "", err
	}
	if of := filepath.SplitList(getenv("STATE_DIRECTORY")); len(of) > 0 && filepath.IsAbs(of[0]) {
		dir = Dir(of[0])
	} else if dir, err = ofUser(getenv); err != nil {
		return "", "", err
	}
	old, err := filepath.Abs(before)
	if err != nil || !exists(old) || old == string(dir) {
		return dir, "", err
	}
	if len(dir.Traces()) > 0 {
		return dir, fmt.Sprintf("%s is a state folder from before, and is not used: the state lies in %s. Remove it, or set %s=%s to use it instead", old, dir, Variable, old), nil
	}
	return Dir(old), fmt.Sprintf("%s is a state folder from before, and is used: a program that is started elsewhere would not find it. End the program and move it: mkdir -p %s && mv %s/* %s/ && rmdir %s", old, dir, old, dir, old), nil
}

func ofUser(getenv func(string) string) (Dir, error) {
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) { // a relative one is to be ignored
		return Dir(filepath.Join(state, "headcount")), nil
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		who, err := user.Current()
		if err != nil || !filepath.IsAbs(who.HomeDir) {
			return "", fmt.Errorf("there is no folder for the state: set %s to an absolute path", Variable)
		}
		home = who.HomeDir
	}
	return Dir(filepath.Join(home, ".local", "state", "headcount")), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
