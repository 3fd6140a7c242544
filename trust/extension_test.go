// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

type host map[component.ID]component.Component

func (h host) GetExtensions() map[component.ID]component.Component { return h }

type bystander struct{}

func (bystander) Start(context.Context, component.Host) error { return nil }
func (bystander) Shutdown(context.Context) error              { return nil }

// operator is an extension that answers for consent and keeps a ledger.
type operator struct {
	bystander
	trust.NopObserver
	mode trust.Mode
}

func (o operator) Mode() (trust.Mode, string) { return o.mode, "a test" }

var (
	first  = component.MustNewIDWithName("headcount", "first")
	second = component.MustNewIDWithName("headcount", "second")
	other  = component.MustNewID("zpages")
	absent = component.MustNewID("absent")

	extensions = host{first: operator{mode: trust.Off}, second: operator{mode: trust.On}, other: bystander{}}
)

func TestConsentOf(t *testing.T) {
	consent, err := trust.ConsentOf(extensions, nil)
	require.NoError(t, err)
	mode, reason := consent.Mode()
	assert.Equal(t, trust.On, mode, "without a consent key nobody is asked")
	assert.NotEmpty(t, reason)

	for id, want := range map[component.ID]trust.Mode{first: trust.Off, second: trust.On} {
		consent, err := trust.ConsentOf(extensions, &id)
		require.NoError(t, err)
		mode, _ := consent.Mode()
		assert.Equal(t, want, mode, "each component asks the one that it names")
	}

	_, err = trust.ConsentOf(extensions, &absent)
	require.EqualError(t, err, `consent: extension "absent" is not running: name it under service::extensions and configure it under extensions`)
	_, err = trust.ConsentOf(extensions, &other)
	require.EqualError(t, err, `consent: extension "zpages" cannot serve here: write the id of the headcount extension`)
}

func TestLedgerOf(t *testing.T) {
	ledger, err := trust.LedgerOf(extensions, nil)
	require.NoError(t, err)
	assert.Equal(t, trust.NopObserver{}, ledger)

	ledger, err = trust.LedgerOf(extensions, &first)
	require.NoError(t, err)
	assert.Equal(t, extensions[first], ledger)

	_, err = trust.LedgerOf(extensions, &absent)
	require.ErrorContains(t, err, `ledger: extension "absent" is not running`)
	_, err = trust.LedgerOf(extensions, &other)
	require.ErrorContains(t, err, `ledger: extension "zpages" cannot serve here`)
}

func TestObserverOf(t *testing.T) {
	assert.Equal(t, operator{}, trust.ObserverOf(operator{}))
	assert.Equal(t, trust.NopObserver{}, trust.ObserverOf(trust.AlwaysOn{}))
}

// revocable is a consent that is withdrawn as soon as somebody listens.
type revocable struct{ trust.AlwaysOn }

func (revocable) OnWithdrawal(discard func(context.Context) error) func() {
	_ = discard(context.Background())
	return func() {}
}

func TestOnWithdrawal(t *testing.T) {
	discarded := 0
	discard := func(context.Context) error { discarded++; return nil }

	trust.OnWithdrawal(trust.AlwaysOn{}, discard)()
	assert.Zero(t, discarded, "nobody can withdraw what nobody was asked for")

	trust.OnWithdrawal(revocable{}, discard)()
	assert.Equal(t, 1, discarded)
}
