// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

const (
	serviceName = "service.name"
	instanceID  = "service.instance.id"
)

// of finds the installation that a resource belongs to, or makes it; nil when there are as many as may be. p.mu is held.
func (p *installationProcessor) of(attributes pcommon.Map) *installation {
	key := p.cfg.Identity.key(attributes)
	i, known := p.installations[key]
	if !known {
		if len(p.installations) >= p.cfg.MaxInstallations {
			return nil
		}
		i = newInstallation(key, p.cfg.Identity.ID)
		p.installations[key] = i
	}
	return i
}

// key tells installations apart. Each part has its length before it: joined by a
// separator, different attributes could be one key.
func (c *Identity) key(attributes pcommon.Map) string {
	if c.ID != "" {
		return "" // all is one installation
	}
	var key []byte
	for _, name := range c.Per {
		value := ""
		if v, ok := attributes.Get(name); ok {
			value = v.AsString()
		}
		key = append(binary.AppendUvarint(key, uint64(len(value))), value...)
	}
	return string(key)
}

// lacksName reports whether an application that is to be known by its name says none; an SDK then says unknown_service,
// often with the interpreter's name.
func (c *Identity) lacksName(attributes pcommon.Map) bool {
	if c.ID != "" || !slices.Contains(c.Per, serviceName) {
		return false
	}
	name, says := attributes.Get(serviceName)
	return !says || name.AsString() == "" || strings.HasPrefix(name.AsString(), "unknown_service")
}

// newID is the id that the operator gave, or one drawn for good.
func newID(given string) string {
	if given != "" {
		return given
	}
	return uuid.NewString()
}

// processOf tells the processes of an installation apart: by the id that their SDK
// draws, else by all that they say of themselves.
func processOf(attributes pcommon.Map) string {
	if id, ok := attributes.Get(instanceID); ok && id.AsString() != "" {
		return id.AsString()
	}
	return digest(attributes)
}

// writerOf tells apart who counts within a process: two libraries may each have a metric of one name.
func writerOf(process string, scope pcommon.InstrumentationScope) string {
	return string(appendPart(appendPart(appendPart(appendPart(nil, process), scope.Name()), scope.Version()), digest(scope.Attributes())))
}

// digest is short, and differs where attributes do.
func digest(attributes pcommon.Map) string {
	hash := fnv.New128a()
	raw := attributes.AsRaw()
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		v, _ := attributes.Get(name)
		_, _ = hash.Write(binary.AppendUvarint(nil, uint64(len(name))))
		_, _ = hash.Write([]byte(name))
		_, _ = hash.Write(binary.AppendUvarint(nil, uint64(len(v.AsString()))))
		_, _ = hash.Write([]byte(v.AsString()))
	}
	return string(hash.Sum(nil))
}
