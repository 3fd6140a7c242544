// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/layers"
	"github.com/headcount-otel/headcount/internal/spelling"
)

// decoder says in an operator's words what the Collector's decoder refuses: it names Go's types, and neither the whole
// key nor the value, nor what to write instead.
type decoder struct {
	factories otelcol.Factories
	layers    []layers.Layer
}

// refused is an error of the decoder at a key.
type refused struct {
	path []string
	err  error
}

// inPlainWords is an error of the decoder as a person would say it, with the keys that it is about.
func inPlainWords(err error, all []layers.Layer, factories func() (otelcol.Factories, error)) ([][]string, error) {
	known, failed := factories()
	if failed != nil {
		return nil, err
	}
	return decoder{known, all}.reword(err)
}

// reword returns an error of the decoder in other words, with the keys that it is about, and any other error as it is.
func (d decoder) reword(err error) ([][]string, error) {
	var lines []string
	var paths [][]string
	for _, r := range refusals(err, nil) {
		for _, f := range d.explain(r) {
			lines, paths = append(lines, written(f.path)+": "+f.words), append(paths, f.path)
		}
	}
	if len(lines) == 0 {
		return nil, reworded{err, strings.TrimPrefix(err.Error(), ofConverters)}
	}
	return paths, reworded{err, strings.Join(lines, "\n")}
}

// fault is what is wrong at a key.
type fault struct {
	path  []string
	words string
}

// written is a path as messages have it; a key with what cannot be seen stands in quotes.
func written(path []string) string {
	keys := slices.Clone(path)
	for i, key := range keys {
		if strings.ContainsFunc(key, func(r rune) bool { return r != ' ' && (unicode.IsSpace(r) || !unicode.IsPrint(r)) }) {
			keys[i] = strconv.Quote(key)
		}
	}
	return strings.Join(keys, confmap.KeyDelimiter)
}

// ofConverters stands before what a check of ours says.
const ofConverters = "failed to get config: cannot resolve the configuration: cannot convert the confmap.Conf: "

var ofComponent = regexp.MustCompile(`^error reading configuration for "([^"]+)"`)

// refusals are the errors of the decoder within an error, each with its key; none where the decoder is not who speaks.
func refusals(err error, path []string) (all []refused) {
	named, isAtKey := err.(interface {
		Name() string
		Unwrap() error
	})
	if isAtKey {
		path = append(path[:len(path):len(path)], fieldPath(named.Name())...)
	} else if m := ofComponent.FindStringSubmatch(err.Error()); m != nil {
		path = append(path[:len(path):len(path)], m[1])
	}
	for _, below := range unwrapped(err) {
		all = append(all, refusals(below, path)...)
	}
	if isAtKey && len(all) == 0 {
		all = []refused{{path, innermost(named.Unwrap())}}
	}
	return all
}

// unwrapped are the errors right within an error.
func unwrapped(err error) []error {
	if below := errors.Unwrap(err); below != nil {
		return []error{below}
	}
	if joined, is := err.(interface{ Unwrap() []error }); is { //nolint:errorlint // each level is looked at in turn
		return joined.Unwrap()
	}
	return nil
}

// innermost is what stands behind the frames that the decoder and the Collector put around it.
func innermost(err error) error {
	for ofComponent.MatchString(err.Error()) || strings.HasPrefix(err.Error(), "decoding failed") {
		below := errors.Unwrap(err)
		if below == nil {
			break
		}
		err = below
	}
	return err
}

var ofGo = regexp.MustCompile(`^(\w+\.[A-Z]\w*|otelcol\.configSettings)$`)

// fieldPath splits a path as the decoder writes it, metrics[shop.orders].round; a type of Go's is none.
func fieldPath(text string) (path []string) {
	if ofGo.MatchString(text) {
		return nil
	}
	for text != "" {
		name, rest, isEntry := strings.Cut(text, "[")
		path = append(path, strings.FieldsFunc(name, func(r rune) bool { return r == '.' })...)
		if !isEntry {
			break
		}
		key, after, _ := strings.Cut(rest, "]")
		path, text = append(path, key), after
	}
	return path
}

var (
	invalidKeys = regexp.MustCompile(`^has invalid keys: ((?s).+)$`)
	unknownType = regexp.MustCompile(`^unknown type: "[^"]*" for id: "([^"]*)"`)
	unknownKey  = regexp.MustCompile(`^unknown key "([^"]+)"`)
	wrongKind   = regexp.MustCompile(`^(expected type '|expected a map or struct, got|source data must be an array or slice, got|time: |cannot parse value as|'[^']*' expected)`)
)

// explain says what is wrong at a key, or at those below it, and the remedy.
func (d decoder) explain(r refused) []fault {
	text := r.err.Error()
	if m := invalidKeys.FindStringSubmatch(text); m != nil {
		var faults []fault
		for key := range strings.SplitSeq(m[1], ", ") {
			faults = append(faults, d.unknown(r.path, key))
		}
		return faults
	}
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		return []fault{d.unknown(r.path, m[1])}
	}
	if m := unknownType.FindStringSubmatch(text); m != nil && len(r.path) == 1 {
		return []fault{d.unknownComponent(r.path[0], m[1])}
	}
	if wrongKind.MatchString(text) {
		if remedy := d.remedy(r.path); remedy != "" {
			text = remedy
		}
	}
	if key, rest, isOwn := strings.Cut(text, ": "); isOwn && slices.Contains(conf.Keys(d.typeAt(r.path)), key) {
		return []fault{{append(r.path[:len(r.path):len(r.path)], key), rest}}
	}
	return []fault{{r.path, text}}
}

// unknown is a key that its struct does not have.
func (d decoder) unknown(path []string, key string) fault {
	return fault{append(path[:len(path):len(path)], key), "is unknown" + instead(key, conf.Keys(d.typeAt(path)))}
}

// unknownComponent is one of a type that this program does not have.
func (d decoder) unknownComponent(group, id string) fault {
	kind, _, _ := strings.Cut(id, "/")
	return fault{[]string{group, id}, fmt.Sprintf("this program has no %s %s%s", strings.TrimSuffix(group, "s"), kind, instead(kind, Types(d.factories)[group]))}
}

// instead says what to write in place of a name; nothing where no other is known.
func instead(name string, known []string) string {
	if meant := spelling.Nearest(name, known); meant != "" && len(name) > 2 {
		return ": if " + meant + " was meant, write that"
	}
	if len(known) == 0 {
		return ""
	}
	return ": write one of " + strings.Join(known, ", ")
}
