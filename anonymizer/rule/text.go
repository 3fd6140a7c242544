// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"

	"github.com/headcount-otel/headcount/conf"
)

// Text says what becomes of one attribute's value. Exactly one rule stands in an entry.
type Text struct {
	// Keep leaves the value as it is. It yields to every other rule in its entry.
	Keep bool `mapstructure:"keep,omitempty"`
	// Open says that Keep leaves any text, whatever it may be. Without it Keep leaves numbers and booleans.
	Open bool `mapstructure:"open,omitempty"`
	// Drop lets nothing through: an exception to a pattern. It wins over every other rule in its entry.
	Drop bool `mapstructure:"drop,omitempty"`
	// Redact replaces the value by the word "redacted": only that there is one leaves.
	Redact bool `mapstructure:"redact,omitempty"`
	// Allow lists the values that leave.
	Allow []string `mapstructure:"allow,omitempty"`
	// Other replaces a value that Allow does not list; without it, such a value is dropped.
	Other string `mapstructure:"other,omitempty"`
	// Version leaves the first parts of a version: major, minor or patch.
	Version VersionPart `mapstructure:"version,omitempty"`
	// Date leaves the period in which a time lies.
	Date *Date `mapstructure:"date,omitempty"`
	// Pseudonym replaces the value by a name that changes from period to period.
	Pseudonym *Pseudonym `mapstructure:"pseudonym,omitempty"`
	// RandomizedResponse leaves a random answer to a yes-or-no question, or one about each of some
	// values; of resource attributes only.
	RandomizedResponse *RandomizedResponse `mapstructure:"randomized_response,omitempty"`
}

// Words implements conf.Worded.
func (Text) Words() map[string]conf.Words { return map[string]conf.Words{"version": versionParts} }

// Validate checks that the entry says exactly one thing.
func (r Text) Validate() error {
	if err := versionParts.Check(string(r.Version)); err != nil {
		return fmt.Errorf("version: %w", err)
	}
	switch {
	case r.Other != "" && r.Allow == nil:
		return fmt.Errorf("other: %q replaces what allow does not list: write allow: [...] beside it", r.Other)
	case r.Allow != nil && len(r.Allow) == 0 && r.Other == "":
		return fmt.Errorf("allow: the list is empty: name the values that may leave")
	case r.Drop:
		return nil
	case r.Open && !r.Keep && len(r.said()) == 0:
		return fmt.Errorf("open: true says that keep leaves any text: write keep: true beside it")
	}
	return oneOf(r.said(), r.Keep, "keep: true, allow: [...], version: minor, date: {to: quarter} or pseudonym: {every: quarter}")
}

// said lists the rules of the entry of which only one may stand.
func (r Text) said() []string {
	return said(
		part{r.Redact, "redact"},
		part{r.Allow != nil, "allow"},
		part{r.Version != "", "version"},
		part{r.Date != nil, "date"},
		part{r.Pseudonym != nil, "pseudonym"},
		part{r.RandomizedResponse != nil, "randomized_response"},
	)
}

// Keeps reports whether the value may leave as it is, by what the rule does and not by what it is called.
func (r Text) Keeps() bool {
	return !r.Drop && (r.Keep && len(r.said()) == 0 || r.RandomizedResponse != nil && !r.RandomizedResponse.step(ofAttribute).hides())
}

// Renames reports whether what leaves is a name that changes in time.
func (r Text) Renames() bool { return !r.Drop && r.Pseudonym != nil && r.Pseudonym.Every != Never }

// Drops reports whether nothing leaves.
func (r Text) Drops() bool { return r.Drop }

// ofAttribute tells the draws for an attribute from those for a metric of the same name.
const ofAttribute = " of an attribute"

// Parameters name what is drawn once and for ever: when they change, it is drawn anew.
func (r Text) Parameters() string {
	if r.Drop || r.RandomizedResponse == nil {
		return ""
	}
	return r.RandomizedResponse.step(ofAttribute).parameters
}

// Sticky reports whether the entry draws once and for ever.
func (r Text) Sticky() bool { return r.Parameters() != "" }

// Remembers reports whether the entry needs storage.
func (r Text) Remembers() bool { return r.Sticky() || !r.Drop && r.Pseudonym != nil }

// Warnings say where the entry is weak whatever it is used on.
func (r Text) Warnings() []string {
	switch {
	case r.Drop:
		return nil
	case r.Pseudonym != nil && r.Pseudonym.Every == Never:
		return []string{"pseudonym that never changes: all reports of this installation can be joined"}
	case r.RandomizedResponse != nil:
		return []string{manyNeeded}
	default:
		return nil
	}
}
