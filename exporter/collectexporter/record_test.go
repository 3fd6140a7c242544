// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestWhatCannotBeRecordedIsNotSent(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusNoContent))
	ledger := trusttest.NewExtension(trust.On)
	ledger.RefuseSending(errors.New("no space left on device"))
	r := newRig(t, makers.URL, trusttest.Host{consentID: ledger}, func(c *Config) { c.Consent = &consentID }).start(t)
	r.scrape(t, "i", 5)

	require.Eventually(t, func() bool { return ledger.CountSending() >= 3 }, patience, time.Millisecond, "it is tried again")
	assert.Empty(t, makers.received())
	assert.Equal(t, 1, r.logs.FilterMessage("What would be sent cannot be recorded; nothing is sent").Len(), "said once")

	ledger.RefuseSending(nil)
	makers.awaits(t, 1)
	recorded := func() bool { return r.logs.FilterMessage("What is sent can be recorded again").Len() == 1 }
	require.Eventually(t, recorded, patience, time.Millisecond, "said when the answer has come")
}
