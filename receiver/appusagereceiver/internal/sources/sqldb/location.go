// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"net/url"
	"strings"
)

// location is where a database server listens, and as whom to speak to it.
type location struct {
	user, password string
	// host is a name, an address, or the folder or file of a Unix socket.
	host, port string
	database   string
	options    url.Values
}

var errURL = errors.New("a database URL has the form postgres://user:password@host/name, " +
	"postgresql://…, mysql://user:password@host/name, sqlite:///relative/path or sqlite:////absolute/path; " +
	"what is special in a part of it is percent-encoded")

// parseLocation reads what follows the scheme, as dj-database-url writes it: parts are
// percent-encoded, a socket's path (%2Frun%2Fpostgresql) may stand for the host.
func parseLocation(rest string) (location, error) {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	path, query, _ := strings.Cut(rest, "?")
	at := strings.LastIndexByte(authority, '@')
	user, password, _ := strings.Cut(authority[:max(at, 0)], ":")
	host, port := splitPort(authority[at+1:])

	loc := location{user: user, password: password, host: host, port: port, database: strings.TrimPrefix(path, "/")}
	for _, part := range []*string{&loc.user, &loc.password, &loc.host, &loc.database} {
		decoded, err := url.PathUnescape(*part)
		if err != nil || strings.ContainsRune(decoded, 0) {
			return location{}, errURL
		}
		*part = decoded
	}
	options, err := url.ParseQuery(query)
	if err != nil || strings.Contains(path, "#") || strings.Trim(port, "0123456789") != "" {
		return location{}, errURL
	}
	loc.options = options
	return loc, nil
}

// splitPort takes host:port apart; an IPv6 host stands in brackets.
func splitPort(authority string) (host, port string) {
	if inner, found := strings.CutPrefix(authority, "["); found {
		host, port, _ = strings.Cut(inner, "]")
		return host, strings.TrimPrefix(port, ":")
	}
	host, port, _ = strings.Cut(authority, ":")
	return host, port
}
