// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"math"
	"regexp"
	"strings"

	"gopkg.in/ini.v1"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errReference = &source.Error{Reason: "the value refers by %(…)s to another that is not in its section: write it out"}

	reference = regexp.MustCompile(`%\([^)]*\)s`)
)

var errLines = &source.Error{Reason: "readers of INI files differ in whether the next line belongs to the value: keep it on one line, without a backslash at its end, and its neighbours as far indented as it is"}

// sections are the values of an INI file, by section and name.
type sections map[string]map[string]any

// parseINI reads sections and their values as texts; what stands before the first section has no section around it.
// Some readers let a value go on in the next line, behind a backslash or where that is indented
// deeper, and others do not: where that makes a difference nothing is read, for the next line may be a secret's.
func parseINI(data []byte) (any, error) {
	data = unquote(data)
	joined, err := readINI(outdent(data), ini.LoadOptions{AllowPythonMultilineValues: true})
	if err != nil {
		return nil, err
	}
	apart, err := readINI(data, ini.LoadOptions{IgnoreContinuation: true})
	if err != nil {
		return nil, err
	}
	joined.dispute(apart)
	apart.dispute(joined)
	root := map[string]any{}
	for name, value := range joined[ini.DefaultSection] {
		root[name] = value
	}
	inherits := defaults.Match(data)
	for section, values := range joined {
		if inherits { // as Python's configparser has it
			for name, value := range joined[ini.DefaultSection] {
				if _, own := values[name]; !own {
					values[name] = value
				}
			}
		}
		if inherits || section != ini.DefaultSection {
			root[section] = values
		}
	}
	return root, nil
}

// defaults is the header of the section whose values the others have too.
var defaults = regexp.MustCompile(`(?m)^[ \t]*\[DEFAULT\]`)

// dispute marks what the others have otherwise, or what spans lines.
func (s sections) dispute(others sections) {
	for section, values := range others {
		if s[section] == nil {
			s[section] = map[string]any{}
		}
		for name, value := range values {
			if text, _ := value.(string); s[section][name] != value || strings.Contains(text, "\n") {
				s[section][name] = unclear{errLines}
			}
		}
	}
}

func readINI(data []byte, options ini.LoadOptions) (sections, error) {
	options.AllowBooleanKeys, options.SkipUnrecognizableLines = true, true
	options.SpaceBeforeInlineComment = true
	options.AllowShadows = true
	file, err := ini.LoadSources(options, data)
	if err != nil {
		return nil, firstUnread(data, func(part []byte) error {
			_, err := ini.LoadSources(options, part)
			return err
		})
	}
	found := sections{}
	for _, section := range file.Sections() {
		values := map[string]any{}
		for _, key := range section.Keys() {
			values[key.Name()] = key.String()
			switch {
			case len(key.ValueWithShadows()) > 1:
				values[key.Name()] = unclear{errTwice}
			case reference.MatchString(key.String()):
				values[key.Name()] = unclear{errReference}
			case strings.HasPrefix(key.String(), lone):
				values[key.Name()] = unclear{errLines}
			}
		}
		found[section.Name()] = values
	}
	return found, nil
}

// lone stands before a quote that does not end on its line.
const lone = "\x00"

// unquote marks such quotes, so that they are a character like another: to the library they would
// begin a name or a value that swallows the lines behind it.
func unquote(data []byte) []byte {
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		text := strings.TrimLeft(line, " \t")
		at := strings.IndexAny(line, "=:") + 1
		value := strings.TrimLeft(line[at:], " \t")
		switch {
		case opens(text, `"`), opens(text, "`"):
			line = lone + text
		case at > 0 && (opens(value, `"""`) || opens(value, "`")):
			line = line[:at] + lone + value
		}
		out.WriteString(line)
	}
	return []byte(out.String())
}

// opens reports whether a text begins with a quote and has no second one.
func opens(text, quote string) bool {
	inside, quoted := strings.CutPrefix(text, quote)
	return quoted && !strings.Contains(inside, quote)
}

// outdent takes their indentation from the lines that begin a value, as Python's configparser tells them: what is
// indented deeper than the name above it goes on with that one's value.
func outdent(data []byte) []byte {
	var out strings.Builder
	level := math.MaxInt // of the last name: nothing goes on with a section
	for line := range strings.Lines(string(data)) {
		text := strings.TrimLeft(line, " \t")
		indent := len(line) - len(text)
		switch {
		case strings.TrimSpace(text) == "", text[0] == '#', text[0] == ';':
		case indent > level:
			text = line
		case text[0] == '[':
			level = math.MaxInt
		default:
			level = indent
		}
		out.WriteString(text)
	}
	return []byte(out.String())
}
