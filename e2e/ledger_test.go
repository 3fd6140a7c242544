// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kept is one line of the ledger.
type kept struct {
	Stat   string `json:"stat"`
	Key    string `json:"idempotency_key"`
	Tries  int    `json:"tries"`
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// ledgerOf downloads the ledger from the running page.
func ledgerOf(t *testing.T, d *distribution) []kept {
	t.Helper()
	return ledgerAt(t, d.page(t))
}

// ledgerAt is that of the page with this address.
func ledgerAt(t require.TestingT, page string) (lines []kept) {
	answer, err := http.Get(strings.Replace(page, "/?", "/api/v1/ledger?", 1))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	scan := bufio.NewScanner(answer.Body)
	scan.Buffer(nil, 4<<20)
	for scan.Scan() {
		var line kept
		require.NoError(t, json.Unmarshal(scan.Bytes(), &line))
		lines = append(lines, line)
	}
	require.NoError(t, scan.Err())
	return lines
}
