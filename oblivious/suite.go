// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// Suite is a key derivation function and an authenticated encryption, by their HPKE identifiers.
type Suite struct{ KDF, AEAD uint16 }

// nonceLength is Nn of every AEAD that HPKE has.
const nonceLength = 12

// parts are what a suite is made of; an error says which one is not known here.
func (s Suite) parts() (hpke.KDF, hpke.AEAD, error) {
	if _, err := s.hash(); err != nil {
		return nil, nil, err
	}
	if _, err := s.keyLength(); err != nil {
		return nil, nil, err
	}
	kdf, err := hpke.NewKDF(s.KDF)
	if err != nil {
		return nil, nil, err
	}
	aead, err := hpke.NewAEAD(s.AEAD)
	return kdf, aead, err
}

func (s Suite) known() bool {
	_, _, err := s.parts()
	return err == nil
}

func (s Suite) hash() (func() hash.Hash, error) {
	switch s.KDF {
	case hpke.HKDFSHA256().ID():
		return sha256.New, nil
	case hpke.HKDFSHA384().ID():
		return sha512.New384, nil
	case hpke.HKDFSHA512().ID():
		return sha512.New, nil
	}
	return nil, fmt.Errorf("key derivation function 0x%04x is not known", s.KDF)
}

func (s Suite) keyLength() (int, error) {
	switch s.AEAD {
	case hpke.AES128GCM().ID():
		return 16, nil
	case hpke.AES256GCM().ID(), hpke.ChaCha20Poly1305().ID():
		return 32, nil
	}
	return 0, fmt.Errorf("authenticated encryption 0x%04x is not known", s.AEAD)
}

// responseNonceLength is max(Nn, Nk): also the length of the secret that both sides export.
func (s Suite) responseNonceLength() int {
	length, _ := s.keyLength() // a context exists for known suites alone
	return max(nonceLength, length)
}

// responder is the AEAD of the one response to a request, and its nonce (RFC 9458, 4.4).
func (s Suite) responder(secret, enc, responseNonce []byte) (cipher.AEAD, []byte, error) {
	newHash, err := s.hash()
	if err != nil {
		return nil, nil, err
	}
	length, err := s.keyLength()
	if err != nil {
		return nil, nil, err
	}
	salt := append(append([]byte(nil), enc...), responseNonce...)
	prk, err := hkdf.Extract(newHash, secret, salt)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Expand(newHash, prk, "key", length)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := hkdf.Expand(newHash, prk, "nonce", nonceLength)
	if err != nil {
		return nil, nil, err
	}
	if s.AEAD == hpke.ChaCha20Poly1305().ID() {
		aead, err := chacha20poly1305.New(key)
		return aead, nonce, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return aead, nonce, err
}
