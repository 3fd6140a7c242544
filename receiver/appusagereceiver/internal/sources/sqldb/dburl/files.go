// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// checkFiles names the file that is not there, or holds something else than it is named for.
func (s *Security) checkFiles() error {
	if s.Authority != "" && s.Authority != "system" {
		text, err := read("sslrootcert (ssl-ca)", s.Authority)
		if err != nil {
			return err
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return fmt.Errorf("sslrootcert (ssl-ca): the file %s holds no certificate as PEM", s.Authority)
		}
	}
	if (s.Certificate == "") != (s.Key == "") {
		return errors.New("sslcert (ssl-cert) and sslkey (ssl-key) belong together: write both")
	}
	if s.Certificate == "" {
		return nil
	}
	certificate, err := read("sslcert (ssl-cert)", s.Certificate)
	if err != nil {
		return err
	}
	key, err := read("sslkey (ssl-key)", s.Key)
	if err != nil || locked(key) {
		return err // only the client has the password
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		return fmt.Errorf("sslcert (ssl-cert) and sslkey (ssl-key): the files %s and %s are no certificate and key as PEM, or do not belong together", s.Certificate, s.Key)
	}
	return nil
}

func read(option, file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: the file %s cannot be read", option, file)
	}
	return text, nil
}

// locked reports whether a key stands under a password.
func locked(key []byte) bool {
	block, _ := pem.Decode(key)
	return block != nil && (block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "")
}
