// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"

	"github.com/pelletier/go-toml/v2"
)

// lineError says on which line reading failed.
type lineError int

func (e lineError) Error() string { return fmt.Sprintf("line %d", int(e)) }

// saidLine is how readers that have no error of their own for it say the line; what else they say may be the document's.
var saidLine = regexp.MustCompile(`(?i)\bline (\d+)`)

// lineOf is where a reader gave up; 0 where it does not tell.
func lineOf(err error) int {
	var decoding *toml.DecodeError
	if errors.As(err, &decoding) {
		line, _ := decoding.Position()
		return line
	}
	if said := saidLine.FindStringSubmatch(err.Error()); said != nil {
		line, _ := strconv.Atoi(said[1])
		return line
	}
	return 0
}

// firstUnread finds the line that a reader cannot read, of a format in which a line needs none of those below it.
func firstUnread(data []byte, read func([]byte) error) error {
	lines := bytes.SplitAfter(data, []byte("\n"))
	failed := sort.Search(len(lines), func(n int) bool { return read(bytes.Join(lines[:n+1], nil)) != nil })
	return lineError(failed + 1)
}
