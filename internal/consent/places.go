// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/state"
)

// Place is one of the places in which the choice is kept.
type Place interface {
	// load returns nil when nothing was ever kept there.
	load(ctx context.Context) (*Choice, error)
	save(ctx context.Context, c Choice) error
}

// Files are the copies in the state folder. They do not hang on any component's name.
func Files(dir statedir.Dir) (places []Place) {
	if !dir.Known() {
		return nil
	}
	for _, path := range dir.Choices() {
		places = append(places, file(path))
	}
	return places
}

type file string

type envelope struct {
	Version int    `json:"version"`
	Choice  Choice `json:"choice"`
}

// saysAMode reports whether the file says which mode was chosen, be it that none
// was: one that lacks the key may have said off.
func saysAMode(content []byte) bool {
	var keys struct {
		Choice struct {
			Mode *string `json:"mode"`
		} `json:"choice"`
	}
	return json.Unmarshal(content, &keys) == nil && keys.Choice.Mode != nil
}

func (f file) load(context.Context) (*Choice, error) {
	content, err := statedir.Read(string(f))
	if err != nil || content == nil {
		return nil, err
	}
	var e envelope
	if err := json.Unmarshal(content, &e); err != nil || e.Version == 0 {
		return nil, fmt.Errorf("%s is garbled", string(f))
	}
	if e.Version != choiceVersion {
		return nil, fmt.Errorf("%s has version %d, this program reads version %d", string(f), e.Version, choiceVersion)
	}
	if !saysAMode(content) {
		return nil, fmt.Errorf("%s says no mode", string(f))
	}
	return &e.Choice, e.Choice.validate()
}

func (f file) save(_ context.Context, c Choice) error {
	content, err := json.Marshal(envelope{choiceVersion, c})
	if err != nil {
		return err
	}
	return statedir.Write(string(f), append(content, '\n'))
}

// Records is the extension's own part of a storage, where versions before this one kept the choice alone.
func Records(store state.Store) Place { return records{store} }

type records struct{ store state.Store }

// aRecordOfUse is kept by each program that ran to its end: beside it, no choice means that none was made.
const aRecordOfUse = "account"

func (r records) load(ctx context.Context) (*Choice, error) {
	var c Choice
	found, err := r.store.Load(ctx, choiceKey, choiceVersion, &c)
	if err != nil {
		return nil, err
	}
	if found {
		if !c.made() && !c.Undiscarded { // such a one is never kept there
			return nil, errors.New("the choice that is kept there says no mode")
		}
		return &c, c.validate()
	}
	used, err := r.store.Has(ctx, aRecordOfUse)
	if err != nil || !used {
		return nil, err
	}
	return &Choice{}, nil
}

func (r records) save(ctx context.Context, c Choice) error {
	if !c.made() && !c.Undiscarded {
		return nil // as it has always been
	}
	return r.store.Save(ctx, choiceKey, choiceVersion, c)
}

// everyPlace loads from all places: the strictest of what can be read, which places have to be written anew, and what is wrong.
func everyPlace(ctx context.Context, places []Place) (found *Choice, stale bool, damage error) {
	for _, place := range places {
		kept, err := place.load(ctx)
		switch {
		case err != nil:
			damage = errors.Join(damage, err)
		case kept == nil:
			stale = true
		case found == nil:
			found = kept
		default:
			held := strictest(*found, *kept)
			stale = stale || *kept != *found
			found = &held
		}
	}
	return found, stale || damage != nil, damage
}

// withBeside is what the places keep, and what lies beside them: where they know of no
// choice, or where a stricter one was made after theirs.
func withBeside(ctx context.Context, places, beside []Place) (found *Choice, damage error) {
	found, _, damage = everyPlace(ctx, places)
	other, _, unread := everyPlace(ctx, beside)
	switch {
	case other == nil && unread != nil && (found == nil || !found.made()): // it may have been off
		return nil, errors.Join(damage, unread)
	case other == nil:
		return found, damage
	case found == nil, other.mode() < found.mode() && found.Time.Before(other.Time):
		return other, damage
	}
	return found, damage
}

// Unreadable is a place of which only the error is known that keeps it from being read.
func Unreadable(err error) Place { return unreadable{err} }

type unreadable struct{ error }

func (u unreadable) load(context.Context) (*Choice, error) { return nil, u.error }

func (unreadable) save(context.Context, Choice) error { return nil }
