// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
)

// sectionsOf are the configurations of all components of one type, by their ids.
func sectionsOf[C any](merged *confmap.Conf, group string, factory component.Factory) (map[string]*C, error) {
	all, err := merged.Sub(group)
	if err != nil {
		return nil, err
	}
	found := map[string]*C{}
	for name := range all.ToStringMap() {
		var id component.ID
		if id.UnmarshalText([]byte(name)) != nil || id.Type() != factory.Type() {
			continue
		}
		cfg := factory.CreateDefaultConfig()
		section, err := all.Sub(name)
		if err == nil {
			err = section.Unmarshal(cfg)
		}
		if err != nil {
			return nil, fmt.Errorf("%s::%s: %w", group, name, err)
		}
		found[name] = any(cfg).(*C)
	}
	return found, nil
}
