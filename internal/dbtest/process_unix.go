// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package dbtest

import (
	"os"
	"os/exec"
	"syscall"
)

func unprivileged(cmd *exec.Cmd) *exec.Cmd {
	// A group of its own is not meant by Ctrl-C.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

func ended(process *os.Process) bool {
	exited, _ := syscall.Wait4(process.Pid, nil, syscall.WNOHANG, nil)
	return exited != 0
}
