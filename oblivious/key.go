// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The key encapsulation mechanisms that a key can be made for, by their HPKE identifiers.
const (
	X25519 uint16 = 0x0020
	P256   uint16 = 0x0010
	// XWing is ML-KEM-768 with X25519: it holds also where one day one of the two does not.
	XWing uint16 = 0x647a
)

// DefaultSuites are what a new key offers, the first preferred.
var DefaultSuites = []Suite{{KDF: 1, AEAD: 1}, {KDF: 1, AEAD: 3}}

// PublicKey is a gateway's key configuration (RFC 9458, 3.1), as makers publish it.
type PublicKey struct {
	// ID tells the gateway which of its keys a request is for.
	ID byte
	// Suites are those that the gateway accepts and this package knows, in the gateway's order.
	Suites []Suite

	key    hpke.PublicKey
	listed []Suite // with those that are not known here
}

// PrivateKey is a gateway's key with its secret part.
type PrivateKey struct {
	PublicKey
	private hpke.PrivateKey
}

// errKeys is a key configuration that is cut, or no such thing.
var errKeys = errors.New("no key configuration of Oblivious HTTP (application/ohttp-keys)")

// GenerateKey makes a key for a mechanism, with DefaultSuites.
func GenerateKey(id byte, kem uint16) (*PrivateKey, error) {
	mechanism, err := newKEM(kem)
	if err != nil {
		return nil, err
	}
	private, err := mechanism.GenerateKey()
	if err != nil {
		return nil, err
	}
	return newPrivateKey(id, private), nil
}

func newPrivateKey(id byte, private hpke.PrivateKey) *PrivateKey {
	suites := slices.Clone(DefaultSuites)
	return &PrivateKey{PublicKey: PublicKey{ID: id, Suites: suites, listed: suites, key: private.PublicKey()}, private: private}
}

// newKEM is the mechanism of an identifier: those above alone, because others have not been tried with anyone.
func newKEM(id uint16) (hpke.KEM, error) {
	if id != X25519 && id != P256 && id != XWing {
		return nil, fmt.Errorf("key encapsulation mechanism 0x%04x is not known", id)
	}
	return hpke.NewKEM(id)
}

// ParsePrivateKey reads what PrivateKey.Marshal wrote.
func ParsePrivateKey(data []byte) (*PrivateKey, error) {
	if len(data) < 3 {
		return nil, errors.New("no private key of Oblivious HTTP")
	}
	mechanism, err := newKEM(binary.BigEndian.Uint16(data[1:]))
	if err != nil {
		return nil, err
	}
	private, err := mechanism.NewPrivateKey(data[3:])
	if err != nil {
		return nil, errors.New("no private key of Oblivious HTTP") // crypto/hpke's error could tell of the key
	}
	return newPrivateKey(data[0], private), nil
}

// Marshal is the key's identifier, its mechanism, and the key as RFC 9180 serializes it.
func (k *PrivateKey) Marshal() ([]byte, error) {
	secret, err := k.private.Bytes()
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint16([]byte{k.ID}, k.KEM()), secret...), nil
}

// KEM is the identifier of the key's mechanism.
func (k *PublicKey) KEM() uint16 { return k.key.KEM().ID() }

// AppendKeys appends keys as application/ohttp-keys, each behind its length, the preferred first.
func AppendKeys(b []byte, keys ...*PublicKey) []byte {
	for _, k := range keys {
		entry := binary.BigEndian.AppendUint16([]byte{k.ID}, k.KEM())
		entry = append(entry, k.key.Bytes()...)
		entry = binary.BigEndian.AppendUint16(entry, uint16(4*len(k.listed)))
		for _, s := range k.listed {
			entry = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(entry, s.KDF), s.AEAD)
		}
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(entry))), entry...)
	}
	return b
}

// ParseKeys reads application/ohttp-keys. An entry of a mechanism or of suites
// that are not known here is left out, as RFC 9458, 3.2 has it: a list may offer
// what only newer senders know. A list without one that is known is an error.
func ParseKeys(data []byte) ([]*PublicKey, error) {
	var keys []*PublicKey
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errKeys
		}
		entry := data[2 : 2+binary.BigEndian.Uint16(data)]
		data = data[2+len(entry):]
		key, err := ParseKey(entry)
		switch {
		case errors.Is(err, errKeys):
			return nil, err
		case err == nil:
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key of a mechanism that is known here: X25519, P-256 or X-Wing")
	}
	return keys, nil
}

// ParseKey reads one key configuration, without a length before it.
func ParseKey(entry []byte) (*PublicKey, error) {
	if len(entry) < 3 {
		return nil, errKeys
	}
	mechanism, err := newKEM(binary.BigEndian.Uint16(entry[1:]))
	if err != nil {
		return nil, err
	}
	rest := entry[3:]
	length := publicKeyLength[mechanism.ID()]
	if len(rest) < length+2 {
		return nil, errKeys
	}
	key, err := mechanism.NewPublicKey(rest[:length])
	if err != nil {
		return nil, errKeys
	}
	suites := rest[length+2:]
	if len(suites)%4 != 0 || len(suites) == 0 || len(suites) != int(binary.BigEndian.Uint16(rest[length:])) {
		return nil, errKeys
	}
	k := &PublicKey{ID: entry[0], key: key}
	for ; len(suites) > 0; suites = suites[4:] {
		s := Suite{KDF: binary.BigEndian.Uint16(suites), AEAD: binary.BigEndian.Uint16(suites[2:])}
		k.listed = append(k.listed, s)
		if s.known() {
			k.Suites = append(k.Suites, s)
		}
	}
	if len(k.Suites) == 0 {
		return nil, errors.New("a key whose suites are all unknown")
	}
	return k, nil
}

// publicKeyLength is Npk.
var publicKeyLength = map[uint16]int{X25519: 32, P256: 65, XWing: 1216}
