// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

var (
	errURL      = errors.New("a Redis URL has the form redis://user:password@host:6379/0, rediss://… for TLS, or unix:///path/to/redis.sock?db=0; what is special in a part of it is percent-encoded")
	errSeveral  = errors.New("the URL has several hosts: write one of them, and the other nodes of a cluster are found")
	errWatchers = errors.New("the URL is that of Sentinels, which are not followed: write the URL of the server that they watch, or of a proxy before it")
)

// Server is a Redis server: what a URL says.
type Server struct {
	network, address string
	user, password   string
	database         int
	// tls is nil for a connection that is not encrypted.
	tls *encryption
}

// schemes are what URLs begin with, in the spellings of clients and hosts.
var schemes = map[string]struct {
	network   string
	encrypted bool
}{
	"redis": {"tcp", false}, "valkey": {"tcp", false}, "tcp": {"tcp", false}, "redis+cluster": {"tcp", false},
	"rediss": {"tcp", true}, "valkeys": {"tcp", true}, "tls": {"tcp", true}, "rediss+cluster": {"tcp", true},
	"redis+ssl": {"tcp", true}, "redis+tls": {"tcp", true},
	"unix": {"unix", false}, "redis+socket": {"unix", false}, "redis+unix": {"unix", false}, "redis-socket": {"unix", false},
	"valkey+socket": {"unix", false}, "valkey+unix": {"unix", false},
}

// Parse reads a URL. It opens nothing, and no error of it repeats the URL, of which any part
// may be the rest of a password that was not percent-encoded.
func Parse(text string) (Server, error) {
	name, rest, found := strings.Cut(text, "://")
	if !found {
		return Server{}, errURL
	}
	if strings.Contains(name, "sentinel") {
		return Server{}, errWatchers
	}
	scheme, known := schemes[strings.ToLower(name)]
	if !known {
		return Server{}, errURL
	}
	where, query, _ := strings.Cut(rest, "?")
	s := Server{network: scheme.network}
	if scheme.encrypted {
		s.tls = &encryption{}
	}
	locate := s.host
	if s.network == "unix" {
		locate = s.socket
	}
	if err := locate(where); err != nil {
		return Server{}, err
	}
	if strings.Contains(text, "#") {
		return Server{}, errURL
	}
	return s, s.options(query)
}

// host reads user:password@host:port/database, of which each part may be missing.
func (s *Server) host(where string) error {
	authority, database, _ := strings.Cut(where, "/")
	address, err := s.userinfo(authority)
	if err != nil {
		return err
	}
	if strings.ContainsAny(address, ",;") {
		return errSeveral
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil { // without a port
		host, port, err = net.SplitHostPort(address + ":6379")
	}
	if err != nil || strings.ContainsAny(host, "%\\ ") {
		return errURL
	}
	if port == "" {
		port = "6379"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errURL
	}
	if host == "" {
		host = "localhost"
	}
	s.address = net.JoinHostPort(host, port)
	return s.number(strings.Trim(database, "/"))
}

// socket reads user:password@/path.
func (s *Server) socket(where string) error {
	slash := strings.IndexByte(where, '/')
	if slash < 0 {
		return errURL
	}
	rest, err := s.userinfo(where[:slash])
	if err != nil || rest != "" {
		return errURL
	}
	path, err := url.PathUnescape(where[slash:])
	if err != nil || strings.Trim(path, "/") == "" {
		return errURL
	}
	s.address = path
	return nil
}

// userinfo takes user:password@ off.
func (s *Server) userinfo(authority string) (rest string, err error) {
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return authority, nil
	}
	user, password, _ := strings.Cut(authority[:at], ":")
	if s.user, err = url.PathUnescape(user); err != nil {
		return "", errURL
	}
	if s.password, err = url.PathUnescape(password); err != nil {
		return "", errURL
	}
	return authority[at+1:], nil
}

// number reads that of the database; none is 0.
func (s *Server) number(text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return errURL
	}
	s.database = int(n)
	return nil
}
