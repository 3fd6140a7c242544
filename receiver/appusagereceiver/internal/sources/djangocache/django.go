// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package djangocache reads what Django's cache framework wrote: under the keys that it
// makes, in the forms in which its backends keep scalars.
package djangocache // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errCompressed = &source.Error{Reason: "the value is compressed"}
	errSerializer = &source.Error{Reason: "the value was written by a client that this cannot read"}
	errTable      = &source.Error{Reason: "the table is no cache table of Django: it holds no text in `value`, or no time in `expires`"}
)

// Key makes the key under which a backend keeps a value, as Django's default KEY_FUNCTION does.
func Key(prefix string, version int, key string) string {
	return prefix + ":" + strconv.Itoa(version) + ":" + key
}

var integer = regexp.MustCompile(`^-?[0-9]+$`)

// FromRedis decodes what Django's Redis backend, django-redis and django-valkey write: integers in digits, the
// rest pickled, as JSON or as msgpack, and that perhaps compressed: which, the bytes tell.
func FromRedis(data []byte) (source.Value, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case integer.Match(data):
		return decode.Format{Encoding: decode.Int}.Value(data)
	}
	plain, err := decompress(data)
	if err != nil || len(plain) == 0 {
		return nil, err
	}
	return serialized(plain)
}

// The flags by which pymemcache, pylibmc and python-memcached say how they wrote a value.
const (
	flagPickle     = 1 << 0
	flagInteger    = 1 << 1
	flagLong       = 1 << 2
	flagCompressed = 1 << 3
	flagText       = 1 << 4
)

// FromMemcached decodes what Django's memcached backends write.
func FromMemcached(data []byte, flags uint32) (source.Value, error) {
	switch {
	case data == nil:
		return nil, nil
	case flags&flagCompressed != 0:
		return nil, errCompressed
	}
	switch flags {
	case flagPickle:
		return decode.Unpickle(data)
	case flagInteger, flagLong:
		return decode.Format{Encoding: decode.Int}.Value(data)
	case 0, flagText:
		return decode.Format{Encoding: decode.Text}.Value(data)
	default:
		return nil, errSerializer
	}
}

// FromTable decodes what Django's database backend wrote: the two columns of the row of a
// key. A row that has expired by now is nothing, as Django sees it; the end of time, which it writes
// where nothing expires, comes as nothing.
func FromTable(expires, value source.Value, now time.Time) (source.Value, error) {
	if value == nil {
		return nil, nil
	}
	until, isTime := expires.(time.Time)
	text, isText := value.(string)
	if (!isTime && expires != nil) || !isText {
		return nil, errTable
	}
	if isTime && until.Before(now) {
		return nil, nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errTable
	}
	return decode.Unpickle(data)
}
