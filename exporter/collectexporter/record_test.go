// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

// unrecording is an operator whose ledger is full until the test says otherwise.
type unrecording struct {
	*operator
	tries atomic.Int32
	full  atomic.Bool
}

func (u *unrecording) Sending(trust.Delivery) error {
	u.tries.Add(1)
	if u.full.Load() {
		return errors.New("no space left on device")
	}
	return nil
}

func TestWhatCannotBeRecordedIsNotSent(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusNoContent))
	ledger := &unrecording{operator: newOperator(trust.On)}
	ledger.full.Store(true)
	r := newRig(t, makers.URL, host{consentID: ledger}, func(c *Config) { c.Consent = &consentID }).start(t)
	r.scrape(t, "i", 5)

	require.Eventually(t, func() bool { return ledger.tries.Load() >= 3 }, patience, time.Millisecond, "it is tried again")
	assert.Empty(t, makers.received())
	assert.Equal(t, 1, r.logs.FilterMessage("What would be sent cannot be recorded; nothing is sent").Len(), "said once")

	ledger.full.Store(false)
	makers.awaits(t, 1)
	recorded := func() bool { return r.logs.FilterMessage("What is sent can be recorded again").Len() == 1 }
	require.Eventually(t, recorded, patience, time.Millisecond, "said when the answer has come")
}
