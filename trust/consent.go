// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
)

// Consent answers whether, and how far, usage statistics may go.
// It may change at any time: ask before every reading and before every sending.
type Consent interface {
	// Mode returns the mode in force and, in words, who said so.
	Mode() (mode Mode, reason string)
}

// AlwaysOn is the consent of a component that asks nobody.
type AlwaysOn struct{}

// Mode is always On.
func (AlwaysOn) Mode() (Mode, string) { return On, "no consent extension is configured" }

// Nobody is what a component's `consent:` key says to leave the component out: `consent: none`.
var Nobody = component.MustNewID("none")

// Member is a component that may ask for consent.
type Member struct {
	Kind component.Kind
	ID   component.ID
}

// String is the member as a log names it: processor anonymizer.
func (m Member) String() string { return fmt.Sprintf("%s %s", kindName(m.Kind), m.ID) }

func kindName(kind component.Kind) string {
	switch kind {
	case component.KindReceiver:
		return "receiver"
	case component.KindProcessor:
		return "processor"
	case component.KindExporter:
		return "exporter"
	case component.KindConnector:
		return "connector"
	default:
		return "extension"
	}
}

// Registrar is a Consent that knows who asks it.
type Registrar interface {
	Consent
	// Register is told by each component at its start whether it asks this consent.
	Register(member Member, asks bool)
}

// ConsentOf finds whom a member asks: the extension that its `consent:` key names.
// Without the key that is every extension that answers for consent, of which the
// strictest holds; nobody is asked where there is none, or where the key says none.
func ConsentOf(host component.Host, key *component.ID, member Member) (Consent, error) {
	asked, err := asked(host, key)
	if err != nil {
		return nil, err
	}
	for _, ext := range host.GetExtensions() {
		if registrar, ok := ext.(Registrar); ok {
			registrar.Register(member, slices.Contains(asked, Consent(registrar)))
		}
	}
	switch len(asked) {
	case 0:
		return AlwaysOn{}, nil
	case 1:
		return asked[0], nil
	default:
		return consents(asked), nil
	}
}

func asked(host component.Host, key *component.ID) ([]Consent, error) {
	switch {
	case key == nil:
		return every(host), nil
	case *key == Nobody:
		return nil, nil
	}
	named, err := extension[Consent](host, *key, "consent", "the headcount extension, or none to ask nobody")
	return []Consent{named}, err
}

// every lists the extensions that answer for consent, in order of their ids.
func every(host component.Host) (found []Consent) {
	extensions := host.GetExtensions()
	ids := slices.SortedFunc(maps.Keys(extensions), func(a, b component.ID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		if consent, ok := extensions[id].(Consent); ok {
			found = append(found, consent)
		}
	}
	return found
}

func extension[T any](host component.Host, id component.ID, key, want string) (T, error) {
	var none T
	ext, ok := host.GetExtensions()[id]
	if !ok {
		return none, fmt.Errorf("%s: extension %q is not running: name it under service::extensions and configure it under extensions", key, id)
	}
	found, ok := ext.(T)
	if !ok {
		return none, fmt.Errorf("%s: extension %q cannot serve here: write the id of %s", key, id, want)
	}
	return found, nil
}
