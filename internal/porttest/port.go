// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package porttest gives a test a port on which nobody listens: one to listen on later, or again, or never.
// A port that the system chose is given to another as soon as it is closed, as the near end of a
// connection, too; these lie below the ones that the system chooses from.
package porttest // import "github.com/headcount-otel/headcount/internal/porttest"

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

const (
	lowest = 20_000
	ports  = 10_000
	tries  = 1_000
)

// Port is one of 127.0.0.1. No other test is given it before this one ends, in another process neither.
func Port(t testing.TB) int {
	t.Helper()
	for range tries {
		port := lowest + rand.IntN(ports)
		if reserve(t, port) {
			return port
		}
	}
	t.Fatalf("no port from %d to %d is free", lowest, lowest+ports-1)
	return 0
}

// Address is that of a Port.
func Address(t testing.TB) string {
	t.Helper()
	return address(Port(t))
}

// reserve holds the port of UDP, which nobody here uses, while the test has the one of TCP.
func reserve(t testing.TB, port int) bool {
	reserved, err := net.ListenPacket("udp", address(port))
	if err != nil {
		return false
	}
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		_ = reserved.Close()
		return false
	}
	_ = listener.Close()
	t.Cleanup(func() { _ = reserved.Close() })
	return true
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
