// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"net/http"

	"github.com/dunglas/httpsfv"
)

const contentDigest = "Content-Digest"

var (
	errNoDigest    = errors.New("Content-Digest: write sha-256 or sha-512 of the body")
	errOtherDigest = errors.New("Content-Digest: the body has another digest")
)

// digest is the value of Content-Digest (RFC 9530, section 2).
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	members := httpsfv.NewDictionary()
	members.Add("sha-256", httpsfv.NewItem(sum[:]))
	text, _ := httpsfv.Marshal(members) // it is valid
	return text
}

// checkDigest checks each digest of a known algorithm, of which there is at least one.
func checkDigest(header http.Header, body []byte) error {
	members, err := httpsfv.UnmarshalDictionary(header[contentDigest])
	if err != nil {
		return errNoDigest
	}
	known := 0
	for _, algorithm := range members.Names() {
		var sum []byte
		switch algorithm {
		case "sha-256":
			short := sha256.Sum256(body)
			sum = short[:]
		case "sha-512":
			long := sha512.Sum512(body)
			sum = long[:]
		default:
			continue
		}
		known++
		member, _ := members.Get(algorithm)
		item, _ := member.(httpsfv.Item)
		if given, ok := item.Value.([]byte); !ok || !bytes.Equal(given, sum) {
			return errOtherDigest
		}
	}
	if known == 0 {
		return errNoDigest
	}
	return nil
}
