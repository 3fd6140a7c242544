// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"crypto/hmac"
	"crypto/sha256"
	"math"
	"time"
)

// identity stands for an installation's id, which is not kept: half of its
// HMAC-SHA-256 under a key that never leaves.
type identity [sha256.Size / 2]byte

func identityOf(key []byte, id string) (who identity) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id))
	copy(who[:], mac.Sum(nil))
	return who
}

// seconds since 1970 in UTC; good until 2106.
type seconds uint32

func secondsOf(t time.Time) seconds { return seconds(min(max(t.Unix(), 0), math.MaxUint32)) }

func (at seconds) time() time.Time { return time.Unix(int64(at), 0) }

// within reports whether at lies no further than window before now.
func (at seconds) within(window time.Duration, now seconds) bool {
	return at > 0 && time.Duration(int64(now)-int64(at))*time.Second <= window
}
