// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/magiconair/properties"
	"github.com/pelletier/go-toml/v2"
	"github.com/tailscale/hujson"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"howett.net/plist"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/dotenv"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Format is how a document is written.
type Format string

// The formats that other packages name.
const (
	JSON   Format = "json"
	YAML   Format = "yaml"
	TOML   Format = "toml"
	Dotenv Format = "dotenv"
	Text   Format = "text"
)

// formats have, for the name of each, how it is read, and what is said of what cannot be.
var formats = map[Format]struct {
	parse   func(data []byte) (root any, err error)
	damaged string
}{
	JSON:         {parseJSON, "it is no JSON, or not one document"},
	"jsonc":      {parseJSONC, "it is no JSON with comments, or not one document"},
	YAML:         {parseYAML, "it is no YAML, or not one document"},
	TOML:         {parseTOML, "it is no TOML"},
	Dotenv:       {parseDotenv, "it is no text"},
	"ini":        {parseINI, "it is no INI file"},
	"properties": {parseProperties, "it is no list of properties"},
	"plist":      {parsePlist, "it is no property list"},
	Text:         {parseText, "it is no text"},
}

// Formats are the names of all formats.
var Formats = []Format{JSON, "jsonc", YAML, TOML, Dotenv, "ini", "properties", "plist", Text}

// parse reads a document. A byte order mark is no part of it.
func parse(format Format, data []byte) (any, error) {
	known := formats[format]
	unmarked, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	var root any
	if err == nil {
		root, err = known.parse(unmarked)
	}
	if err != nil {
		reason := known.damaged
		if line := lineOf(err); line > 0 {
			reason = fmt.Sprintf("%s: see line %d", reason, line)
		}
		return nil, &source.Error{Reason: reason, SessionLost: true}
	}
	return root, nil
}

func parseJSONC(data []byte) (any, error) {
	plain, err := hujson.Standardize(onlyJSON(data))
	if err != nil {
		return nil, err
	}
	return parseJSON(plain)
}

func parseTOML(data []byte) (any, error) {
	var table map[string]any
	if err := toml.Unmarshal(data, &table); err != nil {
		return nil, err
	}
	return literalTOML(table, data), nil
}

func parseDotenv(data []byte) (any, error) {
	return dotenv.Parse(data), nil
}

// parseProperties reads what Java writes: in UTF-8, or in Latin-1 as it did before.
func parseProperties(data []byte) (any, error) {
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	if !utf8.Valid(data) {
		loader.Encoding = properties.ISO_8859_1
	}
	all, err := loader.LoadBytes(data)
	if err != nil {
		return nil, err
	}
	root := map[string]any{}
	for name, value := range all.Map() {
		root[name] = value
	}
	return root, nil
}

func parsePlist(data []byte) (root any, err error) {
	_, err = plist.Unmarshal(data, &root)
	return root, err
}

func parseText(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("no UTF-8")
	}
	return strings.TrimSpace(string(data)), nil
}
