// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/gomodule/redigo/redis"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errWrongType  = &source.Error{Reason: "the key is of another type: write the reading for that type"}
	errPermission = &source.Error{Reason: "the user may not run this command on this key: allow it in the server's ACL"}
	errManyKeys   = &source.Error{Reason: "more keys than `limit` begin with the prefix: raise `limit`, or narrow `prefix`"}
	errOtherNode  = &source.Error{Reason: "the key lies on another node of a cluster, or is being moved there"}
	errCommand    = &source.Error{Reason: "the server does not know the command: it may be too old for the reading"}
	errRefused    = &source.Error{Reason: "the server refused the command"}
	errReply      = &source.Error{Reason: "the server's reply is none to the command"}
	errLogin      = &source.Error{Reason: "the server refuses the user or the password", SessionLost: true}
	errProtected  = &source.Error{Reason: "the server is in protected mode, and answers this machine only with a password", SessionLost: true}
	errFull       = &source.Error{Reason: "the server has no room for a connection", SessionLost: true}
	errSilent     = &source.Error{Reason: "the server does not answer", SessionLost: true}
	errUngreeted  = &source.Error{Reason: "the server ended the connection instead of saying what it is: does it want TLS (rediss://)? A proxy such as twemproxy cannot be asked: write the URL of a server behind it", SessionLost: true}
	errStarting   = &source.Error{Reason: "the server is loading its data, or has none that it may give", SessionLost: true}
	errDatabase   = &source.Error{Reason: "the server does not have a database of this number, or the user may not select it", SessionLost: true}
	errEncryption = &source.Error{Reason: "the TLS handshake failed: check the scheme (rediss://), the certificate and its name, and whether the server wants a client's", SessionLost: true}
	errSentinel   = &source.Error{Reason: "it is a Sentinel, which has no data: write the URL of the server that it watches", SessionLost: true}
	errReplica    = &source.Error{Reason: "it is a replica that does not have its primary's data: wait, or write the URL of the primary", SessionLost: true}
	errRole       = &source.Error{Reason: "it is a replica, and whether it has its primary's data cannot be asked: allow ROLE to the user", SessionLost: true}
)

// replies are what a server's error replies begin with.
var replies = map[string]*source.Error{
	"WRONGTYPE": errWrongType, "NOPERM": errPermission,
	"MOVED": errOtherNode, "ASK": errOtherNode, "CROSSSLOT": errOtherNode, "TRYAGAIN": errOtherNode,
	"NOAUTH": errLogin, "WRONGPASS": errLogin, "DENIED": errProtected,
	"LOADING": errStarting, "MASTERDOWN": errStarting, "CLUSTERDOWN": errStarting, "BUSY": errStarting,
}

// explain turns an error reply into one of ours; one that says no more is what it was to.
func explain(reply redis.Error, to *source.Error) *source.Error {
	text := reply.Error()
	code, _, _ := strings.Cut(text, " ")
	ours, known := replies[code]
	switch {
	case known && (to == errRefused || ours != errPermission):
		return ours
	case strings.Contains(text, "max number of clients"):
		return errFull
	case to == errRefused && strings.Contains(strings.ToLower(text), "unknown command"):
		return errCommand
	default:
		return to
	}
}

// explain turns an error of the connection into one of ours.
func (s *Session) explain(ctx context.Context, err error) *source.Error {
	if source.RefusedTLS(err) {
		return errEncryption
	}
	switch ours := source.Explain(ctx, err); {
	case ours == source.ErrTimeout && !s.answered:
		return errSilent
	case ours == source.ErrConnectionLost && !s.answered:
		return errUngreeted
	case ours != nil:
		return ours
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &name), errors.As(err, &header):
		return errEncryption
	default:
		return source.ErrConnectionLost
	}
}
