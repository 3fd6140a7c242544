// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// remembered is how many passed-on rows a cursor knows besides the last one.
const remembered = 32

// cursor remembers which rows of an event were passed on.
type cursor struct {
	// Fingerprint of source, table and order column; another one means other rows.
	Fingerprint string `json:"fingerprint"`
	// At is the newest row that was looked at.
	At key `json:"at"`
	// Passed are the last rows that were passed on, the latest last.
	Passed []key `json:"passed"`
	// Salt belongs to the hashes of texts; it is made with the first of them.
	Salt string `json:"salt,omitempty"`
}

// key is the value of a row's order column, with its type. A text, which may be somebody's address,
// is kept as a hash, which tells another row from the same one and cannot be read back.
type key string

// isHash reports whether the key stands for a text, of which no order is known.
func (k key) isHash() bool { return strings.HasPrefix(string(k), "hash:") }

func (c *cursor) keyOf(value source.Value) key {
	switch v := value.(type) {
	case int64:
		return key("int:" + strconv.FormatInt(v, 10))
	case float64:
		return key("float:" + strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time:
		return key("time:" + v.Format(time.RFC3339Nano))
	default:
		c.Salt = cmp.Or(c.Salt, rand.Text())
		sum := hmac.New(sha256.New, []byte(c.Salt))
		fmt.Fprint(sum, v)
		return key("hash:" + base64.RawStdEncoding.EncodeToString(sum.Sum(nil)))
	}
}

// conceal hashes the texts that earlier versions kept as they were, and reports whether there were any.
func (c *cursor) conceal() (changed bool) {
	c.Passed = slices.Clone(c.Passed)
	keys := []*key{&c.At}
	for i := range c.Passed {
		keys = append(keys, &c.Passed[i])
	}
	for _, k := range keys {
		if text, isText := strings.CutPrefix(string(*k), "text:"); isText {
			*k, changed = c.keyOf(text), true
		}
	}
	return changed
}

func (k key) value() (source.Value, error) {
	kind, text, _ := strings.Cut(string(k), ":")
	switch kind {
	case "int":
		return strconv.ParseInt(text, 10, 64)
	case "float":
		return strconv.ParseFloat(text, 64)
	case "time":
		return time.Parse(time.RFC3339Nano, text)
	default:
		return nil, nil // a hash has no order
	}
}

// advance decides whether the newest row is a new one. Never twice the same: a row
// below the cursor is new only if the table began again, and not if it was passed on
// and then the rows after it were deleted. note says what happened, where an operator should know.
func (c cursor) advance(fingerprint string, newest source.Value) (next cursor, fresh bool, note string) {
	at := c.keyOf(newest)
	next = cursor{Fingerprint: fingerprint, At: at, Passed: c.Passed, Salt: c.Salt}
	switch {
	case c.Fingerprint == "":
		fresh = true
	case c.Fingerprint != fingerprint:
		next.Passed, fresh, note = nil, true, "it reads other rows than before, and starts anew"
	case c.At == at:
		return c, false, ""
	default:
		last, err := c.At.value()
		order, ordered := sqldb.Compare(newest, last)
		switch {
		case err == nil && ordered && order > 0:
			fresh = true
		case slices.Contains(c.Passed, at):
			note = "the rows after the newest one were deleted; it goes on from there"
		case at.isHash() && c.At.isHash():
			fresh = true
		default:
			fresh, note = true, "the table began again, and so does its cursor"
		}
	}
	if fresh {
		passed := append(slices.Clone(next.Passed), at)
		next.Passed = passed[max(0, len(passed)-remembered):]
	}
	return next, fresh, note
}
