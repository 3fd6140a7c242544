// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"crypto/hpke"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrUnknownKey says that a request is for a key, or in a suite, that this gateway does not have.
var ErrUnknownKey = errors.New("a request is for a key that this gateway does not have")

// Gateway opens requests with one of its keys.
type Gateway struct{ keys map[byte]*PrivateKey }

// NewGateway takes the keys that are in use: a new one, and those that senders still have.
func NewGateway(keys ...*PrivateKey) (*Gateway, error) {
	g := &Gateway{keys: map[byte]*PrivateKey{}}
	for _, k := range keys {
		if _, twice := g.keys[k.ID]; twice {
			return nil, fmt.Errorf("two keys have the identifier %d: make one anew with another", k.ID)
		}
		g.keys[k.ID] = k
	}
	return g, nil
}

// Answer seals the one response to a request that a gateway opened.
type Answer struct {
	suite     Suite
	enc       []byte
	recipient *hpke.Recipient
}

// Open decapsulates a request: a binary HTTP message, perhaps padded. Its error
// is ErrUnknownKey, or that the message does not open; it tells nothing else.
func (g *Gateway) Open(message []byte) (request []byte, _ *Answer, err error) {
	if len(message) < headerLength {
		return nil, nil, ErrUnreadable
	}
	key, found := g.keys[message[0]]
	suite := Suite{KDF: binary.BigEndian.Uint16(message[3:]), AEAD: binary.BigEndian.Uint16(message[5:])}
	if !found || binary.BigEndian.Uint16(message[1:]) != key.KEM() || !slices.Contains(key.Suites, suite) {
		return nil, nil, ErrUnknownKey
	}
	length := encapsulatedLength[key.KEM()]
	head, sealed := message[:headerLength], message[headerLength:]
	if len(sealed) < length {
		return nil, nil, ErrUnreadable
	}
	kdf, aead, err := suite.parts()
	if err != nil {
		return nil, nil, err
	}
	enc := slices.Clone(sealed[:length])
	recipient, err := hpke.NewRecipient(enc, key.private, kdf, aead, info(head))
	if err != nil {
		return nil, nil, ErrUnreadable
	}
	if request, err = recipient.Open(nil, sealed[length:]); err != nil {
		return nil, nil, ErrUnreadable
	}
	return request, &Answer{suite: suite, enc: enc, recipient: recipient}, nil
}

// Seal encapsulates the response, a binary HTTP message.
func (a *Answer) Seal(response []byte) (message []byte, err error) {
	nonce := make([]byte, a.suite.responseNonceLength())
	_, _ = rand.Read(nonce) // it never fails
	return a.seal(nonce, response)
}

func (a *Answer) seal(responseNonce, response []byte) ([]byte, error) {
	secret, err := a.recipient.Export(responseLabel, len(responseNonce))
	if err != nil {
		return nil, err
	}
	aead, nonce, err := a.suite.responder(secret, a.enc, responseNonce)
	if err != nil {
		return nil, err
	}
	message := make([]byte, 0, len(responseNonce)+len(response)+aead.Overhead())
	return aead.Seal(append(message, responseNonce...), nonce, response, nil), nil
}

// encapsulatedLength is Nenc.
var encapsulatedLength = map[uint16]int{X25519: 32, P256: 65, XWing: 1120}
