// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"errors"
	"path"
	"strings"
)

var errSocket = errors.New("of mysql+unix:// or postgres+unix:// the path is a socket's file (…/mysqld.sock, …/.s.PGSQL.5432), and the database's name " +
	"may follow it: else write mysql://user:password@/name?unix_socket=/path/of/the/socket or postgres://user:password@%2Fpath%2Fof%2Fthe%2Ffolder/name")

// parseSocket reads what follows the colon of a scheme that says +unix: the path is a socket's, and what follows the
// socket's file is the database.
func parseSocket(kind, rest string) (*URL, error) {
	rest, query, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "?")
	authority, file, found := strings.Cut(rest, "/")
	if !found {
		return nil, errSocket
	}
	elements := strings.Split(file, "/")
	for i, element := range elements {
		port, isPostgres := strings.CutPrefix(element, ".s.PGSQL.")
		socket := "/" + path.Join(elements[:i+1]...)
		switch {
		case kind == PostgreSQL && isPostgres:
			socket = path.Dir(socket)
		case kind == MySQL && (strings.HasSuffix(element, ".sock") || strings.HasSuffix(element, ".socket")):
			port = ""
		default:
			continue
		}
		u, err := parseServer(kind, authority+"/"+strings.Join(elements[i+1:], "/")+"?"+query)
		if err == nil && !decode(&socket) {
			err = errPercent
		}
		if err != nil {
			return nil, err
		}
		u.Hosts = []Host{{Name: socket, Port: port}}
		return u, nil
	}
	return nil, errSocket
}
