// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errAuthorities = &source.Error{Reason: "the file of the URL's ssl_ca_certs cannot be read, or holds no certificate", SessionLost: true}
	errKeyPair     = &source.Error{Reason: "the files of the URL's ssl_certfile and ssl_keyfile cannot be read, or do not belong together", SessionLost: true}
)

// encryption is what a URL says of TLS.
type encryption struct {
	// unasked is true for options of TLS in a URL that has not asked for it.
	unasked bool
	// unverified takes any certificate, anyName one of any host. Where another option of the URL wants it
	// verified, it is.
	unverified, anyName, verified bool
	// authorities, certificate and key are files.
	authorities, certificate, key string
}

// require reads ssl_cert_reqs: a client always verifies, unless it is told to take anything.
func (e *encryption) require(value string) error {
	switch strings.TrimPrefix(strings.ToLower(value), "cert_") {
	case "none", "0":
		e.unverified = true
	case "optional", "required", "1", "2":
		e.verified = true
	default:
		return errReqs
	}
	return nil
}

func (e *encryption) skip(value string) error {
	skip, err := boolean(value)
	e.unverified = e.unverified || skip
	e.verified = e.verified || err == nil && !skip
	return err
}

func (e *encryption) checkHost(value string) error {
	check, err := boolean(value)
	e.anyName = !check
	return err
}

// config reads the files.
func (e *encryption) config(host string) (*tls.Config, error) {
	unverified := e.unverified && !e.verified
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: unverified} //nolint:gosec // as the URL says
	if e.authorities != "" {
		text, err := os.ReadFile(e.authorities)
		config.RootCAs = x509.NewCertPool()
		if err != nil || !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, errAuthorities
		}
	}
	if e.certificate != "" || e.key != "" {
		key := e.key
		if key == "" { // one file may hold both
			key = e.certificate
		}
		pair, err := tls.LoadX509KeyPair(e.certificate, key)
		if err != nil {
			return nil, errKeyPair
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if e.anyName && !unverified {
		config.InsecureSkipVerify = true //nolint:gosec // the chain is verified below
		config.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, config.RootCAs) }
	}
	return config, nil
}

// verifyChain verifies a certificate but for the host's name.
func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, certificate := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(options)
	return err
}
