// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/dunglas/httpsfv"
)

// Signer is who signed a report, and when.
type Signer struct {
	// Key is the public key, which came with the report.
	Key ed25519.PublicKey
	// Created is the signature's time, to the Grain.
	Created time.Time
	// Expires is zero where the signature does not say.
	Expires time.Time
}

// ErrUnsigned says that there is no signature of a report, whatever proxies have signed.
var ErrUnsigned = errors.New("this report is not signed")

// needed is what a signature has to cover at least.
var needed = []string{"@method", "content-digest", "idempotency-key"}

// Verify checks a request's signature against the key that comes with it. Whose key that
// is, and whether the signature is of now, is for the caller to say. Its errors repeat
// nothing of the request.
func Verify(r *http.Request, body []byte) (*Signer, error) {
	list, name, err := ours(r.Header)
	if err != nil {
		return nil, err
	}
	signer, err := signerOf(list.Params)
	if err != nil {
		return nil, err
	}
	for _, component := range needed {
		if !slices.ContainsFunc(list.Items, func(item httpsfv.Item) bool { return item.Value == component }) {
			return nil, errors.New("Signature-Input: cover at least @method, content-digest and idempotency-key")
		}
	}
	text, err := base(r, list)
	if err != nil {
		return nil, err
	}
	signatures, err := httpsfv.UnmarshalDictionary(r.Header[signatureField])
	if err != nil {
		return nil, errNoSignature
	}
	member, _ := signatures.Get(name)
	item, _ := member.(httpsfv.Item)
	given, ok := item.Value.([]byte)
	if !ok {
		return nil, errNoSignature
	}
	if !ed25519.Verify(signer.Key, []byte(text), given) {
		return nil, errors.New("the Signature is not that of this report")
	}
	return signer, checkDigest(r.Header, body)
}

var (
	errNoInput     = errors.New("Signature-Input: it cannot be read")
	errTwo         = errors.New("Signature-Input: two signatures have the tag \"headcount\": write one")
	errNoSignature = errors.New("there is no Signature under the name that Signature-Input has")
)

// ours is what the one signature with our tag covers, and its name.
func ours(header http.Header) (list httpsfv.InnerList, name string, err error) {
	if len(header[signatureInput]) == 0 {
		return list, "", ErrUnsigned
	}
	inputs, err := httpsfv.UnmarshalDictionary(header[signatureInput])
	if err != nil {
		return list, "", errNoInput
	}
	for _, candidate := range inputs.Names() {
		member, _ := inputs.Get(candidate)
		found, ok := member.(httpsfv.InnerList)
		if !ok || found.Params == nil {
			continue
		}
		if value, _ := found.Params.Get("tag"); value != tag {
			continue
		}
		if name != "" {
			return list, "", errTwo
		}
		list, name = found, candidate
	}
	if name == "" {
		return list, "", ErrUnsigned
	}
	return list, name, nil
}

func signerOf(parameters *httpsfv.Params) (*Signer, error) {
	if value, given := parameters.Get("alg"); given && value != algorithm {
		return nil, errors.New("Signature-Input: write alg=\"ed25519\"")
	}
	text, _ := parameters.Get("keyid")
	encoded, _ := text.(string)
	key, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("Signature-Input: write the Ed25519 public key as keyid, in base64url without padding")
	}
	signer := &Signer{Key: key}
	created, _ := parameters.Get("created")
	seconds, ok := created.(int64)
	if !ok {
		return nil, errors.New("Signature-Input: write created, in Unix seconds")
	}
	signer.Created = time.Unix(seconds, 0)
	if expires, given := parameters.Get("expires"); given {
		seconds, ok := expires.(int64)
		if !ok {
			return nil, errors.New("Signature-Input: write expires in Unix seconds")
		}
		signer.Expires = time.Unix(seconds, 0)
	}
	return signer, nil
}
