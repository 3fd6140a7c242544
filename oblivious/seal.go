// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"slices"
)

// The labels of RFC 9458, 4.3 and 4.4.
const (
	requestLabel  = "message/bhttp request"
	responseLabel = "message/bhttp response"
)

// ErrUnreadable is all that is said of a message that does not open: whether it
// is another key's, another request's or was changed on its way cannot be told.
var ErrUnreadable = errors.New("an encapsulated message does not open: it is meant for another key, answers another request, or was changed on its way")

// header of a request: the key's identifier and the three algorithms.
func header(id byte, kem uint16, s Suite) []byte {
	b := binary.BigEndian.AppendUint16([]byte{id}, kem)
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, s.KDF), s.AEAD)
}

const headerLength = 7

func info(header []byte) []byte { return append(append([]byte(requestLabel), 0), header...) }

// Exchange is one request that was sealed, and opens its response alone.
type Exchange struct {
	suite  Suite
	enc    []byte
	sender *hpke.Sender
}

// Seal encapsulates a request, a binary HTTP message, for a gateway's key, with
// the first of its suites. Each call draws a new ephemeral key: seal anew for each try.
func Seal(key *PublicKey, request []byte) (message []byte, _ *Exchange, err error) {
	suite := key.Suites[0]
	kdf, aead, err := suite.parts()
	if err != nil {
		return nil, nil, err
	}
	head := header(key.ID, key.KEM(), suite)
	enc, sender, err := hpke.NewSender(key.key, kdf, aead, info(head))
	if err != nil {
		return nil, nil, err
	}
	sealed, err := sender.Seal(nil, request)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(head, enc, sealed), &Exchange{suite: suite, enc: enc, sender: sender}, nil
}

// Open decapsulates the response to the request, in the message's own memory.
func (x *Exchange) Open(message []byte) (response []byte, err error) {
	length := x.suite.responseNonceLength()
	if len(message) < length {
		return nil, ErrUnreadable
	}
	secret, err := x.sender.Export(responseLabel, length)
	if err != nil {
		return nil, err
	}
	aead, nonce, err := x.suite.responder(secret, x.enc, message[:length])
	if err != nil {
		return nil, err
	}
	sealed := message[length:]
	if response, err = aead.Open(sealed[:0], nonce, sealed, nil); err != nil {
		return nil, ErrUnreadable
	}
	return response, nil
}
