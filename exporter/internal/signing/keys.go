// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"

	"github.com/headcount-otel/headcount/collect/signature"
	"github.com/headcount-otel/headcount/state"
)

// Keys are the keys of one exporter's reports. It is safe for concurrent use.
type Keys struct {
	store   state.Store
	permits func() bool

	mu     sync.Mutex
	secret *signature.Secret // nil before its first use
}

// errWithheld: consent was withdrawn in between.
var errWithheld = errors.New("consent was withdrawn: no key is made")

// Open reads the secret that store keeps; it makes none. Where store keeps nothing it
// returns nil, which signs nothing: keys that change with each start would have an
// endpoint refuse the reports of its own installations.
func Open(ctx context.Context, store state.Store, permits func() bool) (*Keys, error) {
	if !store.Keeps() {
		return nil, nil
	}
	k := &Keys{store: store, permits: permits}
	secret, found, err := store.LoadSecret(ctx)
	if found {
		k.secret = (*signature.Secret)(&secret)
	}
	return k, err
}

// KeyOf returns the installation's key. The secret is stored before its first use.
func (k *Keys) KeyOf(ctx context.Context, installation string) (ed25519.PrivateKey, error) {
	if k == nil {
		return nil, nil
	}
	secret, err := k.obtain(ctx)
	if err != nil {
		return nil, err
	}
	return secret.Key(installation), nil
}

func (k *Keys) obtain(ctx context.Context) (*signature.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret != nil {
		return k.secret, nil
	}
	if !k.permits() { // withdrawn since this report was let through: Forget is not undone
		return nil, errWithheld
	}
	secret, err := k.store.MakeSecret(ctx)
	if err != nil {
		return nil, err
	}
	k.secret = (*signature.Secret)(&secret)
	return k.secret, nil
}

// Forget forgets the secret, in memory and in the storage's file: consent is withdrawn.
// What comes after a new consent has other keys.
func (k *Keys) Forget(ctx context.Context) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secret = nil
	return k.store.ForgetSecret(ctx)
}
