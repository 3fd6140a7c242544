// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"strings"
	"unicode/utf8"
)

// line is what is left of a line.
type line struct {
	rest string
	// isOpen: it is OpenMetrics, in which a blank stands only where it has to.
	isOpen bool
}

// blanks skips those that may stand between any two parts.
func (l *line) blanks() {
	if !l.isOpen {
		l.rest = strings.TrimLeft(l.rest, " \t")
	}
}

// take reads past what follows, if it does.
func (l *line) take(what string) bool {
	l.blanks()
	after, found := strings.CutPrefix(l.rest, what)
	l.rest = after
	return found
}

// field is what follows until the next blank.
func (l *line) field() (text string) {
	if l.isOpen && !l.take(" ") {
		return ""
	}
	l.blanks()
	end := strings.IndexAny(l.rest, " \t")
	if end < 0 {
		end = len(l.rest)
	}
	text, l.rest = l.rest[:end], l.rest[end:]
	return text
}

// name is a metric's or a label's, in quotation marks where it has other signs than letters, digits, underscores and
// those that may stand in it besides; it is empty where there is none.
func (l *line) name(besides string) (name string, quoted bool) {
	l.blanks()
	if strings.HasPrefix(l.rest, `"`) {
		name, _ = l.quoted()
		return name, true
	}
	end := 0
	for ; end < len(l.rest); end++ {
		c := l.rest[end]
		isLetter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || strings.IndexByte(besides, c) >= 0
		if !isLetter && (end == 0 || c < '0' || c > '9') {
			break
		}
	}
	name, l.rest = l.rest[:end], l.rest[end:]
	return name, false
}

// keyword is what a comment begins with that says something of a family.
func (l *line) keyword() (word string, found bool) {
	for _, word := range []string{"TYPE", "HELP", "UNIT"} {
		after, found := strings.CutPrefix(strings.TrimLeft(l.rest, " \t"), word)
		switch {
		case !found || after == "":
		case l.isOpen && l.rest[0] == ' ' && l.rest[1] == word[0] && after[0] == ' ',
			!l.isOpen && word != "UNIT" && isBlank(l.rest[0]) && isBlank(after[0]):
			l.rest = after[1:]
			return word, true
		}
	}
	return "", false
}

// said is what a comment says of its family, after one blank.
func (l *line) said() (text string, ok bool) {
	if l.rest == "" {
		return "", !l.isOpen
	}
	return l.rest[1:], isText(l.rest) && (l.rest[0] == ' ' || l.rest[0] == '\t' && !l.isOpen)
}

var escapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n")

// quoted is a text in quotation marks.
func (l *line) quoted() (text string, ok bool) {
	if !l.take(`"`) {
		return "", false
	}
	for end := 0; end < len(l.rest); end++ {
		switch l.rest[end] {
		case '\\':
			if end++; end < len(l.rest) && l.rest[end] == '\n' {
				return "", false
			}
		case '"':
			text, l.rest = escapes.Replace(l.rest[:end]), l.rest[end+1:]
			return text, true
		}
	}
	return "", false
}

// quotes reports whether a text ends within quotation marks, where it began within some or not.
func quotes(text string, within bool) bool {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && within:
			i++
		case text[i] == '"':
			within = !within
		}
	}
	return within
}

// labels reads on to the closing brace. A name in quotation marks with no value is the metric's, where metric takes it.
func (l *line) labels(into map[string]string, metric *string) bool {
	for !l.take("}") {
		name, quoted := l.name("")
		switch {
		case name == "":
			return false
		case l.take("="):
			value, ok := l.quoted()
			if _, twice := into[name]; !ok || twice || name == "__name__" {
				return false
			}
			into[name] = value
		case !quoted || metric == nil || *metric != "":
			return false
		default:
			*metric = name
		}
		if !l.take(",") && !strings.HasPrefix(l.rest, "}") {
			return false
		}
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isText(s string) bool { return utf8.ValidString(s) }
