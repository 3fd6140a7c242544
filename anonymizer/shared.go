// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"sync"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// sharing is what the anonymizers of one program that use one storage have in common: the
// secret, or one number would be drawn for twice, and an observer could average.
type sharing struct {
	mutex   sync.Mutex
	secret  mechanism.Secret
	members map[component.ID]drawings
}

var sharings struct {
	sync.Mutex
	of map[component.Component]*sharing
}

// join takes part in what the anonymizers on a storage share. An error says that two would draw
// for one number in different ways.
func join(storage component.Component, id component.ID, secret mechanism.Secret, drawn drawings) (*sharing, error) {
	if storage == nil || !reflect.TypeOf(storage).Comparable() {
		return &sharing{secret: secret, members: map[component.ID]drawings{id: drawn}}, nil
	}
	sharings.Lock()
	defer sharings.Unlock()
	if sharings.of == nil {
		sharings.of = map[component.Component]*sharing{}
	}
	s := sharings.of[storage]
	if s == nil {
		s = &sharing{members: map[component.ID]drawings{}}
		sharings.of[storage] = s
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	none := mechanism.Secret{}
	for other, theirs := range s.members {
		if other == id {
			continue
		}
		if secret != none && s.secret != none && secret != s.secret {
			return nil, fmt.Errorf("processors::%s and processors::%s have two secrets on one storage, and would draw twice for one number: give one of them a storage of its own, or remove its file from the storage directory, so that it takes the other's", other, id)
		}
		if theirRule, ourRule, conflict := theirs.conflict(drawn); conflict {
			return nil, fmt.Errorf("processors::%s and processors::%s both draw by %s, with %s and with %s: two draws of one number let an observer average; write one rule, or give one of them a storage of its own",
				other, id, both(theirRule, ourRule), theirs[theirRule], drawn[ourRule])
		}
	}
	s.members[id] = drawn
	if s.secret == none {
		s.secret = secret
	}
	return s, nil
}

// obtain is the secret, made where there is none.
func (s *sharing) obtain() (mechanism.Secret, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.secret == (mechanism.Secret{}) {
		if _, err := rand.Read(s.secret[:]); err != nil {
			return s.secret, err
		}
	}
	return s.secret, nil
}

// forget: consent is withdrawn, and what comes after is another installation's.
func (s *sharing) forget() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.secret = mechanism.Secret{}
}

// leave takes part no longer.
func (s *sharing) leave(id component.ID) {
	sharings.Lock()
	defer sharings.Unlock()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if delete(s.members, id); len(s.members) > 0 {
		return
	}
	for storage, shared := range sharings.of {
		if shared == s {
			delete(sharings.of, storage)
		}
	}
}
