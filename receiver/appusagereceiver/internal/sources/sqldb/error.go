// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errSeveral    = &source.Error{Reason: "several rows match: narrow `where`"}
	errBinary     = &source.Error{Reason: "the column holds binary data"}
	errNotFinite  = &source.Error{Reason: "the number is not finite"}
	errNoNumber   = &source.Error{Reason: "the column does not hold numbers"}
	errColumns    = &source.Error{Reason: "`sql` gives several columns: select one"}
	errStatements = &source.Error{Reason: "`sql` is one statement without a semicolon"}
	errForm       = &source.Error{Reason: "a time is in another form than the column's others"}
	errTable      = &source.Error{Reason: "the table does not exist: of another schema than the user's, write `schema.table`"}
	errColumn     = &source.Error{Reason: "the column does not exist"}
	errSyntax     = &source.Error{Reason: "the database does not understand the statement"}
	errPermission = &source.Error{Reason: "the database's user may not read it"}
	errFit        = &source.Error{Reason: "types do not fit: does each value of `where` fit its column?"}
	errNoOperator = &source.Error{Reason: "the database has no such function or comparison for these types: does each value of `where` fit its column? json, xml and point have no equality"}
	errChecked    = &source.Error{Reason: "a value breaks a CHECK of its type"}
	errWrites     = &source.Error{Reason: "it would write, and the session is read-only"}
	errState      = &source.Error{Reason: "it cannot be read in its present state: a materialized view that holds nothing yet wants a REFRESH"}
	errLocked     = &source.Error{Reason: "the table is locked"}
	errTimeout    = &source.Error{Reason: "it took too long: raise `timeout`, or add an index"}
	errCancelled  = &source.Error{Reason: "somebody at the server cancelled it (pg_cancel_backend, KILL QUERY): does something there end queries that take long?"}
	errLockedFile = &source.Error{Reason: "the database is locked by a writer: one with locking_mode=EXCLUSIVE lets nobody else read", SessionLost: true}
	errPassword   = &source.Error{Reason: "the database refuses the user or the password", SessionLost: true}
	errRefused    = &source.Error{Reason: "the database refuses the user or the password, or asks of this user for TLS or a certificate", SessionLost: true}
	errNoDatabase = &source.Error{Reason: "there is no such database, or the user may not use it", SessionLost: true}
	errPragma     = &source.Error{Reason: "`sql` is a PRAGMA, which gives no table: select from its function instead, such as SELECT … FROM pragma_table_info('users')"}
	errNoTables   = &source.Error{Reason: "none of the tables exists: does the URL lead to another application's database, or are they in another schema?"}
	errPolicy     = &source.Error{Reason: "row-level security would hide rows from the database's user: give it BYPASSRLS, or read as the table's owner"}
	errPooled     = &source.Error{Reason: "a pooler between gives each transaction another session, which can hold no lock: have `leader` name a source whose URL leads past it, or to its session mode"}
	errStandby    = &source.Error{Reason: "this server is a standby or a replica, whose locks nobody sees elsewhere: have `leader` name a source whose URL leads to the primary"}
	errNode       = &source.Error{Reason: "this server is one of a Galera cluster, whose locks nobody sees on the others: let `leader` name another database, or a leader elector extension"}
	errConflict   = &source.Error{Reason: "the standby ended it twice, for what the primary changes: set hot_standby_feedback or a max_standby_streaming_delay there, or read the primary"}
	errAuthority  = &source.Error{Reason: "the server's certificate is of an authority that is not trusted here: name its certificate with sslrootcert (PostgreSQL) or ssl-ca (MySQL)", SessionLost: true}
	errHostname   = &source.Error{Reason: "the server's certificate is not for the host that the URL names (its subjectAltName counts, not its CN): connect to the name that it is for, or write sslmode=verify-ca (PostgreSQL) or ssl-mode=VERIFY_CA (MySQL)", SessionLost: true}
	errExpired    = &source.Error{Reason: "the server's certificate has expired, or is not valid yet", SessionLost: true}
	errUsage      = &source.Error{Reason: "the server's certificate is not one for servers (its extended key usage lacks serverAuth)", SessionLost: true}
	errInvalid    = &source.Error{Reason: "the server's certificate, or one of those above it, may not be used so", SessionLost: true}
	errAuthorize  = &source.Error{Reason: "the server lets this user into this database neither from here nor in plain text (pg_hba.conf)", SessionLost: true}
	errEncrypt    = &source.Error{Reason: "the server takes no connections in plain text: write sslmode=require (PostgreSQL) or ssl-mode=REQUIRED (MySQL)", SessionLost: true}
	errClient     = &source.Error{Reason: "the server asks of this user for a client's certificate: name it with sslcert and sslkey", SessionLost: true}
	errNoUser     = &source.Error{Reason: "there is no such user, or it may not log in", SessionLost: true}
	errHost       = &source.Error{Reason: "the server lets nobody in from this machine: its users are allowed by host", SessionLost: true}
	errExpiredKey = &source.Error{Reason: "the user's password has expired, or the account is locked", SessionLost: true}
	errTooLong    = &source.Error{Reason: "the server ends sessions or transactions of this length (idle_in_transaction_session_timeout, transaction_timeout)", SessionLost: true}
	errNoServer   = &source.Error{Reason: "the pooler cannot reach the server, or has no session of it left", SessionLost: true}
	errStatement  = &source.Error{Reason: "the pooler gives each statement another session (pool_mode = statement), which can hold no snapshot: have the URL lead past it, or to a mode of sessions or transactions", SessionLost: true}
	errDemand     = &source.Error{Reason: "the server does not ask for who we are as the URL demands (channel_binding, require_auth, sslcertmode); channel binding needs TLS and a password by SCRAM-SHA-256", SessionLost: true}
	errRole       = &source.Error{Reason: "no server is what target_session_attrs (targetServerType) of the URL asks for", SessionLost: true}
	errStarting   = &source.Error{Reason: "the server is starting, stopping or recovering, and takes no connections now", SessionLost: true}
	errNoTLS      = &source.Error{Reason: "the server speaks no TLS, and the URL asks for it", SessionLost: true}
	errHandshake  = &source.Error{Reason: "TLS was not agreed upon with the server: it may not have the version that is asked for, and sslnegotiation=direct needs PostgreSQL 17 or later", SessionLost: true}
	errOptions    = &source.Error{Reason: "the server refuses the parameter options of the URL: leave it out", SessionLost: true}
	errBusy       = &source.Error{Reason: "the database server has no room for a connection", SessionLost: true}
)

// explain turns any error of a driver into one of ours.
func explain(ctx context.Context, d dialect, err error) *source.Error {
	if ours := distrust(err); ours != nil {
		return ours
	}
	if ours := d.diagnose(err); ours != nil {
		return ours
	}
	if ours := source.Explain(ctx, err); ours != nil {
		return ours
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return source.ErrConnectionLost
	}
	return &source.Error{Reason: "the database refused the statement"}
}

// distrust says what is wrong with the server's certificate; nil when nothing is.
func distrust(err error) *source.Error {
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		return errAuthority
	case errors.As(err, &hostname):
		return errHostname
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errExpired
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return errUsage
	case errors.As(err, &invalid):
		return errInvalid
	case errors.Is(err, mysql.ErrNoTLS):
		return errNoTLS
	default:
		return nil
	}
}
