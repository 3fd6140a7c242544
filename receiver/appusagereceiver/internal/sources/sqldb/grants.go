// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"
)

// mayWrite reads the grants as the server tells them, those of the roles that the user has or may take among them, which
// the information schema keeps back. It leaves the session in the last of these roles.
func (mariadb) mayWrite(ctx context.Context, conn *sql.Conn) (may bool, err error) {
	grants, err := granted(ctx, conn)
	if err != nil || slices.ContainsFunc(grants, writes) {
		return err == nil, err
	}
	for _, grant := range grants {
		role := ofRole.FindStringSubmatch(grant)
		if role == nil {
			continue
		}
		if _, err := conn.ExecContext(ctx, "SET ROLE "+role[1]); err != nil {
			return false, err
		}
		of, err := granted(ctx, conn)
		if err != nil || slices.ContainsFunc(of, writes) {
			return err == nil, err
		}
	}
	return false, nil
}

func granted(ctx context.Context, conn *sql.Conn) (grants []string, err error) {
	rows, err := conn.QueryContext(ctx, "SHOW GRANTS")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var grant string
		if err := rows.Scan(&grant); err != nil {
			return nil, err
		}
		grants = append(grants, grant)
	}
	return grants, rows.Err()
}

// aName is one as grants have it: it may look like anything.
const aName = "(?:`(?:[^`]|``)*`|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"

var (
	names = regexp.MustCompile(aName)
	// ofRole is a grant of roles: names where others have privileges.
	ofRole = regexp.MustCompile("^GRANT (" + aName + "(?:[@,]" + aName + ")*) TO ")
)

// writes reports a grant of a privilege with which a user changes something.
func writes(grant string) bool {
	privileges, _, _ := strings.Cut(strings.TrimPrefix(names.ReplaceAllString(grant, ""), "GRANT "), " ON ")
	return slices.ContainsFunc(strings.Split(privileges, ","), func(privilege string) bool {
		privilege, _, _ = strings.Cut(strings.TrimSpace(privilege), " (") // of columns
		return slices.Contains(writing, privilege)
	})
}

// writing are the privileges that let a user change rows, tables, files or users.
var writing = []string{
	"ALL", "ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DELETE HISTORY", "ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE",
	"CREATE USER", "CREATE ROLE", "DROP", "DROP ROLE", "INDEX", "TRIGGER", "EVENT", "FILE", "SUPER", "PROXY", "SET USER", "SET_USER_ID", "SET_ANY_DEFINER",
}
