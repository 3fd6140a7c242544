// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/conf"
)

func itself(name string) string { return name }

func TestMostSpecificNameWins(t *testing.T) {
	rules := conf.Map[string]{}
	for _, name := range []string{"shop.*", "shop.orders.*", "shop.*.count", "shop.orders.count", "sho*"} {
		rules[name] = name
	}
	found := index(rules, itself)
	for name, want := range map[string]string{
		"shop.orders.count":  "shop.orders.count",
		"shop.orders.x":      "shop.orders.*",
		"shop.returns.count": "shop.*.count",
		"shop.x":             "shop.*",
		"shop.":              "shop.*",
		"shop":               "sho*",
		"sh":                 "",
		"my.shop.orders":     "",
	} {
		got, _ := found.find(name)
		assert.Equal(t, want, got, name)
	}
}

func TestPatternsMatchAsTheRegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab][ab*]{0,5}\*[ab*]{0,3}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "name")
		want := regexp.MustCompile("^" + strings.ReplaceAll(glob, "*", ".*") + "$").MatchString(name)
		_, got := index(conf.Map[string]{glob: ""}, itself).find(name)
		assert.Equal(t, want, got, "%s on %s", glob, name)
	})
}

func TestIntersectFindsEveryCommonName(t *testing.T) {
	alphabet := []string{""}
	for from := 0; len(alphabet) < 1<<8-1; from++ {
		alphabet = append(alphabet, alphabet[from]+"a", alphabet[from]+"b")
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[ab][ab*]{0,4}`).Draw(t, "a")
		b := rapid.StringMatching(`[ab][ab*]{0,4}`).Draw(t, "b")
		common := false
		for _, name := range alphabet { // all names of at most 7 letters; the longest least common one has fewer
			common = common || matchesGlob(a, name) && matchesGlob(b, name)
		}
		assert.Equal(t, common, intersect(a, b), "%s and %s", a, b)
	})
}

func matchesGlob(glob, name string) bool {
	if !isPattern(glob) {
		return glob == name
	}
	return pattern[int]{literals: strings.Split(glob, "*")}.matches(name)
}
