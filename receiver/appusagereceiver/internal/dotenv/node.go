// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dotenv

import (
	"strings"
	"unicode"
)

// readNode reads as dotenv of Node.js does: names of letters, digits, _, . and -; values in three
// kinds of quotes that may span lines, or up to the first #; no references.
func readNode(text string) map[string]string {
	found := map[string]string{}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for at := 0; at < len(text); {
		key, value, end := nodeBinding(text, at)
		if end > at {
			found[key] = value
			at = end
		}
		line := strings.IndexByte(text[at:], '\n')
		if line < 0 {
			return found
		}
		at += line + 1
	}
	return found
}

// nodeBinding reads one at the beginning of a line, and returns where it ends; at itself when there is none.
func nodeBinding(text string, at int) (key, value string, end int) {
	from := skipNode(text, at)
	if after := strings.TrimPrefix(text[from:], "export"); len(after) < len(text)-from {
		if begin := skipNode(text, len(text)-len(after)); begin > len(text)-len(after) {
			if key, value, end = nodeVariable(text, begin); end > 0 {
				return key, value, end
			}
		}
	}
	if key, value, end = nodeVariable(text, from); end > 0 {
		return key, value, end
	}
	return "", "", at
}

// nodeVariable reads a name and its value; end is 0 when there is none.
func nodeVariable(text string, at int) (key, value string, end int) {
	end = at
	for end < len(text) && nodeName(text[end]) {
		end++
	}
	if key = text[at:end]; key == "" {
		return "", "", 0
	}
	if equals := skipNode(text, end); equals < len(text) && text[equals] == '=' {
		end = equals + 1
	} else if end+1 < len(text) && text[end] == ':' && skipNode(text, end+1) > end+1 {
		end += 2
	} else {
		return "", "", 0
	}
	value, end = nodeValue(text, end)
	return key, value, end
}

func nodeValue(text string, at int) (value string, end int) {
	if begin := skipNode(text, at); begin < len(text) && strings.IndexByte("'\"`", text[begin]) >= 0 {
		quote := text[begin]
		for _, length := range closings(text[begin+1:], quote) {
			if end = begin + 1 + length + 1; endsLine(text[end:]) {
				return nodeEscapes(quote, text[begin+1:end-1]), end
			}
		}
	}
	length := strings.IndexAny(text[at:], "#\n")
	if length < 0 {
		length = len(text) - at
	}
	end = at + length
	if value = strings.TrimFunc(text[at:end], nodeSpace); value == "" {
		return "", end
	}
	first := value[0]
	if len(value) > 1 && first == value[len(value)-1] && strings.IndexByte("'\"`", first) >= 0 {
		value = value[1 : len(value)-1]
	}
	return nodeEscapes(first, value), end
}

// nodeEscapes resolves them in a value that begins with a double quote, also where nothing closes it.
func nodeEscapes(first byte, value string) string {
	if first != '"' {
		return value
	}
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(value)
}

// closings are the places at which a quoted text may end, the likeliest first.
func closings(text string, quote byte) (all []int) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == quote:
			i++
			all = append([]int{i}, all...)
		case text[i] == quote:
			return append([]int{i}, all...)
		}
	}
	return all
}

// endsLine reports whether nothing but blanks and a comment is left of the line.
func endsLine(rest string) bool {
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.TrimLeftFunc(line, nodeSpace)
	return line == "" || line[0] == '#'
}

// skipNode is where the white space from at on ends.
func skipNode(text string, at int) int {
	return len(text) - len(strings.TrimLeftFunc(text[at:], nodeSpace))
}

func nodeName(b byte) bool {
	return b == '_' || b == '.' || b == '-' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// nodeSpace is what JavaScript's \\s matches.
func nodeSpace(r rune) bool { return r != 0x85 && (unicode.IsSpace(r) || r == 0xfeff) }
