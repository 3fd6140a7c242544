// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-openapi/jsonpointer"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/dotenv"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Pointer is the place of a value in a document: a JSON Pointer. The zero Pointer is the whole document.
type Pointer struct{ tokens []string }

// Tokens are the names on the way, and the numbers of places in lists.
func (p Pointer) Tokens() []string { return p.tokens }

var (
	errThrough   = &source.Error{Reason: "the pointer goes through a value that has no members"}
	errIndex     = &source.Error{Reason: "the pointer has a name where the document has an array: write a number, or sum over the array"}
	errComposite = &source.Error{Reason: "the pointer leads to an array or an object: point to one value in it, or sum over it"}
	errControl   = &source.Error{Reason: "the text has several lines, or other control characters, and is no name or version"}
	errTotal     = &source.Error{Reason: "one of the members to add up is the total of the others: point to it"}
	errNoMembers = &source.Error{Reason: "the pointer leads to no array or object, and there is nothing to sum over or to count"}
)

// ParsePointer reads a JSON Pointer.
func ParsePointer(text string) (Pointer, error) {
	parsed, err := jsonpointer.New(text)
	if err != nil {
		return Pointer{}, errors.New("a JSON Pointer is empty or starts with a slash: write one such as /usage/users/total")
	}
	return Pointer{parsed.DecodedTokens()}, nil
}

// Value is what stands at the pointer; nil when nothing does, or null, or an empty text.
func (d Document) Value(at Pointer) (source.Value, error) {
	node, err := lookup(d.root, at)
	if err != nil {
		return nil, err
	}
	return scalar(node)
}

// Literal is Value but for a number, a boolean or a time, which is the text that stands for it.
func (d Document) Literal(at Pointer) (source.Value, error) {
	node, err := lookup(d.root, at)
	if err != nil {
		return nil, err
	}
	switch n := node.(type) {
	case written:
		return source.Text(n.literal)
	case json.Number:
		return source.Text(n.String())
	case bool:
		return strconv.FormatBool(n), nil
	default:
		return scalar(node)
	}
}

// Count is how many members the array or object at the pointer has; nil without one.
func (d Document) Count(at Pointer) (source.Value, error) {
	node, err := lookup(d.root, at)
	if err != nil || node == nil {
		return nil, err
	}
	members, err := d.all(node, at, true)
	return int64(len(members)), err
}

// Sum adds up what stands at each in every member of the array or object that stands
// at at. A member with nothing there adds nothing. Without the array it is nil, and so it is where no member has
// anything there: the application may call it otherwise by now.
func (d Document) Sum(at, each Pointer) (source.Value, error) {
	node, err := lookup(d.root, at)
	if err != nil || node == nil {
		return nil, err
	}
	members, err := d.all(node, at, false)
	if err != nil {
		return nil, err
	}
	if holdsTotal(node, each) {
		return nil, errTotal
	}
	var sum source.Sum
	for _, member := range members {
		value, err := Document{root: member}.Value(each)
		if err != nil {
			return nil, err
		}
		if err := sum.Add(value); err != nil {
			return nil, err
		}
	}
	if len(members) > 0 && sum.Addends() == 0 {
		return nil, nil
	}
	return sum.Total()
}

// holdsTotal reports whether a member says what the others are together: one of an object that is called so, or one of an
// array that has a text for it and is their sum.
func holdsTotal(node any, each Pointer) bool {
	if object, isObject := node.(map[string]any); isObject {
		return len(object) > 2 && slices.ContainsFunc(slices.Collect(maps.Keys(object)), isTotal)
	}
	rows, _ := node.([]any)
	var sum float64
	var totals []float64
	for _, row := range rows {
		value, _ := Document{root: row}.Value(each)
		n, isNumber := asFloat(value)
		texts, _ := row.(map[string]any)
		switch {
		case !isNumber:
		case slices.ContainsFunc(slices.Collect(maps.Values(texts)), func(text any) bool { name, isText := text.(string); return isText && isTotal(name) }):
			totals = append(totals, n)
		default:
			sum += n
		}
	}
	return sum > 0 && slices.Contains(totals, sum)
}

func isTotal(name string) bool { return slices.Contains([]string{"total", "all"}, bare(name)) }

func asFloat(value source.Value) (float64, bool) {
	switch n := value.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// lookup follows the pointer. A member that is not there is nil; a way that the
// document's shape does not allow is an error.
func lookup(node any, at Pointer) (any, error) {
	for _, token := range at.tokens {
		switch v := node.(type) {
		case nil:
			return nil, nil
		case map[string]any:
			node = v[token]
		case *dotenv.File:
			text, found, err := v.Variable(token)
			switch {
			case err != nil:
				return nil, &source.Error{Reason: err.Error()}
			case !found:
				return nil, nil
			}
			node = text
		case map[any]any: // YAML, with keys that are no texts
			node = nil
			for key, member := range v {
				if fmt.Sprint(key) == token {
					node = member
				}
			}
		case []any:
			if len(v) == 0 {
				return nil, nil // an empty object too, as PHP writes it
			}
			index, err := strconv.ParseUint(token, 10, 31)
			if err != nil {
				return nil, errIndex
			}
			if index >= uint64(len(v)) {
				return nil, nil
			}
			node = v[index]
		case unclear:
			return nil, v.reason
		default:
			return nil, errThrough
		}
	}
	return node, nil
}

// all are the members of the node at the pointer, where they are not those of one page. counted is true where
// their number is asked for.
func (d Document) all(node any, at Pointer, counted bool) (members []any, err error) {
	if members, err = membersOf(node); err == nil && d.isPage(at, len(members), counted) {
		return nil, errPage
	}
	return members, err
}

func membersOf(node any) (members []any, err error) {
	switch v := node.(type) {
	case []any:
		return v, nil
	case map[string]any:
		for _, member := range v {
			members = append(members, member)
		}
	case map[any]any:
		for _, member := range v {
			members = append(members, member)
		}
	default:
		return nil, errNoMembers
	}
	return members, nil
}

func scalar(node any) (source.Value, error) {
	switch v := node.(type) {
	case nil, bool, int64:
		return v, nil
	case int:
		return int64(v), nil
	case uint64:
		if v > math.MaxInt64 {
			return nil, source.ErrRange
		}
		return int64(v), nil
	case float64:
		return finite(v)
	case json.Number:
		return numeral(v)
	case written:
		return v.scalar()
	case unclear:
		return nil, v.reason
	case string:
		return plain(v)
	case time.Time:
		return v.UTC(), nil
	case map[string]any, *dotenv.File, map[any]any, []any:
		return nil, errComposite
	case fmt.Stringer: // TOML's dates and times of no place
		return source.Text(v.String())
	default:
		return nil, errComposite
	}
}

// plain is a text of one line; the line feed at the end of a block in YAML is none of it.
func plain(text string) (source.Value, error) {
	switch text = strings.TrimRight(text, "\r\n"); {
	case !utf8.ValidString(text):
		return nil, errUTF8
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return nil, errControl
	default:
		return source.Text(text)
	}
}

// numeral keeps an integer one; one that 64 bits do not hold is no number that can be said.
func numeral(literal json.Number) (source.Value, error) {
	if whole, err := literal.Int64(); err == nil {
		return whole, nil
	}
	if !strings.ContainsAny(literal.String(), ".eE") {
		return nil, source.ErrRange
	}
	real, err := literal.Float64()
	if err != nil {
		return nil, source.ErrRange
	}
	return finite(real)
}

func finite(f float64) (source.Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, source.ErrRange
	}
	return f, nil
}
