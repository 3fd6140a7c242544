// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errWrongType  = &source.Error{Reason: "the key is of another type: write the reading for that type"}
	errPermission = &source.Error{Reason: "the user may not run this command on this key: allow it in the server's ACL"}
	errManyKeys   = &source.Error{Reason: "more keys than `limit` begin with the prefix: raise `limit`, or narrow `prefix`"}
	errOtherNode  = &source.Error{Reason: "the key lies on another node of a cluster: give the URL of that node"}
	errLogin      = &source.Error{Reason: "the server refuses the user or the password", SessionLost: true}
	errSilent     = &source.Error{Reason: "the server does not answer", SessionLost: true}
	errStarting   = &source.Error{Reason: "the server is loading its data, or has none that it may give", SessionLost: true}
	errDatabase   = &source.Error{Reason: "the server does not have a database of this number, or the user may not select it", SessionLost: true}
	errEncryption = &source.Error{Reason: "the TLS handshake failed: check the scheme (rediss://), and the certificate and its name", SessionLost: true}
	errRefused    = &source.Error{Reason: "the server refused the command"}
)

// replies are what a server's error replies begin with.
var replies = map[string]*source.Error{
	"WRONGTYPE": errWrongType, "NOPERM": errPermission,
	"MOVED": errOtherNode, "ASK": errOtherNode, "CROSSSLOT": errOtherNode,
	"NOAUTH": errLogin, "WRONGPASS": errLogin,
	"LOADING": errStarting, "MASTERDOWN": errStarting, "CLUSTERDOWN": errStarting, "BUSY": errStarting,
}

// explain turns any error of the library into one of ours.
func (s *Session) explain(ctx context.Context, err error) *source.Error {
	if ours := source.Explain(ctx, err); ours != nil {
		if ours == source.ErrTimeout && !s.answered {
			return errSilent
		}
		return ours
	}
	var reply redis.Error
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &header):
		return errEncryption
	case errors.As(err, &reply):
		return explainReply(err)
	default:
		return source.ErrConnectionLost
	}
}

func explainReply(err error) *source.Error {
	// The first errors come from within: the library wraps those of its greeting.
	text := err.Error()
	for code, ours := range replies {
		if strings.HasPrefix(text, code+" ") || strings.Contains(text, ": "+code+" ") {
			if ours == errPermission && strings.Contains(text, "'select'") {
				return errDatabase
			}
			return ours
		}
	}
	switch {
	case strings.Contains(text, "invalid password"), strings.Contains(text, "AUTH"), strings.Contains(text, "invalid username"):
		return errLogin
	case strings.Contains(text, "DB index"), strings.Contains(text, "SELECT"):
		return errDatabase
	default:
		return errRefused
	}
}
