// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dburl reads database URLs as applications have them in their environment: in the
// dialects of Django, Rails, Laravel, Doctrine, Prisma, JDBC, SQLAlchemy, node and Go.
package dburl // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/dburl"

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The kinds of databases, as Django names them.
const (
	PostgreSQL = "postgresql"
	MySQL      = "mysql"
	SQLite     = "sqlite"
)

// schemes are the names of each kind, in the dialects of many clients.
var schemes = map[string]string{
	"postgres": PostgreSQL, "postgresql": PostgreSQL, "pgsql": PostgreSQL, "psql": PostgreSQL, "pg": PostgreSQL,
	"postgis": PostgreSQL, "pdo-pgsql": PostgreSQL, "timescale": PostgreSQL, "timescaledb": PostgreSQL, "timescalegis": PostgreSQL,
	"mysql": MySQL, "mysql2": MySQL, "mysqli": MySQL, "mariadb": MySQL, "mysqlgis": MySQL, "mysql-connector": MySQL,
	"pdo-mysql": MySQL, "trilogy": MySQL,
	"sqlite": SQLite, "sqlite3": SQLite, "spatialite": SQLite, "pdo-sqlite": SQLite, "file": SQLite,
}

// Host is where one server listens: a name, an address, or the folder or file of a Unix socket.
type Host struct{ Name, Port string }

// URL is a database URL in its parts.
type URL struct {
	Kind           string
	User, Password string
	// Hosts are tried one after another; there is none where the URL names none.
	Hosts []Host
	// Database is its name, or a file's path.
	Database string

	options []*option
}

// option is one parameter of the URL; key is its name as all clients' spellings have it in common.
type option struct {
	name, key, value string
	taken            bool
}

// Err is the failure of what is no database URL. It repeats nothing of it.
var Err = errors.New("a database URL has the form postgres://user:password@host/name, " +
	"postgresql://…, mysql://user:password@host/name, sqlite:///relative/path or sqlite:////absolute/path; " +
	"what is special in a part of it is percent-encoded")

var errPercent = fmt.Errorf("a %% in it begins no two hexadecimal digits: write %%25 for the sign itself, and a value for a placeholder such as %%kernel.project_dir%%: %w", Err)

var errFile = errors.New("a SQLite URL names a file: sqlite:///relative/path or sqlite:////absolute/path")

// Parse takes a URL apart. No error repeats more of it than its scheme, or the name of an option.
func Parse(text string) (*URL, error) {
	text = bare(text)
	if u, err := parseSource(text); u != nil || err != nil {
		return u, err
	}
	if err := foreign(text); err != nil {
		return nil, err
	}
	text, jdbc := unwrapped(text)
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return nil, Err
	}
	base, client, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(scheme), "_", "-"), "+")
	kind, known := schemes[base]
	switch {
	case !known && (jdbc || strings.HasPrefix(rest, "//")):
		return nil, unknownScheme(scheme)
	case !known:
		return nil, Err
	case kind == SQLite:
		return parseFile(base, rest)
	case client == "srv" || suspect.MatchString(client):
		return nil, unknownScheme(scheme)
	case client == "unix":
		return parseSocket(kind, rest)
	case jdbc:
		rest = withoutMode(kind, rest)
	}
	rest, found = strings.CutPrefix(rest, "//")
	if !found {
		return nil, Err
	}
	return parseServer(kind, rest)
}

// unwrapped takes off what says that it is JDBC's or R2DBC's, and by way of which other driver.
func unwrapped(text string) (inner string, jdbc bool) {
	if inner, reactive := strings.CutPrefix(text, "r2dbc:"); reactive {
		return strings.TrimPrefix(strings.TrimPrefix(inner, "pool:"), "proxy:"), false
	}
	text, jdbc = strings.CutPrefix(text, "jdbc:")
	if jdbc {
		for _, wrapper := range []string{"otel:", "p6spy:", "log4jdbc:", "aws-wrapper:"} {
			text = strings.TrimPrefix(text, wrapper)
		}
	}
	return text, jdbc
}

// withoutMode takes off how JDBC chooses among hosts, of which any serves, and adds the slashes that it may leave out.
func withoutMode(kind, rest string) string {
	if mode, after, found := strings.Cut(rest, "://"); found && kind == MySQL && strings.Trim(mode, "abcdefghijklmnopqrstuvwxyz-") == "" {
		return "//" + after
	}
	if kind == PostgreSQL && !strings.HasPrefix(rest, "//") {
		return "///" + strings.TrimPrefix(rest, "/")
	}
	return rest
}

// bare takes off what a mounted secret or a .env file has around a URL.
func bare(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "\ufeff"))
	for _, quote := range []string{`"`, "'", "`"} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			return strings.TrimSpace(text[1 : len(text)-1])
		}
	}
	return text
}

