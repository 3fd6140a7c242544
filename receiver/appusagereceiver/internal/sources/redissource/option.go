// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

var (
	errOption  = errors.New("the URL has an option that is not known here: leave it out; docs/sources/redis.md lists those that are")
	errTLS     = errors.New("the URL asks for TLS by an option that is not known here: write rediss:// and what docs/sources/redis.md lists")
	errReqs    = errors.New("the URL's ssl_cert_reqs is not none, optional or required: write one of those")
	errBoolean = errors.New("an option of the URL is neither true nor false: write one of those")
	errTwice   = errors.New("an option of the URL stands there twice: keep one of them")
	errNoTLS   = errors.New("the URL has options of TLS, and its scheme has none: write rediss:// for redis://")
)

// honoured are the options of a URL that change what is read, or how safely.
var honoured = map[string]func(s *Server, value string) error{
	"db": (*Server).number, "database": (*Server).number, "dbindex": (*Server).number, "virtual_host": (*Server).number,
	"user": (*Server).name, "username": (*Server).name, "password": (*Server).secret,
	"ssl": (*Server).encrypt, "tls": (*Server).encrypt,
	"ssl_cert_reqs":      tlsOption((*encryption).require),
	"skip_verify":        tlsOption((*encryption).skip),
	"ssl_check_hostname": tlsOption((*encryption).checkHost),
	"ssl_ca_certs":       tlsOption(func(e *encryption, path string) error { e.authorities = path; return nil }),
	"ssl_certfile":       tlsOption(func(e *encryption, path string) error { e.certificate = path; return nil }),
	"ssl_keyfile":        tlsOption(func(e *encryption, path string) error { e.key = path; return nil }),
}

// ignored are the options of a URL by which clients tune themselves: they change nothing that
// is read, and a reading has its own time and its own connection.
var ignored = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`
		address_resolver binary blocking class client_name command_timeout commandtimeout compression
		conn_max_idle_time conn_max_lifetime connect_timeout connecttimeout connection_timeout
		decode_responses dial_timeout encoding encoding_errors family fifo health_check_interval idle_timeout
		idle_check_frequency identity_suffix keepalive lazy lib_name lib_version max_age max_active_conns
		max_conn_age max_connections max_idle_conns max_redirects max_retries max_retry_backoff maxretriesperrequest
		min_idle_conns min_retry_backoff parser_class persistent persistent_id pool_fifo pool_size pool_timeout
		protocol queue_class read_only read_timeout read_write_timeout retry_interval retry_on_error
		retry_on_timeout serializer single_connection_client socket_connect_timeout socket_keepalive
		socket_read_size socket_timeout tcp_keepalive timeout write_timeout`) {
		names[name] = true
	}
	return names
}()

// kinds are those of them that say which kind of a connection the client makes; one with TLS is asked for then.
var (
	kinds     = map[string]bool{"class": true, "protocol": true}
	encrypted = regexp.MustCompile(`(?i)ssl|tls|rediss|valkeys`)
)

// options reads what follows the question mark.
func (s *Server) options(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errURL
	}
	var errs []error
	said := map[string]bool{}
	for name, all := range values {
		name = strings.ToLower(name)
		if _, changes := honoured[name]; changes && (len(all) > 1 || said[name]) {
			errs = append(errs, errTwice) // of two demands the weaker one could count
		}
		said[name] = true
		value := all[len(all)-1]
		switch honour, changes := honoured[name]; {
		case changes && value != "", name == "ssl", name == "tls": // a bare ?ssl is no less of a demand
			errs = append(errs, honour(s, value))
		case ignored[name] && kinds[name] && encrypted.MatchString(value):
			errs = append(errs, errTLS)
		case changes, ignored[name]:
		case strings.Contains(name, "sentinel"):
			errs = append(errs, errWatchers)
		case strings.Contains(name, "ssl"), strings.Contains(name, "tls"), strings.Contains(name, "verify"):
			errs = append(errs, errTLS)
		default:
			errs = append(errs, errOption)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if s.tls != nil && s.tls.unasked {
		return errNoTLS
	}
	return nil
}

func (s *Server) name(value string) error {
	s.user = value
	return nil
}

func (s *Server) secret(value string) error {
	s.password = value
	return nil
}

// encrypt is about redis://host?ssl=true; rediss:// stays what it is.
func (s *Server) encrypt(value string) error {
	on, err := boolean(value)
	if err != nil || !on {
		return err
	}
	if s.tls == nil {
		s.tls = &encryption{}
	}
	s.tls.unasked = false
	return nil
}

// tlsOption is one that makes no sense without TLS, and asks for none.
func tlsOption(set func(*encryption, string) error) func(*Server, string) error {
	return func(s *Server, value string) error {
		if s.tls == nil {
			s.tls = &encryption{unasked: true}
		}
		return set(s.tls, value)
	}
}

func boolean(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "1", "true", "yes", "on", "t", "y":
		return true, nil
	case "0", "false", "no", "off", "f", "n":
		return false, nil
	default:
		return false, errBoolean
	}
}
