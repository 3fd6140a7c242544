// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Authority issues certificates for a test. All of its files are PEM, and the servers' user owns them.
type Authority struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes one that nobody trusts who does not name its File.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	folder, err := os.MkdirTemp("", "headcount-authority-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	require.NoError(t, os.Chmod(folder, 0o755)) //nolint:gosec // for the servers' user
	a := &Authority{folder: folder}
	template := template("Headcount's tests")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	a.certificate, a.key = a.issue(t, "ca", template, nil)
	return a
}

// File is that of the authority's own certificate.
func (a *Authority) File() string { return filepath.Join(a.folder, "ca.pem") }

// Issue makes a certificate and its key; change says in what it is another than one for localhost.
func (a *Authority) Issue(t testing.TB, name string, change func(*x509.Certificate)) (certificate, key string) {
	t.Helper()
	template := template("localhost")
	template.DNSNames = []string{"localhost"}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	if change != nil {
		change(template)
	}
	a.issue(t, name, template, a)
	return filepath.Join(a.folder, name+".pem"), filepath.Join(a.folder, name+".key")
}

// issue signs with the authority's key; without an authority a certificate signs itself.
func (a *Authority) issue(t testing.TB, name string, template *x509.Certificate, by *Authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	a.write(t, name+".pem", "CERTIFICATE", der)
	a.write(t, name+".key", "PRIVATE KEY", private)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate, key
}

func (a *Authority) write(t testing.TB, name, kind string, der []byte) {
	t.Helper()
	path := filepath.Join(a.folder, name)
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	if os.Getuid() == 0 {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
}

func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

// Secured is the kind of server that speaks TLS with this certificate.
func (k Kind) Secured(certificate, key string) Kind {
	plain := k.serve
	k.serve = func(s *Server) []string {
		if k.Name == PostgreSQL.Name {
			return append(plain(s), "-c", "ssl=on", "-c", "ssl_cert_file="+certificate, "-c", "ssl_key_file="+key)
		}
		command := plain(s)
		for i, argument := range command {
			if argument == "--skip-ssl" {
				command[i] = "--ssl-cert=" + certificate
			}
		}
		return append(command, "--ssl-key="+key)
	}
	return k
}

// Trusting is the kind of secured server that knows the certificates of an authority's clients.
func (k Kind) Trusting(a *Authority) Kind {
	plain := k.serve
	k.serve = func(s *Server) []string {
		if k.Name == PostgreSQL.Name {
			return append(plain(s), "-c", "ssl_ca_file="+a.File())
		}
		return append(plain(s), "--ssl-ca="+a.File())
	}
	return k
}
