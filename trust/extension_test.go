// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

type bystander struct{}

func (bystander) Start(context.Context, component.Host) error { return nil }
func (bystander) Shutdown(context.Context) error              { return nil }

var (
	first   = component.MustNewIDWithName("headcount", "first")
	second  = component.MustNewIDWithName("headcount", "second")
	other   = component.MustNewID("zpages")
	absent  = component.MustNewID("absent")
	member  = trust.Member{Kind: component.KindReceiver, ID: component.MustNewID("appusage")}
	errFull = errors.New("the disk is full")

	extensions = trusttest.Host{first: trusttest.NewExtension(trust.Off), second: trusttest.NewExtension(trust.On), other: bystander{}}
)

func modeOf(t *testing.T, consent trust.Consent, err error) trust.Mode {
	t.Helper()
	require.NoError(t, err)
	mode, reason := consent.Mode()
	assert.NotEmpty(t, reason)
	return mode
}

func TestEachComponentAsksTheOneThatItNames(t *testing.T) {
	for id, want := range map[component.ID]trust.Mode{first: trust.Off, second: trust.On} {
		consent, err := trust.ConsentOf(extensions, &id, member)
		assert.Equal(t, want, modeOf(t, consent, err))
	}
	_, err := trust.ConsentOf(extensions, &absent, member)
	require.EqualError(t, err, `consent: extension "absent" is not running: name it under service::extensions and configure it under extensions`)
	_, err = trust.ConsentOf(extensions, &other, member)
	require.EqualError(t, err, `consent: extension "zpages" cannot serve here: write the id of the headcount extension, or none to ask nobody`)
}

func TestWithoutAConsentKeyEveryExtensionIsAsked(t *testing.T) {
	consent, err := trust.ConsentOf(trusttest.Host{other: bystander{}}, nil, member)
	assert.Equal(t, trust.On, modeOf(t, consent, err), "where there is none nobody is asked")

	consent, err = trust.ConsentOf(trusttest.Host{first: extensions[first], other: bystander{}}, nil, member)
	assert.Equal(t, trust.Off, modeOf(t, consent, err), "the only one")

	a, b := trusttest.NewExtension(trust.On), trusttest.NewExtension(trust.Local)
	consent, err = trust.ConsentOf(trusttest.Host{first: a, second: b}, nil, member)
	assert.Equal(t, trust.Local, modeOf(t, consent, err), "of several the strictest")
	a.SetMode(trust.Off)
	assert.Equal(t, trust.Off, modeOf(t, consent, err), "whichever that is")

	changes := 0
	forget := trust.OnChange(consent, func() { changes++ })
	a.SetMode(trust.Local)
	b.SetMode(trust.On)
	assert.Equal(t, 2, changes)
	forget()
	assert.Zero(t, a.Listening()+b.Listening())

	observer := trust.ObserverOf(consent)
	require.NoError(t, observer.Sending(trust.Delivery{}))
	b.RefuseSending(errFull)
	assert.ErrorIs(t, observer.Sending(trust.Delivery{}), errFull, "each has to be able to record it")
}

func TestNobodyIsAskedWhereThatIsWritten(t *testing.T) {
	consent, err := trust.ConsentOf(extensions, &trust.Nobody, member)
	assert.Equal(t, trust.On, modeOf(t, consent, err))
}

func TestEachExtensionLearnsWhoAsksIt(t *testing.T) {
	a, b := trusttest.NewExtension(trust.On), trusttest.NewExtension(trust.On)
	both := trusttest.Host{first: a, second: b}
	for name, key := range map[string]*component.ID{"named": &first, "silent": nil, "left_out": &trust.Nobody} {
		_, err := trust.ConsentOf(both, key, trust.Member{Kind: component.KindProcessor, ID: component.MustNewIDWithName("anonymizer", name)})
		require.NoError(t, err)
	}
	assert.Equal(t, map[string]bool{"processor anonymizer/named": true, "processor anonymizer/silent": true, "processor anonymizer/left_out": false}, a.Members())
	assert.Equal(t, map[string]bool{"processor anonymizer/named": false, "processor anonymizer/silent": true, "processor anonymizer/left_out": false}, b.Members())
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
	extension := trusttest.NewExtension(trust.On)
	assert.Same(t, extension, trust.ObserverOf(extension))
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
