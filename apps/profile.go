// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package apps

import (
	"io/fs"
	"strings"
)

// Profile is one of the embedded files, as the documents name it.
type Profile struct {
	// Name follows "app:" on the command line.
	Name string
	// Summary is one sentence.
	Summary string
	// Over names the profiles over which an overlay is laid: none for a profile that stands by
	// itself, and AnyProfile for an overlay of all.
	Over []string
}

// AnyProfile stands in Over for every profile.
const AnyProfile = "any profile"

// Profiles lists what is embedded, in order of the names. An overlay that several profiles have, each in a
// version of its own, is one entry: strict, not sql-explorer-strict.
func Profiles() []Profile {
	var all []Profile
	entry := map[string]int{}
	for _, file := range files() {
		p := describe(file)
		if at, known := entry[p.Name]; known {
			all[at].Over = append(all[at].Over, p.Over...)
			continue
		}
		entry[p.Name] = len(all)
		all = append(all, p)
	}
	return all
}

// describe reads a file's first comment. That of an overlay begins with what it is laid over:
// "Over a profile:" or "Over app:NAME:".
func describe(file string) Profile {
	text, _ := profiles.ReadFile(file + ".yaml")
	summary := firstSentence(string(text))
	over, rest, isOverlay := strings.Cut(strings.TrimPrefix(summary, "Over "), ": ")
	switch {
	case !isOverlay || !strings.HasPrefix(summary, "Over "):
		return Profile{Name: file, Summary: summary}
	case over == "a profile":
		return Profile{Name: file, Summary: rest, Over: []string{AnyProfile}}
	default:
		below := strings.TrimPrefix(over, scheme+":")
		return Profile{Name: strings.TrimPrefix(file, below+"-"), Summary: rest, Over: []string{below}}
	}
}

func firstSentence(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !isComment || strings.TrimSpace(comment) == "" {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	sentence, _, _ := strings.Cut(strings.Join(words, " ")+" ", ". ")
	return strings.TrimSuffix(strings.TrimSpace(sentence), ".")
}

// files are the embedded files' names, without what follows the last dot.
func files() []string {
	paths, _ := fs.Glob(profiles, "*.yaml")
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(path, ".yaml")
	}
	return names
}
