// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"crypto/hmac"
	"crypto/sha256"
	"math"
	"time"
	"unique"
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

// within reports whether at lies no further than window before now.
func (at seconds) within(window time.Duration, now seconds) bool {
	return at > 0 && time.Duration(int64(now)-int64(at))*time.Second <= window
}

// answer is what one installation said of one figure: a number or a text. The
// zero answer says nothing.
type answer struct {
	number float64
	text   unique.Handle[string]
	at     seconds
}

// words are the text, empty for a number.
func (a answer) words() string {
	if a.text == (unique.Handle[string]{}) {
		return ""
	}
	return a.text.Value()
}

// installation is what is remembered of one: its latest answer to each figure.
type installation struct {
	seen    seconds
	answers []answer
}

// installations are those that are remembered, at most max of them. Once it is
// full, known ones are still heard and new ones are not: whoever sends random ids
// can take the free places, and nobody's place.
type installations struct {
	key     []byte
	max     int
	figures int
	known   map[identity]*installation
	// changed marks the shards, by an identity's first byte, that are to be saved.
	changed [shards]bool
}

// hear notes that an installation reported now; it is nil when there is no place for it.
func (i *installations) hear(id string, now seconds) *installation {
	who := identityOf(i.key, id)
	known, met := i.known[who]
	if !met {
		if len(i.known) >= i.max {
			return nil
		}
		known = &installation{answers: make([]answer, i.figures)}
		i.known[who] = known
	}
	known.seen = now
	i.changed[who[0]] = true
	return known
}

// forget removes the installations that were not seen within the window.
func (i *installations) forget(window time.Duration, now seconds) {
	for who, known := range i.known {
		if !known.seen.within(window, now) {
			delete(i.known, who)
			i.changed[who[0]] = true
		}
	}
}
