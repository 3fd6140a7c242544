// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dotenv

import (
	"strings"
	"unicode"
)

// readPython reads as python-dotenv does: quoted values may span lines, a value ends at a
// comment with a blank before it, and a line that is none of this is left out.
func (f *File) readPython(text string) {
	f.python = map[string]string{}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for s := (pythonScanner{text: text}); ; {
		s.skip(pythonSpace)
		if s.done() {
			return
		}
		start := s.at
		key, value, isKey, ok := s.binding()
		if !ok {
			s.restOfLine()
			f.unread[1+strings.Count(text[:start], "\n")] = text[start:s.at]
			continue
		}
		if isKey {
			delete(f.unresolved, key)
			f.python[key] = f.resolve(key, value)
		}
	}
}

type pythonScanner struct {
	text string
	at   int
}

func (s *pythonScanner) done() bool { return s.at >= len(s.text) }

func (s *pythonScanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.text[s.at]
}

// skip passes over what is in the class, and returns it.
func (s *pythonScanner) skip(class func(rune) bool) string {
	rest := s.text[s.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !class(r) })
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return rest[:end]
}

func (s *pythonScanner) restOfLine() {
	s.skip(func(r rune) bool { return r != '\n' })
	s.at = min(s.at+1, len(s.text))
}

// binding reads one; without a key it is a comment, and ok is false where it is neither.
func (s *pythonScanner) binding() (key, value string, isKey, ok bool) {
	if after, exported := strings.CutPrefix(s.text[s.at:], "export"); exported && strings.TrimLeftFunc(after, pythonBlank) != after {
		s.at += len("export")
		s.skip(pythonBlank)
	}
	switch {
	case s.peek() == '#':
	case s.peek() == '\'':
		quoted, _, closed := strings.Cut(s.text[s.at+1:], "'")
		if !closed || quoted == "" {
			return "", "", false, false
		}
		key, isKey = quoted, true
		s.at += len(quoted) + 2
	default:
		key, isKey = s.skip(func(r rune) bool { return r != '=' && r != '#' && !pythonSpace(r) }), true
		if key == "" {
			return "", "", false, false
		}
	}
	s.skip(pythonBlank)
	if isKey && s.peek() == '=' {
		s.at++
		blank := s.skip(pythonBlank) != ""
		if onlyComment := blank && s.peek() == '#'; !onlyComment {
			if value, ok = s.value(); !ok {
				return "", "", false, false
			}
		}
	}
	s.skip(pythonBlank)
	if s.peek() == '#' {
		s.skip(func(r rune) bool { return r != '\n' })
	}
	if !s.done() && s.peek() != '\n' {
		return "", "", false, false
	}
	s.restOfLine()
	return key, value, isKey, true
}

func (s *pythonScanner) value() (value string, ok bool) {
	quote := s.peek()
	if quote != '\'' && quote != '"' {
		return unquoted(s.skip(func(r rune) bool { return r != '\n' })), true
	}
	end := closing(s.text[s.at+1:], quote)
	if end < 0 {
		return "", false
	}
	value = s.text[s.at+1 : s.at+1+end]
	s.at += end + 2
	escapes := `\'`
	if quote == '"' {
		escapes = `\'"abfnrtv`
	}
	return unescape(value, escapes), true
}

// closing is where a quoted text ends: at the first quote that no backslash escapes; -1 where there is none.
func closing(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return -1
}

// unquoted ends a value before a comment.
func unquoted(text string) string {
	for i := range text {
		if text[i] == '#' && i > 0 && strings.TrimRightFunc(text[:i], pythonSpace) != text[:i] {
			text = text[:i]
			break
		}
	}
	return strings.TrimRightFunc(text, pythonSpace)
}

func unescape(text, escapes string) string {
	meaning := map[byte]byte{'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte(escapes, text[i+1]) >= 0 {
			i++
			if special, is := meaning[text[i]]; is {
				out.WriteByte(special)
			} else {
				out.WriteByte(text[i])
			}
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// resolve puts values in the place of references: ${NAME} and ${NAME:-default}.
func (f *File) resolve(key, value string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(value, "${")
		inside, after, closed := strings.Cut(rest, "}")
		name, fallback, hasFallback := strings.Cut(inside, ":-")
		if found && closed && strings.Contains(name, ":") { // no reference
			out.WriteString(before + "${")
			value = rest
			continue
		}
		out.WriteString(before)
		if !found || !closed {
			if found {
				out.WriteString("${" + rest)
			}
			return out.String()
		}
		known, is := f.python[name]
		if !is {
			known, is = lookupEnv(name)
		}
		switch {
		case is:
			out.WriteString(known)
		case hasFallback:
			out.WriteString(fallback)
		default:
			f.unresolved[key] = true
		}
		value = after
	}
}

// pythonSpace is what Python's \\s matches.
func pythonSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// pythonBlank is pythonSpace within a line.
func pythonBlank(r rune) bool { return r != '\n' && r != '\r' && pythonSpace(r) }
