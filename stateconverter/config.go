// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package stateconverter

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/trust"
)

// config is a whole configuration, as far as consent and storage go.
type config struct {
	sections  map[string]map[string]any // extensions, receivers, …: each component's section by its id
	started   []any                     // the extensions that the service starts
	pipelines map[string]pipeline
	decisions map[string]trust.Mode // of each headcount extension that is started
}

type pipeline struct {
	Receivers  []string `mapstructure:"receivers"`
	Processors []string `mapstructure:"processors"`
	Exporters  []string `mapstructure:"exporters"`
}

func read(conf *confmap.Conf, getenv func(string) string) (*config, bool) {
	var service struct {
		Extensions []string            `mapstructure:"extensions"`
		Pipelines  map[string]pipeline `mapstructure:"pipelines"`
	}
	under, err := conf.Sub("service")
	if err != nil || under.Unmarshal(&service, confmap.WithIgnoreUnused()) != nil {
		return nil, false
	}
	c := &config{sections: map[string]map[string]any{}, pipelines: service.Pipelines, decisions: map[string]trust.Mode{}}
	for _, kind := range []string{"extensions", "receivers", "processors", "exporters", "connectors"} {
		c.sections[kind], _ = conf.Get(kind).(map[string]any)
	}
	for _, id := range service.Extensions {
		c.started = append(c.started, id)
		if typeOf(id) != "headcount" {
			continue
		}
		cfg := headcount.NewFactory().CreateDefaultConfig().(*headcount.Config)
		section, _ := c.sections["extensions"][id].(map[string]any)
		if confmap.NewFromStringMap(section).Unmarshal(cfg) != nil {
			return nil, false
		}
		c.decisions[id] = cfg.Configured(getenv).Mode
	}
	return c, true
}

// directories are the folders of the headcount extensions' storage, where that is a file storage and the extension
// does not say itself. One without storage keeps the choice where those that ask keep what it is about.
func (c *config) directories() map[string]string {
	found := map[string]string{}
	for id := range c.decisions {
		section, _ := c.sections["extensions"][id].(map[string]any)
		storage, _ := section["storage"].(string)
		if storage == "" && len(c.decisions) == 1 { // of several, another one keeps it
			storage = c.storageOfAskers()
		}
		if own, _ := section["directory"].(string); own != "" {
			continue
		}
		if directory := c.folderOf(storage); directory != "" {
			found[id] = directory
		}
	}
	return found
}

// folderOf is the absolute folder of a file storage; empty for another storage, and where it is not known.
func (c *config) folderOf(storage string) string {
	cfg := filestorage.NewFactory().CreateDefaultConfig().(*filestorage.Config)
	files, _ := c.sections["extensions"][storage].(map[string]any)
	if typeOf(storage) != "file_storage" || confmap.NewFromStringMap(files).Unmarshal(cfg, confmap.WithIgnoreUnused()) != nil {
		return ""
	}
	directory, err := filepath.Abs(cfg.Directory)
	if err != nil {
		return ""
	}
	return directory
}

// beside are, by headcount extension with a folder, those of the other file storages that the components use which ask it.
func (c *config) beside() map[string][]string {
	found := map[string][]string{}
	own := c.directories()
	for id := range c.decisions {
		section, _ := c.sections["extensions"][id].(map[string]any)
		if directory, _ := section["directory"].(string); directory != "" {
			own[id] = directory
		}
		for _, user := range c.running() {
			used := c.sections[user.kind][user.id]
			if !asksFor(user, used, id) || own[id] == "" {
				continue
			}
			for _, storage := range c.started {
				folder := c.folderOf(storage.(string))
				if folder != "" && folder != own[id] && refersTo(used, storage.(string)) && !slices.Contains(found[id], folder) {
					found[id] = append(found[id], folder)
				}
			}
		}
		slices.Sort(found[id])
	}
	return found
}

// asksFor reports whether a component asks the extension: by its name, or every one.
func asksFor(user component, section any, extension string) bool {
	fields, _ := section.(map[string]any)
	named, _ := fields["consent"].(string)
	return asks(user, section) && (named == "" || named == extension)
}

// storageOfAskers is the file storage in service of a component that asks for consent, the first by its id; empty where none has one.
func (c *config) storageOfAskers() (first string) {
	for _, id := range c.started {
		storage := id.(string)
		if typeOf(storage) != "file_storage" || (first != "" && first < storage) {
			continue
		}
		if slices.ContainsFunc(c.running(), func(user component) bool {
			section := c.sections[user.kind][user.id]
			return asks(user, section) && refersTo(section, storage)
		}) {
			first = storage
		}
	}
	return first
}

// neededExtensions are the started ones without the file storages that only what is off would use.
func (c *config) neededExtensions() []any {
	return slices.DeleteFunc(slices.Clone(c.started), func(id any) bool {
		storage := id.(string)
		return typeOf(storage) == "file_storage" && c.isIdle(storage)
	})
}

// isIdle reports whether a storage has users, and all of them are off.
func (c *config) isIdle(storage string) bool {
	users := 0
	for _, user := range c.running() {
		section := c.sections[user.kind][user.id]
		if !refersTo(section, storage) {
			continue
		}
		if !c.isOff(user, section) {
			return false
		}
		users++
	}
	return users > 0
}

// isOff reports whether a component is one that asks for consent, and gets none.
func (c *config) isOff(user component, section any) bool {
	if mode, ours := c.decisions[user.id]; ours && user.kind == "extensions" {
		return mode == trust.Off
	}
	fields, _ := section.(map[string]any)
	switch named, _ := fields["consent"].(string); {
	case !asks(user, section) || len(c.decisions) == 0:
		return false
	case named != "":
		mode, known := c.decisions[named]
		return known && mode == trust.Off
	}
	for _, mode := range c.decisions {
		if mode == trust.Off { // of several the strictest holds
			return true
		}
	}
	return false
}

// asks reports whether a component is one that asks for consent: also the distribution's otlp receiver.
func asks(user component, section any) bool {
	fields, _ := section.(map[string]any)
	ours := consent.Asks(user.kind, typeOf(user.id)) || user.kind == "receivers" && typeOf(user.id) == "otlp"
	return ours && fields["consent"] != trust.Nobody.String()
}

type component struct{ kind, id string }

// running are the components that the service starts.
func (c *config) running() (all []component) {
	for _, id := range c.started {
		all = append(all, component{"extensions", id.(string)})
	}
	for _, p := range c.pipelines {
		for section, ids := range map[string][]string{"receivers": p.Receivers, "processors": p.Processors, "exporters": p.Exporters} {
			for _, id := range ids {
				kind := section
				if _, isConnector := c.sections["connectors"][id]; isConnector {
					kind = "connectors"
				}
				all = append(all, component{kind, id})
			}
		}
	}
	return all
}

// refersTo reports whether a section names the extension anywhere.
func refersTo(section any, extension string) bool {
	switch section := section.(type) {
	case string:
		return section == extension
	case map[string]any:
		for _, value := range section {
			if refersTo(value, extension) {
				return true
			}
		}
	case []any:
		for _, value := range section {
			if refersTo(value, extension) {
				return true
			}
		}
	}
	return false
}

// typeOf is a component id's type: file_storage of file_storage/state.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return kind
}
