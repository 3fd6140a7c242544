// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/trust"
)

// unaskedComponents finds components beside a headcount extension that do not say whether they ask it, and
// those that say that they do not.
func unaskedComponents(c *config) []string {
	extension := slices.IndexFunc(c.started, func(id string) bool { return of[headcount.Config](c.extensions, id) != nil })
	if extension < 0 {
		return nil
	}
	var warnings []string
	for _, a := range c.askers() {
		switch {
		case a.consent == nil:
			warnings = append(warnings, fmt.Sprintf("%s: missing beside extensions::%s: write consent: %s, or consent: none for what is no part of what was asked",
				a.key, c.started[extension], c.started[extension]))
		case *a.consent == trust.Nobody:
			warnings = append(warnings, fmt.Sprintf("%s: none beside extensions::%s: this component goes on when usage statistics are off: write consent: %s if it is a part of them",
				a.key, c.started[extension], c.started[extension]))
		}
	}
	return warnings
}

// unstartedExtensions finds headcount extensions of which none is started, while components of ours run that would
// ask one: whatever was said to it, nobody would be asked.
func unstartedExtensions(c *config) (errs []string) {
	var configured []string
	for _, id := range c.extensions.ids() {
		if of[headcount.Config](c.extensions, id) == nil {
			continue
		}
		if slices.Contains(c.started, id) {
			return nil
		}
		configured = append(configured, id)
	}
	if len(configured) == 0 {
		return nil
	}
	for _, a := range c.askers() {
		if a.consent == nil {
			errs = append(errs, fmt.Sprintf("%s: missing, and extensions::%s is configured and not started, so that nobody would be asked: add %s to service::extensions, or write consent: none",
				a.key, configured[0], configured[0]))
		}
	}
	return errs
}

// unheededModes finds headcount extensions that nobody asks, stricter than those that are asked: who wrote that
// mode would take it to hold.
func unheededModes(c *config) (errs []string) {
	asked, loosest := c.asked(), trust.Off
	for _, id := range asked {
		loosest = max(loosest, c.mode(id))
	}
	for _, id := range c.extensions.ids() {
		says, _ := c.written["extensions::"+id].(map[string]any)
		if says["mode"] == nil || slices.Contains(asked, id) || c.mode(id) >= loosest {
			continue
		}
		errs = append(errs, fmt.Sprintf("extensions::%[1]s::mode: %[2]s would not hold, because no component asks %[1]s: write it under extensions::%[3]s, which they ask, or consent: %[1]s in each of them, and %[1]s in service::extensions",
			id, c.mode(id), asked[0]))
	}
	return errs
}

// asked are the headcount extensions that a component in service asks.
func (c *config) asked() (ids []string) {
	started := ofType(c.started, "headcount")
	for _, a := range c.askers() {
		switch {
		case a.consent == nil:
			ids = append(ids, started...)
		case slices.Contains(started, a.consent.String()):
			ids = append(ids, a.consent.String())
		}
	}
	return ids
}

// mode is the one that a headcount extension writes; what cannot be read is off.
func (c *config) mode(id string) trust.Mode {
	cfg := of[headcount.Config](c.extensions, id)
	if cfg == nil {
		return trust.Off
	}
	mode, _ := trust.ParseMode(cfg.Mode)
	return mode
}

// asker is a component in service that can ask for consent.
type asker struct {
	key     string // of its consent
	consent *component.ID
}

func (c *config) askers() (found []asker) {
	for _, kind := range c.sections() {
		for _, id := range kind.ids() {
			if consent, has := consentOf(kind.configs[id]); has && c.inService(kind.name, id) {
				found = append(found, asker{fmt.Sprintf("%s::%s::consent", kind.name, id), consent})
			}
		}
	}
	return found
}

// consentOf reads whether a configuration has the key, and what is written there.
func consentOf(cfg component.Config) (consent *component.ID, has bool) {
	v := reflect.ValueOf(cfg)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	field := v.Elem().FieldByName("Consent")
	if !field.IsValid() {
		return nil, false
	}
	consent, has = field.Interface().(*component.ID)
	return consent, has
}

// silencedSignals finds files that would take a variable's say away.
func silencedSignals(c *config) []string {
	var warnings []string
	for _, id := range slices.Sorted(maps.Keys(c.environment)) {
		written := c.environment[id]
		for _, name := range slices.Sorted(maps.Keys(written)) {
			key := fmt.Sprintf("extensions::%s::environment::%s", id, name)
			meaning, always := trust.Everywhere()[name]
			switch {
			case written[name] == nil:
				warnings = append(warnings, key+": null would take away a way to say no: a file may add variables, not remove them; remove the entry")
			case always && written[name] != string(meaning):
				warnings = append(warnings, fmt.Sprintf("%s: %v is not what everybody means by it: write %s, or remove the entry", key, written[name], meaning))
			}
		}
	}
	return warnings
}
