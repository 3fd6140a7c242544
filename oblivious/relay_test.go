// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"net"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// documentedRelay is the configuration in this language of docs/oblivious.md.
func documentedRelay(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../docs/oblivious.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?ms)^```" + language + "\n(.*?)^```$").FindSubmatch(page)
	require.NotNil(t, block)
	return string(block[1])
}

func awaitListener(t *testing.T, address string) {
	t.Helper()
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)
}
