// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/dburl"
)

func mariadbOf(u *dburl.URL) (Database, error) {
	socket := strings.Trim(u.Take("unixsocket", "socket", "socketpath", "localsocket"), "()")
	secured, err := u.Security()
	if err != nil {
		return Database{}, err
	}
	hosts := u.Hosts
	if len(hosts) == 0 {
		hosts = []dburl.Host{{Name: "localhost"}}
	}
	if socket != "" {
		hosts = []dburl.Host{{Name: socket}}
	}
	var m mariadb
	for _, host := range hosts {
		config := mysql.NewConfig()
		config.User, config.Passwd, config.DBName = u.User, u.Password, u.Database
		config.Net, config.Addr = "tcp", net.JoinHostPort(host.Name, orElse(host.Port, "3306"))
		if strings.HasPrefix(host.Name, "/") {
			config.Net, config.Addr = "unix", host.Name
		}
		config.ParseTime, config.Loc = true, time.UTC
		config.ConnectionAttributes = "program_name:" + application
		// A session that holds a lock from scrape to scrape is idle for longer than the default of 8 hours.
		config.Params = map[string]string{"wait_timeout": "2147483"}
		config.Logger = &mysql.NopLogger{}
		if err := secure(config, host.Name, secured); err != nil {
			return Database{}, err
		}
		m.configs = append(m.configs, config)
	}
	return Database{dialect: m, ignored: u.Left()}, nil
}

func secure(config *mysql.Config, host string, secured dburl.Security) error {
	if secured.Mode == dburl.Off {
		return nil
	}
	config.AllowFallbackToPlaintext = secured.Mode <= dburl.Preferred
	settings := &tls.Config{
		MinVersion: max(tls.VersionTLS12, secured.MinVersion), MaxVersion: secured.MaxVersion,
		ServerName: host, InsecureSkipVerify: secured.Mode != dburl.VerifyFull, //nolint:gosec // what ssl-mode=REQUIRED means to MySQL
	}
	if secured.Mode == dburl.VerifyCA {
		settings.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, settings.RootCAs) }
	}
	if secured.Authority != "" && secured.Authority != "system" {
		pem, err := os.ReadFile(secured.Authority)
		settings.RootCAs = x509.NewCertPool()
		if err != nil || !settings.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("ssl-ca names a file of PEM certificates")
		}
	}
	if secured.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(secured.Certificate, secured.Key)
		if err != nil {
			return errors.New("ssl-cert and ssl-key name the files of a PEM certificate and its key, which stands under no password")
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	config.TLS = settings
	return nil
}

// verifyChain checks the chain, and not the host's name.
func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		between.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}

// firstOf connects to the first server that answers.
type firstOf []driver.Connector

func (f firstOf) Connect(ctx context.Context) (conn driver.Conn, err error) {
	for _, connector := range f {
		if conn, err = connector.Connect(ctx); err == nil || !unanswered(err) {
			return conn, err
		}
	}
	return nil, err
}

func (f firstOf) Driver() driver.Driver { return f[0].Driver() }

// unanswered reports that a server was not there; whoever refuses has answered.
func unanswered(err error) bool {
	var network *net.OpError
	return errors.As(err, &network)
}
