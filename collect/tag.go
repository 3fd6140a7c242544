// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// A report whose answers are random says in its Idempotency-Key under which rules, so
// that the makers do not estimate by other parameters: behind 128 random bits in
// hexadecimal and a point stands a tag for each such field.

const (
	// drawLength is that of the random part of a tagged key.
	drawLength = 32
	// tagLength is that of one tag, half of which is its field's name.
	tagLength = 8
	// maxTagged is the longest key that receivers take.
	maxTagged = 255
)

// Tag is what a tagged key says of one field.
type Tag struct{ name, rule string }

// NewTag is the tag of a field (a metric or a resource attribute, as origin says) whose
// answers are random by this rule, with its parameters. An empty rule draws nothing.
func NewTag(origin, rule string) Tag {
	t := Tag{name: shortHash(origin)}
	if rule != "" {
		t.rule = shortHash(origin + " " + rule)
	}
	return t
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:tagLength/2*6/8])
}

// Tagged is the key with the tags of a report's random fields. It is the key itself where
// there are none, or so many that no receiver would take it.
func Tagged(key string, tags []Tag) string {
	if len(tags) == 0 || len(key) != drawLength || len(key)+1+len(tags)*tagLength > maxTagged {
		return key
	}
	return key + "." + JoinTags(tags)
}

// JoinTags are the tags as they stand in a key; none are an empty text.
func JoinTags(tags []Tag) string {
	var joined strings.Builder
	for _, t := range tags {
		joined.WriteString(t.name)
		joined.WriteString(t.rule)
	}
	return joined.String()
}

// CutTags returns the part of a tagged key that is drawn, by which a repetition is known,
// and the tags. Any other key has none.
func CutTags(key string) (drawn, tags string) {
	drawn, tags, found := strings.Cut(key, ".")
	if !found || len(drawn) != drawLength || strings.Trim(drawn, "0123456789abcdef") != "" || tags == "" || len(tags)%tagLength != 0 {
		return key, ""
	}
	return drawn, tags
}

// Agrees reports whether a report with these tags was made by the tag's rule: it names it
// with the same parameters, or has no tag of the field where there is no rule. A report
// without any tags says nothing against it.
func (t Tag) Agrees(tags string) bool {
	if tags == "" {
		return true
	}
	for ; len(tags) >= tagLength; tags = tags[tagLength:] {
		if tags[:tagLength/2] == t.name {
			return tags[tagLength/2:tagLength] == t.rule
		}
	}
	return t.rule == ""
}
