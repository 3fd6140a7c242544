// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func generated(t testing.TB, id byte, kem uint16) *PrivateKey {
	t.Helper()
	key, err := GenerateKey(id, kem)
	require.NoError(t, err)
	return key
}

// published is a key as a sender gets it.
func published(t testing.TB, key *PrivateKey) *PublicKey {
	t.Helper()
	keys, err := ParseKeys(AppendKeys(nil, &key.PublicKey))
	require.NoError(t, err)
	require.Len(t, keys, 1)
	return keys[0]
}

func TestEachMechanismAndSuite(t *testing.T) {
	for _, kem := range []uint16{X25519, P256, XWing} {
		for _, suite := range []Suite{{1, 1}, {1, 2}, {1, 3}, {2, 1}, {3, 2}, {3, 3}} {
			t.Run(fmt.Sprintf("%04x/%04x/%04x", kem, suite.KDF, suite.AEAD), func(t *testing.T) {
				key := generated(t, 7, kem)
				key.Suites, key.listed = []Suite{suite}, []Suite{suite}
				gateway, err := NewGateway(key)
				require.NoError(t, err)
				message, exchange, err := Seal(published(t, key), []byte("request"))
				require.NoError(t, err)
				request, answer, err := gateway.Open(message)
				require.NoError(t, err)
				assert.Equal(t, "request", string(request))
				sealed, err := answer.Seal([]byte("response"))
				require.NoError(t, err)
				response, err := exchange.Open(sealed)
				require.NoError(t, err)
				assert.Equal(t, "response", string(response))
			})
		}
	}
}

func TestNothingRepeatsFromOneTryToTheNext(t *testing.T) {
	key := published(t, generated(t, 1, X25519))
	first, _, err := Seal(key, []byte("the same"))
	require.NoError(t, err)
	second, _, err := Seal(key, []byte("the same"))
	require.NoError(t, err)
	assert.Equal(t, first[:headerLength], second[:headerLength])
	assert.False(t, bytes.Equal(first[headerLength:headerLength+32], second[headerLength:headerLength+32]), "an ephemeral key is drawn for each")
	assert.Len(t, second, len(first))
}

func TestAnAnswerToAnotherRequestDoesNotOpen(t *testing.T) {
	key := generated(t, 1, X25519)
	gateway, err := NewGateway(key)
	require.NoError(t, err)
	var answers [2][]byte
	var exchanges [2]*Exchange
	for i := range exchanges {
		message, exchange, err := Seal(&key.PublicKey, []byte("request"))
		require.NoError(t, err)
		_, answer, err := gateway.Open(message)
		require.NoError(t, err)
		answers[i], err = answer.Seal([]byte("response"))
		require.NoError(t, err)
		exchanges[i] = exchange
	}
	_, err = exchanges[0].Open(answers[1])
	require.ErrorIs(t, err, ErrUnreadable)
	_, err = exchanges[0].Open(answers[0])
	require.NoError(t, err)
}

func TestAChangedByteDoesNotOpen(t *testing.T) {
	key := generated(t, 1, X25519)
	gateway, err := NewGateway(key)
	require.NoError(t, err)
	message, _, err := Seal(&key.PublicKey, []byte("request"))
	require.NoError(t, err)
	for i := range message {
		changed := slices.Clone(message)
		changed[i] ^= 1
		_, _, err := gateway.Open(changed)
		require.Error(t, err, "byte %d", i)
	}
	for cut := range message {
		_, _, err := gateway.Open(message[:cut])
		require.Error(t, err, "cut to %d bytes", cut)
	}
}

func TestUnknownKey(t *testing.T) {
	gateway, err := NewGateway(generated(t, 1, X25519), generated(t, 2, P256))
	require.NoError(t, err)
	message, _, err := Seal(&generated(t, 3, X25519).PublicKey, []byte("request"))
	require.NoError(t, err)
	_, _, err = gateway.Open(message)
	require.ErrorIs(t, err, ErrUnknownKey)

	_, err = NewGateway(generated(t, 1, X25519), generated(t, 1, P256))
	require.ErrorContains(t, err, "two keys have the identifier 1")
}

