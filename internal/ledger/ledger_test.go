// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

var disk = component.MustNewID("disk")

// shelf is a storage extension, and the host that has it; its one client survives each opening.
type shelf struct {
	component.StartFunc
	component.ShutdownFunc
	storage.Client
}

func (s *shelf) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{disk: s}
}

func (s *shelf) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return s.Client, nil
}

// Whatever is sent, refused, killed and restarted: the ledger is what the endpoint received.
func TestTheLedgerEqualsWhatWasReceived(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		over := &shelf{Client: state.NewMemory()}
		received := map[string]bool{}
		restored := func() *Ledger {
			l := New(func() {}, zap.NewNop())
			store, err := state.Open(t.Context(), over, &disk, component.KindExtension, disk)
			require.NoError(t, err)
			l.Restore(t.Context(), store)
			return l
		}
		l := restored()
		for i := range rapid.IntRange(1, 60).Draw(rt, "sends") {
			body := string(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "body"))
			d := trust.Delivery{
				Stat: "USAGE", Host: "collect.example.com:443", Body: []byte(body), Key: fmt.Sprint("k", i/2),
				Status: rapid.SampledFrom([]int{0, 200, 400, 503}).Draw(rt, "status"),
			}
			require.NoError(t, l.Sending(d))
			received[d.Key+body] = true
			if rapid.IntRange(0, 4).Draw(rt, "killed") == 0 {
				l = restored() // a kill: nothing is closed, nothing more is said
				continue
			}
			l.Delivered(d)
		}
		kept := map[string]bool{}
		for _, e := range restored().Snapshot() {
			kept[e.Key+string(e.Body)] = true
		}
		if !assert.ObjectsAreEqual(received, kept) {
			rt.Fatalf("received %d bodies, kept %d", len(received), len(kept))
		}
	})
}

// transactions counts them: a file storage syncs its file twice for each, also to read.
type transactions struct {
	storage.Client
	n int
}

func (c *transactions) Get(ctx context.Context, key string) ([]byte, error) {
	c.n++
	return c.Client.Get(ctx, key)
}

func (c *transactions) Batch(ctx context.Context, operations ...*storage.Operation) error {
	c.n++
	return c.Client.Batch(ctx, operations...)
}

func TestAStartReadsTheLedgerInOneTransaction(t *testing.T) {
	counted := &transactions{Client: state.NewMemory()}
	New(func() {}, zap.NewNop()).Restore(t.Context(), state.Over(counted))
	assert.Equal(t, 1, counted.n)
}

// With the consent goes each body that nobody has taken, and comes again where it leaves after all.
func TestWithdrawDiscardsWhatNobodyTook(t *testing.T) {
	over := &shelf{Client: state.NewMemory()}
	store, err := state.Open(t.Context(), over, &disk, component.KindExtension, disk)
	require.NoError(t, err)
	l := New(func() {}, zap.NewNop())
	l.Restore(t.Context(), store)
	try := func(key string, status int) trust.Delivery {
		return trust.Delivery{Stat: "USAGE", Host: "collect.example.com:443", Body: []byte("body of " + key), Key: key, Status: status}
	}
	for key, status := range map[string]int{"taken": 200, "refused": 400, "later": 503, "lost": 0} {
		require.NoError(t, l.Sending(try(key, 0)))
		l.Delivered(try(key, status))
	}
	require.NoError(t, l.Sending(try("underway", 0)))
	require.NoError(t, l.Withdraw(t.Context()))

	bodies := func() map[string]string {
		again := New(func() {}, zap.NewNop())
		again.Restore(t.Context(), store)
		kept := map[string]string{}
		for _, e := range again.Snapshot() {
			assert.Equal(t, e.Body == nil, e.Discarded)
			kept[e.Key] = string(e.Body)
		}
		return kept
	}
	assert.Equal(t, map[string]string{"taken": "body of taken", "refused": "", "later": "", "lost": "", "underway": ""}, bodies())
	assert.Equal(t, len("body of taken"), l.bytes)

	l.Delivered(try("underway", 200))
	require.NoError(t, l.Sending(try("later", 0)))
	l.Delivered(try("lost", 503))
	assert.Equal(t, map[string]string{"taken": "body of taken", "refused": "", "later": "body of later", "lost": "", "underway": "body of underway"}, bodies())
	assert.Len(t, l.Snapshot(), 5)
}
