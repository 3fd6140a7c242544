// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cachetest

import (
	"os/exec"
	"syscall"
)

// apart gives a process a group of its own, which Ctrl-C does not mean.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