// A list may offer what only newer senders know; that does not make it unreadable.
func TestUnknownEntriesOfAListAreLeftOut(t *testing.T) {
	known := AppendKeys(nil, &generated(t, 1, X25519).PublicKey)
	foreign := []byte{9, 0xab, 0xcd, 1, 2, 3, 0, 4, 0, 1, 0, 1}
	list := append(binary.BigEndian.AppendUint16(nil, uint16(len(foreign))), foreign...)
	keys, err := ParseKeys(append(slices.Clone(list), known...))
	require.NoError(t, err)
	require.Len(t, keys, 1)
	assert.EqualValues(t, 1, keys[0].ID)

	_, err = ParseKeys(list)
	require.ErrorContains(t, err, "no key of a mechanism that is known")
	for cut := 1; cut < len(known); cut++ {
		_, err := ParseKeys(known[:cut])
		require.Error(t, err, "cut to %d bytes", cut)
	}

	other := generated(t, 4, X25519)
	other.listed = []Suite{{KDF: 0x77, AEAD: 1}, {KDF: 1, AEAD: 3}}
	assert.Equal(t, []Suite{{KDF: 1, AEAD: 3}}, published(t, other).Suites, "a suite that is not known is not chosen")
}

// A key changes by two lines of what `headcount keys` prints, one behind the other, as documented.
func TestKeysAreReadAsTheyArePrinted(t *testing.T) {
	older, err := GenerateKey(1, X25519)
	require.NoError(t, err)
	newer, err := GenerateKey(2, XWing)
	require.NoError(t, err)
	one, two := KeysText(&newer.PublicKey), KeysText(&older.PublicKey)
	for name, text := range map[string]string{
		"one list":      KeysText(&newer.PublicKey, &older.PublicKey),
		"a blank":       one + " " + two,
		"none":          one + two,
		"printed lines": "keys: " + one + "\nkeys: " + two + "\r\n",
		"wrapped lines": one[:76] + "\n" + one[76:] + "\n" + two[:3] + "\n" + two[3:],
	} {
		keys, err := ParseKeysText(text)
		require.NoError(t, err, name)
		assert.Equal(t, KeysText(&newer.PublicKey, &older.PublicKey), KeysText(keys...), name)
	}
	for _, text := range []string{"keys: ?", one + "," + two, one[:len(one)-1], "key: " + one} {
		_, err := ParseKeysText(text)
		require.Error(t, err, text)
	}
}

func TestPrivateKeySurvivesItsFile(t *testing.T) {
	for _, kem := range []uint16{X25519, P256, XWing} {
		key := generated(t, 5, kem)
		data, err := key.Marshal()
		require.NoError(t, err)
		back, err := ParsePrivateKey(data)
		require.NoError(t, err)
		assert.Equal(t, key.key.Bytes(), back.key.Bytes())
		assert.Equal(t, key.ID, back.ID)
		_, err = ParsePrivateKey(data[:len(data)-1])
		require.Error(t, err)
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add(AppendKeys(nil, &generated(f, 1, X25519).PublicKey, &generated(f, 2, P256).PublicKey))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParseKeys(data)
		if err != nil {
			return
		}
		back, err := ParseKeys(AppendKeys(nil, keys...))
		require.NoError(t, err)
		require.Equal(t, keys, back)
	})
}

func FuzzGatewayOpen(f *testing.F) {
	key := generated(f, 1, X25519)
	gateway, err := NewGateway(key)
	require.NoError(f, err)
	message, _, err := Seal(&key.PublicKey, []byte("request"))
	require.NoError(f, err)
	f.Add(message)
	f.Fuzz(func(t *testing.T, data []byte) {
		request, _, err := gateway.Open(data)
		if err == nil {
			require.Equal(t, "request", string(request), "nobody else has sealed anything")
		}
	})
}
