// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ofLine is an error of the parser, which names no first line.
var ofLine = regexp.MustCompile(`^(?:line (\d+): )?(.*)$`)

// unparsed is an error of the YAML parser in one line, with the line as editors count it, and what is mostly meant by it.
func unparsed(err error, text []byte) error {
	err = inOneLine(err)
	m := ofLine.FindStringSubmatch(err.Error())
	number, _ := strconv.Atoi(m[1])
	number = max(number, 1)
	if m[1] != "" && strings.HasPrefix(m[2], "did not find expected") { // where the parser counts from zero
		number++
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines[:min(number, len(lines))] {
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "\u00a0") { // of which the parser complains further down
			return fmt.Errorf("line %d: begins with a no-break space: indent with ordinary blanks alone", i+1)
		}
	}
	remedy := mostly(m[2], lines[min(number, len(lines))-1])
	if m[1] == "" && remedy == "" { // an error of the whole text
		return err
	}
	return fmt.Errorf("line %d: %s%s", number, m[2], remedy)
}

// mostly is what is to be done about an error of the parser; empty where that is not known.
func mostly(message, line string) string {
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return ": a tab stands where blanks belong: indent with blanks alone"
	case strings.Contains(message, "cannot start any token"):
		return ": a text that begins with %, @ or ` stands in quotes"
	case strings.Contains(message, "mapping values are not allowed"):
		return ": a text with a colon and a blank in it stands in quotes, and keys beside each other begin in one column"
	case strings.Contains(message, "expected ',' or"):
		return ": a bracket that opens here is not closed, or a text with brackets or commas in it lacks its quotes"
	case strings.Contains(message, "expected '-' indicator"):
		return ": entries with a dash and without stand beside each other: write all in one way"
	case strings.Contains(message, "did not find expected key"):
		return ": keys beside each other begin in one column"
	case strings.Contains(message, "could not find expected ':'"):
		return ": after a key stand a colon and a blank"
	case strings.Contains(message, "end of stream"):
		return ": a quote is not closed"
	default:
		return ""
	}
}
