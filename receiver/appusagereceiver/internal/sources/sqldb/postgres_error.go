// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// postgresReasons are those SQLSTATEs, or classes of them, whose meaning helps.
var postgresReasons = map[string]*source.Error{
	"42P01": errTable,
	"3F000": errTable,
	"42703": errColumn,
	"42601": errSyntax,
	"42501": errPermission,
	"42883": errNoOperator,
	"23514": errChecked,
	"57014": errTimeout,
	"55P03": errLocked,
	"25006": errWrites,
	"55000": errState,
	"28":    errPassword,
	"25P03": errTooLong,
	"25P04": errTooLong,
	"57P03": errStarting,
	"3D":    errNoDatabase,
	"53":    errBusy,
	"40":    errConflict,
	"57":    source.ErrConnectionLost,
	"08":    source.ErrConnectionLost,
	"22":    errFit,
}

func (postgres) diagnose(err error) *source.Error {
	var failure *pgconn.PgError
	if errors.As(err, &failure) && len(failure.Code) == 5 {
		if reason := ofPooler(failure); reason != nil {
			return reason
		}
		if reason := byRoutine(failure); reason != nil {
			return reason
		}
		for _, code := range []string{failure.Code, failure.Code[:2]} {
			if reason := postgresReasons[code]; reason != nil {
				return reason
			}
		}
		return &source.Error{Reason: "SQLSTATE " + failure.Code}
	}
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) {
		return unconnected(err.Error())
	}
	return nil
}

// unconnected says which of the client's demands a server did not meet, by the client's own words. Where it tried several
// ways, that TLS was refused may be the failure of one of them.
func unconnected(said string) *source.Error {
	switch {
	case strings.Contains(said, "channel binding required"), strings.Contains(said, "require_auth check failed"), strings.Contains(said, "sslcertmode check failed"):
		return errDemand
	case strings.Contains(said, "ValidateConnect"):
		return errRole
	case strings.Contains(said, "server refused TLS connection"):
		return errNoTLS
	case strings.Contains(said, "failed to write startup message"):
		return errHandshake
	default:
		return source.ErrUnreachable
	}
}

// byRoutine tells apart what has one code, by where in the server it was said: messages are in its language.
func byRoutine(failure *pgconn.PgError) *source.Error {
	switch {
	case failure.Routine == "check_enable_rls":
		return errPolicy
	case failure.Routine == "process_postgres_switches":
		return errOptions
	case failure.Code != "28000":
		return nil
	case failure.Routine == "InitializeSessionUserId":
		return errNoUser
	case failure.Routine == "ClientAuthentication" && strings.Contains(failure.Message, "certificate"):
		return errClient
	case failure.Routine == "ClientAuthentication":
		return errAuthorize
	default:
		return nil
	}
}

// ofPooler understands PgBouncer, which has one code for all that it refuses, and says it in one language.
func ofPooler(failure *pgconn.PgError) *source.Error {
	if failure.Code != "08P01" && failure.Code != "42704" {
		return nil
	}
	said := failure.Message
	_, parameter, found := strings.Cut(said, "unsupported startup parameter: ")
	if !found {
		_, parameter, found = strings.Cut(said, "unrecognized configuration parameter ")
	}
	parameter = strings.Trim(parameter, `"`)
	switch {
	case found && setting.MatchString(parameter):
		return &source.Error{Reason: "the server refuses the parameter " + parameter + " of the URL: leave it out", SessionLost: true}
	case failure.Code == "42704":
		return nil
	case strings.Contains(said, "statement pooling mode"):
		return errStatement
	case strings.Contains(said, "SSL required"):
		return errEncrypt
	case strings.Contains(said, "no more connections allowed"):
		return errBusy
	case strings.Contains(said, "cannot connect to server"), strings.Contains(said, "server login"), strings.Contains(said, "query_wait_timeout"), strings.Contains(said, "connect failed"):
		return errNoServer
	case strings.Contains(said, "authentication failed"), strings.Contains(said, "auth failed"), strings.Contains(said, "no such user"):
		return errPassword
	case strings.Contains(said, "no such database"), strings.Contains(said, "does not exist"):
		return errNoDatabase
	default:
		return nil
	}
}

// setting is what a server's parameter may be called.
var setting = regexp.MustCompile(`^[a-z_.]{1,60}$`)

// quoted is a name in a message, whatever the language's marks are.
var quoted = regexp.MustCompile(`["«„“](.+)["»“”]`)

// policies names those that stand in the way.
func (postgres) policies(ctx context.Context, conn *sql.Conn, err error) *source.Error {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return errPolicy
	}
	table := quoted.FindStringSubmatch(failure.Message)
	if table == nil {
		return errPolicy
	}
	var names string
	err = conn.QueryRowContext(ctx, "SELECT COALESCE(string_agg(DISTINCT quote_ident(p.polname), ', '), '') FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relname = $1", table[1]).Scan(&names)
	if err != nil || names == "" {
		return errPolicy
	}
	return &source.Error{Reason: errPolicy.Reason + " (policies: " + names + ")"}
}
