// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/dunglas/httpsfv"
)

const (
	signatureInput = "Signature-Input"
	signatureField = "Signature"

	// tag tells a report's signature from those that proxies add.
	tag       = "headcount"
	label     = "headcount"
	algorithm = "ed25519"
)

// covered is what is signed of a report: what it says, and under which
// Idempotency-Key, so that nobody who saw it can have it counted again.
var covered = []string{"@method", "content-type", "content-digest", "idempotency-key"}

// Fields are the header fields that Sign sets.
func Fields() []string { return []string{contentDigest, signatureInput, signatureField} }

// Grain is how exactly a signature tells its time: more exactly, an installation's clock would
// be a name of its own.
const Grain = time.Hour

// Sign puts into a request's header the digest of its body, and a signature of both.
// The request has its Content-Type and its Idempotency-Key.
func Sign(r *http.Request, body []byte, key ed25519.PrivateKey, at time.Time) error {
	r.Header[contentDigest] = []string{digest(body)}
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range covered {
		list.Items = append(list.Items, httpsfv.NewItem(name))
	}
	list.Params.Add("created", at.Truncate(Grain).Unix())
	list.Params.Add("keyid", base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey)))
	list.Params.Add("alg", algorithm)
	list.Params.Add("tag", tag)
	text, err := base(r, list)
	if err != nil {
		return err
	}
	inputs, signatures := httpsfv.NewDictionary(), httpsfv.NewDictionary()
	inputs.Add(label, list)
	signatures.Add(label, httpsfv.NewItem(ed25519.Sign(key, []byte(text))))
	for name, members := range map[string]*httpsfv.Dictionary{signatureInput: inputs, signatureField: signatures} {
		value, err := httpsfv.Marshal(members)
		if err != nil {
			return err
		}
		r.Header[name] = []string{value}
	}
	return nil
}
