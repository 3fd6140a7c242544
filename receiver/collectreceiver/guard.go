// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard lets through, on a loopback address, only requests that a program on this
// machine made on purpose: not another site's page in a browser, nor one whose name
// an attacker's DNS server points here (DNS rebinding). hosts are the names under
// which a proxy on this machine passes requests on.
func (h *handler) guard(loopback bool, next http.Handler) http.Handler {
	if !loopback {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		switch {
		case !h.isOurs(r.Host):
			h.answers.refuse(w, r, &refusal{status: http.StatusMisdirectedRequest, reason: "this endpoint is on loopback, and has another name: ask 127.0.0.1, or write the name under hosts"})
		case origin != "" && !h.config.ServerConfig.CORS.HasValue() && !h.isOursByURL(origin):
			h.answers.refuse(w, r, &refusal{status: http.StatusForbidden, reason: "other sites may not report here"})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isOurs reports whether a Host is a loopback address, localhost, or one of hosts.
func (h *handler) isOurs(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(name, "localhost") || slices.ContainsFunc(h.config.Hosts, func(known string) bool { return strings.EqualFold(known, name) }) {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}

func (h *handler) isOursByURL(origin string) bool {
	parsed, err := url.Parse(origin)
	return err == nil && parsed.Host != "" && h.isOurs(parsed.Host)
}

// isLoopback reports whether a listener's address can be reached from this machine alone.
func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// identity takes away an encoding that changes nothing, which the server would refuse.
func identity(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if encodings := r.Header["Content-Encoding"]; len(encodings) == 1 && strings.EqualFold(strings.TrimSpace(encodings[0]), "identity") {
			r.Header.Del("Content-Encoding")
		}
		next.ServeHTTP(w, r)
	})
}
