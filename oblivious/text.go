// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
)

// pemType is what a file with a private key begins with.
const pemType = "OBLIVIOUS HTTP PRIVATE KEY"

// MarshalText is the private key as a PEM block: what a key file holds.
func (k *PrivateKey) MarshalText() ([]byte, error) {
	data, err := k.Marshal()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: data}), nil
}

// ParsePrivateKeyText reads a key file. Its error tells nothing of what the file holds.
func ParsePrivateKeyText(text []byte) (*PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, errors.New("no private key of Oblivious HTTP: make one with `headcount keys`")
	}
	return ParsePrivateKey(block.Bytes)
}

// KeysText is application/ohttp-keys in base64: what stands in a profile.
func KeysText(keys ...*PublicKey) string {
	return base64.StdEncoding.EncodeToString(AppendKeys(nil, keys...))
}

// ParseKeysText reads one or more of what KeysText wrote and `headcount keys` prints, one behind the other; white space
// does not count. Each four characters stand for themselves, so that padding may also stand between two keys.
func ParseKeysText(text string) ([]*PublicKey, error) {
	words := slices.DeleteFunc(strings.Fields(text), func(word string) bool { return word == printedBefore })
	var data []byte
	for four := range slices.Chunk([]byte(strings.Join(words, "")), 4) {
		var err error
		if data, err = base64.StdEncoding.AppendDecode(data, four); err != nil {
			return nil, errors.New("no base64: write what `headcount keys` prints")
		}
	}
	return ParseKeys(data)
}

// printedBefore is what `headcount keys` prints before a key, as the profile has it.
const printedBefore = "keys:"
