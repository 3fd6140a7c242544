// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dotenv reads variables out of .env files as the two readers do that people use:
// python-dotenv, and dotenv of Node.js. No line that one variable does not need disables another.
package dotenv // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/dotenv"

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

var errReference = errors.New("it refers to a variable that is neither above it nor in the environment")

// File is what a .env file says.
type File struct {
	// python holds what python-dotenv finds, node what dotenv of Node.js does.
	python, node map[string]string
	// unread are the lines that python-dotenv cannot read, by number.
	unread map[int]string
	// unresolved are the variables that refer to one which is nowhere.
	unresolved map[string]bool
}

// Parse reads a file. References (${NAME}) are to earlier lines of it, then to this process's environment.
func Parse(data []byte) *File {
	text := strings.TrimPrefix(string(data), "\ufeff")
	f := &File{node: readNode(text), unread: map[int]string{}, unresolved: map[string]bool{}}
	f.readPython(text)
	return f
}

// Variable is the value of a variable: as python-dotenv finds it, and where that finds none, as
// dotenv of Node.js does; without a variable it is empty, and found is false. No error repeats anything
// of the file but the number of a line.
func (f *File) Variable(name string) (value string, found bool, err error) {
	if f.unresolved[name] {
		return "", true, errReference
	}
	if value, found = f.python[name]; found {
		return value, true, nil
	}
	if value, found = f.node[name]; found {
		return value, true, nil
	}
	for number, line := range f.unread {
		if mentions(line, name) {
			return "", false, fmt.Errorf("line %d cannot be read, and it may hold the variable: correct the line", number)
		}
	}
	return "", false, nil
}

// Names are those of all variables.
func (f *File) Names() []string {
	var names []string
	for name := range f.python {
		names = append(names, name)
	}
	for name := range f.node {
		if _, twice := f.python[name]; !twice {
			names = append(names, name)
		}
	}
	return names
}

// mentions reports whether a line holds the name as a word.
func mentions(line, name string) bool {
	inWord := func(s string, at int) bool {
		return at >= 0 && at < len(s) && (s[at] == '_' || s[at] >= '0' && s[at] <= '9' || s[at] >= 'A' && s[at] <= 'Z' || s[at] >= 'a' && s[at] <= 'z')
	}
	for from := 0; ; {
		at := strings.Index(line[from:], name)
		if at < 0 || name == "" {
			return false
		}
		at += from
		if !inWord(line, at-1) && !inWord(line, at+len(name)) {
			return true
		}
		from = at + 1
	}
}

// lookupEnv is os.LookupEnv but in tests.
var lookupEnv = os.LookupEnv
