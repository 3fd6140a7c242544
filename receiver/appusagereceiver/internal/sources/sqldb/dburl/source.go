// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// goSource is a data source's name of Go's client of MySQL: user:password@tcp(host:3306)/name?tls=true, before which
// migrations have a scheme. Only the name and the options are percent-encoded.
var goSource = regexp.MustCompile(`^(?:([^:@/()]*)(?::(.*))?@)?(tcp|tcp6|unix)\(([^()]*)\)/([^/?]*)(?:\?(.*))?$`)

// keyword is one setting of a libpq connection string, quoted or not.
var keyword = regexp.MustCompile(`\s*([A-Za-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)`)

// parseSource reads what is no URL but names a server: Go's data source names and libpq's host=… dbname=….
// Both are nil where the text is neither.
func parseSource(text string) (*URL, error) {
	if found := goSource.FindStringSubmatch(strings.TrimPrefix(text, "mysql://")); found != nil {
		return ofGo(found[1], found[2], found[3], found[4], found[5], found[6])
	}
	return ofKeywords(text), nil
}

func ofGo(user, password, network, address, name, query string) (*URL, error) {
	name, err := url.PathUnescape(name)
	if err != nil {
		return nil, errPercent
	}
	u := &URL{Kind: MySQL, User: user, Password: password, Database: name, Hosts: []Host{{Name: address}}}
	if host, port, err := net.SplitHostPort(address); err == nil && network != "unix" {
		u.Hosts = []Host{{host, port}}
	}
	return u, u.parseOptions(query)
}

// ofKeywords is nil where anything else stands in the text.
func ofKeywords(text string) *URL {
	u := &URL{Kind: PostgreSQL}
	for rest := text; rest != ""; {
		at := keyword.FindStringSubmatchIndex(rest)
		if at == nil || at[0] != 0 {
			return nil
		}
		name, value := rest[at[2]:at[3]], rest[at[4]:at[5]]
		if strings.HasPrefix(value, "'") {
			value = value[1 : len(value)-1]
		} else if strings.Contains(value, ";") {
			return nil // of another client, which separates so
		}
		u.options = append(u.options, &option{name: name, key: keyOf(name), value: escaped.ReplaceAllString(value, "$1")})
		rest = rest[at[1]:]
	}
	names := map[string]bool{}
	for _, o := range u.options {
		names[o.key] = true
	}
	if !names["host"] && !names["dbname"] && !names["service"] && !names["hostaddr"] {
		return nil
	}
	u.partsFromOptions()
	return u
}

var escaped = regexp.MustCompile(`\\(.)`)
