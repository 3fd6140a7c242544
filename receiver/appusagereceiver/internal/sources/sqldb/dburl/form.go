// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"fmt"
	"regexp"
)

// forms are what other clients have in place of a URL, by how each begins.
var forms = []struct {
	begins *regexp.Regexp
	name   string
}{
	{regexp.MustCompile(`(?i)^\s*(driver|dsn)\s*=`), "ODBC's connection string (Driver=…;Server=…)"},
	{regexp.MustCompile(`(?i)^\s*(data ?source|filename)\s*=`), ".NET's connection string (Data Source=…): of a SQLite file write sqlite:////absolute/path"},
	{regexp.MustCompile(`(?i)^\s*(host|server|address|addr|port|protocol|database|initial catalog|user|user ?name|user ?id|uid|password|pwd|ssl ?mode)\s*=[^;]*;`), ".NET's connection string (Host=…;Username=…;Password=…)"},
	{regexp.MustCompile(`(?i)^\s*(mysql|mariadb|pgsql|postgresql|postgres):\s*(host|port|dbname|unix_socket|user|password|charset|sslmode)=`), "PHP's data source name (mysql:host=…;dbname=…), beside which stand a user and a password"},
	{regexp.MustCompile(`(?i)^\s*ecto:`), "ecto's URL, which does not say which database it is: write postgres:// or mysql:// for ecto://"},
	{regexp.MustCompile(`(?i)^\s*r2dbcs:`), "R2DBC's URL that demands TLS: leave out r2dbcs: and write ?sslmode=verify-full (MySQL: ?ssl-mode=VERIFY_IDENTITY) behind"},
	{regexp.MustCompile(`(?i)^\s*(\w+\s+)?[A-Z_]+=\S*://`), "an assignment, of which only what follows = is the URL"},
}

// foreign names the form of a text that is another client's, and nil of one that is not.
func foreign(text string) error {
	for _, form := range forms {
		if form.begins.MatchString(text) {
			return fmt.Errorf("it is %s: %w", form.name, Err)
		}
	}
	return nil
}
