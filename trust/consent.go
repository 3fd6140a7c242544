// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"

	"go.opentelemetry.io/collector/component"
)

// Consent answers whether, and how far, usage statistics may go.
// It may change at any time: ask before every reading and before every sending.
type Consent interface {
	// Mode returns the mode in force and, in words, who said so.
	Mode() (mode Mode, reason string)
}

// AlwaysOn is the consent of a component that no `consent:` key ties to an extension.
type AlwaysOn struct{}

// Mode is always On.
func (AlwaysOn) Mode() (Mode, string) { return On, "no consent extension is configured" }

// ConsentOf finds the extension that a component's `consent:` key names; a nil id asks nobody.
func ConsentOf(host component.Host, id *component.ID) (Consent, error) {
	if id == nil {
		return AlwaysOn{}, nil
	}
	return extension[Consent](host, *id, "consent", "the headcount extension")
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
