// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/dburl"
)

// passed are those of libpq's options that pgx understands as libpq does.
var passed = []string{
	"application_name", "connect_timeout", "target_session_attrs", "service", "servicefile", "passfile", "options",
	"krbsrvname", "krbspn", "sslnegotiation", "sslcertmode", "sslsni", "channel_binding", "require_auth",
	"min_protocol_version", "max_protocol_version", "role",
}

// without are those of libpq's options that change nothing in what is read, so that nobody has to hear of them.
var without = []string{
	"keepalives", "keepalivesidle", "keepalivesinterval", "keepalivescount", "tcpusertimeout", "loadbalancehosts",
	"fallbackapplicationname", "clientencoding", "sslcompression", "gsslib", "gssdelegation", "sslkeylogfile",
}

// sslmodes are libpq's names.
var sslmodes = map[dburl.Mode]string{
	dburl.Off: "disable", dburl.Preferred: "prefer", dburl.Required: "require", dburl.VerifyCA: "verify-ca", dburl.VerifyFull: "verify-full",
}

// variables are those of libpq's that pgx does not heed, and the options that they stand for. PGSSLMODE it heeds as long
// as nothing in the URL asks for TLS, which may be less than what the variable asks for.
var variables = map[string]string{
	"PGSSLMODE": "sslmode", "PGREQUIRESSL": "requiressl", "PGSSLMINPROTOCOLVERSION": "ssl_min_protocol_version", "PGSSLMAXPROTOCOLVERSION": "ssl_max_protocol_version",
	"PGSSLCRL": "sslcrl", "PGSSLCRLDIR": "sslcrldir", "PGREQUIREPEER": "requirepeer", "PGGSSENCMODE": "gssencmode", "PGHOSTADDR": "hostaddr",
}

func postgresOf(u *dburl.URL) (Database, error) {
	heedVariables(u)
	settings := url.Values{}
	for _, name := range passed {
		if value := u.Take(strings.ReplaceAll(name, "_", "")); value != "" {
			settings.Set(name, value)
		}
	}
	u.Take(without...)
	if u.Take("gssencmode") == "require" {
		return Database{}, errors.New("gssencmode=require cannot be honoured: write sslmode=verify-full instead")
	}
	attributes, err := sessionAttributes(u)
	if err != nil {
		return Database{}, err
	}
	secured, err := u.Security()
	if err != nil {
		return Database{}, err
	}
	schema := u.Take("searchpath", "currentschema", "schema", "schemasearchpath")
	hostaddr := u.Take("hostaddr")
	hosts, ports, err := postgresHosts(u)
	if err != nil {
		return Database{}, err
	}
	if hostaddr != "" && len(hosts) == 0 {
		hosts, hostaddr = []string{hostaddr}, ""
	}
	// As options, because a URL cannot hold a socket's path as its host.
	for key, value := range map[string]string{
		"user": u.User, "password": u.Password, "host": strings.Join(hosts, ","), "port": joinedPorts(ports), "dbname": u.Database,
		"target_session_attrs": attributes, "sslmode": sslmodes[secured.Mode], "sslrootcert": secured.Authority,
		"sslcert": secured.Certificate, "sslkey": secured.Key, "sslpassword": secured.KeyPassword,
	} {
		if value != "" {
			settings.Set(key, value)
		}
	}
	config, err := pgxConfig(settings)
	if err != nil {
		return Database{}, err
	}
	limitVersions(config, secured)
	if hostaddr != "" {
		config.LookupFunc = func(context.Context, string) ([]string, error) { return strings.Split(hostaddr, ","), nil }
	}
	return Database{dialect: postgres{config, schema}, ignored: u.Left()}, nil
}

// heedVariables lets libpq's variables stand for what the URL does not say.
func heedVariables(u *dburl.URL) {
	if service := os.Getenv("PGSERVICE"); service != "" {
		u.Default("service", "PGSERVICE", service)
	}
	for variable, option := range variables {
		if variable == "PGSSLMODE" && u.Says("service") {
			continue // which may ask for more, and comes before the variable
		}
		if value := os.Getenv(variable); value != "" && (variable != "PGSSLMODE" || strings.HasPrefix(value, "require") || strings.HasPrefix(value, "verify")) {
			u.Default(option, variable, value)
		}
	}
}

func postgresHosts(u *dburl.URL) (names, ports []string, err error) {
	peer := u.Take("requirepeer")
	for _, host := range u.Hosts {
		if peer != "" && strings.HasPrefix(host.Name, "/") {
			return nil, nil, errors.New("the option requirepeer cannot be honoured at a socket: leave it out")
		}
		names, ports = append(names, host.Name), append(ports, host.Port)
	}
	return names, ports, nil
}

// pgxConfig is what pgx makes of libpq's settings, with what every session of ours has.
func pgxConfig(settings url.Values) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig("postgres:///?" + strings.ReplaceAll(settings.Encode(), "+", "%20"))
	switch {
	case err != nil && settings.Has("service"):
		return nil, errors.New("the option service names none in the file of services (~/.pg_service.conf, or the one that PGSERVICEFILE or the option servicefile names), or that one has a setting that cannot be")
	case err != nil:
		return nil, fmt.Errorf("one of its options has a value that cannot be: %w", dburl.Err)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = application
	}
	// Else the server would send the bytes of its own character set, or of the one that the user's settings name.
	config.RuntimeParams["client_encoding"] = "UTF8"
	// Without named statements, which a connection pooler in between may not know.
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	return config, nil
}

// joinedPorts is empty where no host has a port of its own.
func joinedPorts(ports []string) string {
	joined := strings.Join(ports, ",")
	if strings.Trim(joined, ",") == "" {
		return ""
	}
	for i := range ports {
		if ports[i] == "" {
			ports[i] = "5432"
		}
	}
	return strings.Join(ports, ",")
}

// sessionAttributes are target_session_attrs, from what JDBC calls targetServerType.
func sessionAttributes(u *dburl.URL) (string, error) {
	value := u.Take("targetservertype")
	if value == "" {
		return "", nil
	}
	attributes, known := map[string]string{
		"any": "any", "primary": "primary", "master": "primary", "secondary": "standby", "slave": "standby",
		"preferSecondary": "prefer-standby", "preferSlave": "prefer-standby", "preferPrimary": "any",
	}[value]
	if !known {
		return "", errors.New("the option targetServerType has a value that is unknown: write primary, secondary or any")
	}
	return attributes, nil
}

// limitVersions applies to each way of connecting.
func limitVersions(config *pgx.ConnConfig, secured dburl.Security) {
	if config.TLSConfig != nil {
		config.TLSConfig.MinVersion, config.TLSConfig.MaxVersion = max(config.TLSConfig.MinVersion, secured.MinVersion), secured.MaxVersion
	}
	for _, fallback := range config.Fallbacks {
		if fallback.TLSConfig != nil {
			fallback.TLSConfig.MinVersion, fallback.TLSConfig.MaxVersion = max(fallback.TLSConfig.MinVersion, secured.MinVersion), secured.MaxVersion
		}
	}
}
