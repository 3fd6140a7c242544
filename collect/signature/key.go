// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
)

// Secret is what the keys of an installation's ids derive from.
type Secret [32]byte

// The first part of what a key derives from; a change of how it does changes it.
const keyVersion = "headcount-signature-v1"

// Key is the key pair of one id, as it leaves. HMAC-SHA-256 of the id makes it: whoever
// sees the keys of two ids cannot tell whether one secret is behind them.
func (s Secret) Key(id string) ed25519.PrivateKey {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(keyVersion)) // of a fixed length, so that nothing joins with the id
	mac.Write([]byte(id))
	return ed25519.NewKeyFromSeed(mac.Sum(nil))
}
