// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/conf"
)

// VersionPart says how much of a version leaves.
type VersionPart string

const (
	Major VersionPart = "major"
	Minor VersionPart = "minor"
	Patch VersionPart = "patch"
)

var versionParts = conf.WordsOf(Major, Minor, Patch)

// versionStep cuts a version. Few have more numbers than three, so that to the patch mostly all of it leaves.
func versionStep(part VersionPart) *TextStep {
	step := &TextStep{Description: "cut to the " + string(part) + " version", apply: version(part)}
	if part == Patch {
		step.Whole, step.Guarantee = true, "A version of up to three numbers leaves exact."
	}
	return step
}

// A number longer than this is an identifier or a secret rather than a part of a version; a date fits.
const maxVersionDigits = 8

// cutVersion returns at most the wanted numbers of a version, without the v
// before it and without what follows its numbers (a pre-release, a build);
// false when the text is no version.
func cutVersion(text string, part VersionPart) (string, bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "v")
	if uuidBegins.MatchString(text) {
		return "", false
	}
	numbers := text[:len(text)-len(strings.TrimLeft(text, "0123456789."))]
	numbers = strings.TrimSuffix(numbers, ".") // of 1.2.dev3
	if suffix := text[len(numbers):]; suffix != "" && !versionSuffix(suffix) && !(strings.Contains(numbers, ".") && afterBlank.MatchString(suffix)) {
		return "", false
	}
	if looksLikeAddress(numbers) {
		return "", false
	}
	parts := strings.Split(numbers, ".")
	if slices.ContainsFunc(parts, func(p string) bool { return p == "" || len(p) > maxVersionDigits }) {
		return "", false
	}
	wanted := slices.Index(versionParts, string(part)) + 1
	return strings.Join(parts[:min(wanted, len(parts))], "."), true
}

// Versions of four numbers mostly begin with a small one.
const greatestMajorOfFour = 31

// looksLikeAddress finds IPv4 addresses, of which three numbers would still name the network: private and
// local ones, and those that begin as no version does, with zeros before their numbers too, as some write
// them. 8.8.8.8 may be either, and 10.0.0.0 is a version of .NET.
func looksLikeAddress(numbers string) bool {
	parts := strings.Split(numbers, ".")
	if len(parts) != 4 {
		return false
	}
	var address [4]uint64
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return false
		}
		address[i] = n
	}
	return address[0] > greatestMajorOfFour || address[0] == 10 && address[3] != 0
}

// uuidBegins finds identifiers that begin with digits.
var uuidBegins = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-`)

// afterBlank is what may stand behind a blank: 2.7.2 (compatible), 7.1 beta 2. Else a text merely starts with digits.
var afterBlank = regexp.MustCompile(`^[ \t]+([(\[+-]|(?i:alpha|beta|rc|pre|dev|nightly|build|rev|release)\b)`)

// versionSuffix tells 1.2-rc1, 1.2+build, 1.2rc1 and 1.2.dev3 from what merely starts with digits.
func versionSuffix(s string) bool {
	s = strings.TrimLeft(s, ".-+_~")
	return s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= '0' && s[0] <= '9')
}