// named is what may be repeated as a scheme: before a colon may stand a secret as well.
var named = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+._-]{0,29}$`)

// unknownScheme names the scheme where it looks like one.
func unknownScheme(scheme string) error {
	if !named.MatchString(scheme) {
		return Err
	}
	return fmt.Errorf("the scheme %q names no database that can be read: %w", scheme, Err)
}

func parseFile(scheme, rest string) (*URL, error) {
	rest, query, _ := strings.Cut(rest, "?")
	if after, isURL := strings.CutPrefix(rest, "//"); isURL {
		var absolute bool
		if rest, absolute = strings.CutPrefix(after, "/"); !absolute {
			return nil, errFile
		}
		if scheme == "file" {
			rest = "/" + rest // an ordinary file URL has no relative paths
		}
	}
	file, err := url.PathUnescape(strings.TrimPrefix(rest, "file:"))
	if err != nil {
		return nil, errPercent
	}
	if file == "" || file == ":memory:" || strings.ContainsRune(file, 0) {
		return nil, errFile
	}
	u := &URL{Kind: SQLite, Database: path.Clean(file)}
	if err := u.parseOptions(query); err != nil {
		return nil, err
	}
	for _, o := range u.options {
		if o.key == "mode" && o.value == "memory" {
			return nil, errFile
		}
	}
	return u, nil
}

// parseServer reads what follows the slashes: parts are percent-encoded, a socket's path
// (%2Frun%2Fpostgresql) may stand for the host, and hosts are separated by commas.
func parseServer(kind, rest string) (*URL, error) {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	name, query, _ := strings.Cut(rest, "?")
	at := strings.LastIndexByte(authority, '@')
	if strings.Contains(name, "#") || (at < 0 && strings.Contains(name, "@")) {
		return nil, Err // of a password that is not encoded, too
	}
	user, password, _ := strings.Cut(authority[:max(at, 0)], ":")
	u := &URL{Kind: kind, User: user, Password: password, Database: strings.TrimSuffix(strings.TrimPrefix(name, "/"), "/")}
	for _, part := range []*string{&u.User, &u.Password, &u.Database} {
		if !decode(part) {
			return nil, errPercent
		}
	}
	if hosts := authority[at+1:]; hosts != "" {
		for text := range strings.SplitSeq(hosts, ",") {
			host := hostOf(text)
			if !decode(&host.Name) || strings.Trim(host.Port, "0123456789") != "" || strings.ContainsAny(host.Name, "()= ") {
				return nil, Err
			}
			u.Hosts = append(u.Hosts, host)
		}
	}
	if err := u.parseOptions(query); err != nil {
		return nil, err
	}
	u.partsFromOptions()
	if u.User == "" && u.Password == "" && u.Database == "" && strings.Contains(query, "@") {
		return nil, Err // which begins in a password
	}
	return u, nil
}

func decode(part *string) bool {
	decoded, err := url.PathUnescape(*part)
	*part = decoded
	return err == nil && !strings.ContainsRune(decoded, 0)
}

// hostOf takes host:port apart; an IPv6 host stands in brackets.
func hostOf(text string) Host {
	if inner, found := strings.CutPrefix(text, "["); found {
		host, port, _ := strings.Cut(inner, "]")
		return Host{host, strings.TrimPrefix(port, ":")}
	}
	host, port, _ := strings.Cut(text, ":")
	return Host{host, port}
}

// partsFromOptions takes the parts that JDBC and libpq have among the options.
func (u *URL) partsFromOptions() {
	for _, part := range []struct {
		into  *string
		names []string
	}{
		{&u.User, []string{"user", "username"}},
		{&u.Password, []string{"password"}},
		{&u.Database, []string{"dbname", "database", "databasename"}},
	} {
		if value := u.Take(part.names...); value != "" && *part.into == "" {
			*part.into = value
		}
	}
	host, port := u.Take("host"), u.Take("port")
	if host != "" && len(u.Hosts) == 0 {
		ports := strings.Split(port, ",")
		for i, name := range strings.Split(host, ",") {
			u.Hosts = append(u.Hosts, Host{name, ports[min(i, len(ports)-1)]})
		}
	}
	for i := range u.Hosts {
		if u.Hosts[i].Port == "" {
			u.Hosts[i].Port = port
		}
	}
}

func (u *URL) parseOptions(query string) error {
	for pair := range strings.SplitSeq(strings.ReplaceAll(query, ";", "&"), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || strings.ContainsAny(name, "@/:") { // which are no option's, and may be a password's
			return Err
		}
		// A plus sign stays one: URLs are written by hand, and passwords hold them.
		value, err = url.PathUnescape(value)
		if err != nil || strings.ContainsRune(name+value, 0) {
			return Err
		}
		u.options = append(u.options, &option{name: name, key: keyOf(name), value: value})
	}
	return nil
}

// keyOf is a name as all spellings have it in common: ssl-mode, ssl_mode and sslMode are one.
func keyOf(name string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
}

// Take is the value of the first option that has one of these keys; they count as understood.
func (u *URL) Take(keys ...string) (value string) {
	for _, o := range u.options {
		if slices.Contains(keys, o.key) {
			if o.taken = true; value == "" {
				value = o.value
			}
		}
	}
	return value
}

// Says reports whether the URL has an option of this key.
func (u *URL) Says(key string) bool {
	return slices.ContainsFunc(u.options, func(o *option) bool { return o.key == key })
}

// Default adds an option that a variable of the environment says, where the URL itself says nothing of it.
func (u *URL) Default(name, variable, value string) {
	if key := keyOf(name); !u.Says(key) {
		u.options = append(u.options, &option{name: variable, key: key, value: value})
	}
}

// Left are the names of the options that nobody took, without doubles.
func (u *URL) Left() (names []string) {
	for _, o := range u.options {
		if !o.taken && !slices.Contains(names, o.name) {
			names = append(names, o.name)
		}
	}
	slices.Sort(names)
	return names
}
