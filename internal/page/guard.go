// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
)

// token opens raw values and the switch. It is new at each start and stands in the start-up log.
type token string

func newToken() token { return token(rand.Text()) }

// opens compares in a time that tells nothing about the token, its length neither.
func (t token) opens(offered string) bool {
	want, got := sha256.Sum256([]byte(t)), sha256.Sum256([]byte(offered))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// bearer is the token in an Authorization header, empty without one.
func bearer(r *http.Request) string {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return credentials
}

// guard lets through only requests that a person, or a program on this machine,
// made on purpose: not another site's page in that person's browser.
func guard(policy string, loopback bool, next http.Handler) http.Handler {
	sameSite := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Cache-Control", "no-store")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "same-origin") // no-referrer would make a form's Origin null

		switch {
		case !ours(r.Host, loopback):
			http.Error(w, "This address is not the page's own: open it by the address in the start-up log.", http.StatusMisdirectedRequest)
		case r.Header.Get("Origin") != "" && r.Header.Get("Origin") != "http://"+r.Host && r.Header.Get("Origin") != "https://"+r.Host:
			http.Error(w, "Other sites may not ask here.", http.StatusForbidden)
		case sameSite.Check(r) != nil:
			http.Error(w, "Other sites may not ask here.", http.StatusForbidden)
		case r.URL.Path != path.Clean(r.URL.Path) || r.URL.RawPath != "":
			http.NotFound(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ours reports whether a Host header is an address, or localhost: a name that
// an attacker's DNS server points here (DNS rebinding) is neither. A page on
// loopback is asked for by a loopback address only.
func ours(host string, loopback bool) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && (addr.IsLoopback() || !loopback)
}
