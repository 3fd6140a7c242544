// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"crypto/rand"
	"errors"
)

// secretKey is the key of a component's secret, from which it derives keys.
const secretKey = "secret"

const secretVersion = 1

var errGarbledSecret = errors.New(`stored state "secret" is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew`)

// LoadSecret reads the component's secret, and reports whether there is one. One that
// cannot be read is an error: it is never made anew in silence.
func (s Store) LoadSecret(ctx context.Context) (secret [32]byte, found bool, err error) {
	var record []byte
	found, err = s.Load(ctx, secretKey, secretVersion, &record)
	if err != nil || !found {
		return secret, false, err
	}
	if copy(secret[:], record) != len(secret) || len(record) != len(secret) || secret == [32]byte{} {
		return [32]byte{}, false, errGarbledSecret
	}
	return secret, true, nil
}

// MakeSecret draws a secret; when it returns it, it is stored.
func (s Store) MakeSecret(ctx context.Context) (secret [32]byte, err error) {
	_, _ = rand.Read(secret[:]) // never fails
	return secret, s.Save(ctx, secretKey, secretVersion, secret[:])
}

// ForgetSecret removes the secret, and what the storage's file still has of it.
func (s Store) ForgetSecret(ctx context.Context) error { return s.Forget(ctx, secretKey) }
