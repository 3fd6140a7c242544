// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/headcount-otel/headcount/collect/signature"
)

// Check says what is wrong with a configured endpoint, and what to write instead:
// https is required, except towards this machine, or where allowInsecure says so.
func Check(endpoint string, allowInsecure bool) error {
	if endpoint == "" {
		return errors.New("endpoint: missing: write the URL of the collect endpoint, such as https://collect.example.com/stat")
	}
	// What cannot be parsed is not repeated: it may hold a password.
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return errors.New("endpoint: not a URL: write one such as https://collect.example.com/stat")
	}
	switch {
	case u.User != nil:
		return fmt.Errorf("endpoint: the URL of %s holds a user name or password: remove it, and write auth: or headers: instead", u.Host)
	case u.Fragment != "":
		return fmt.Errorf("endpoint: the URL of %s has a fragment (#…), which is never sent: remove it", u.Host)
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return fmt.Errorf("endpoint: scheme %q of %s: write https://", u.Scheme, u.Host)
	case !isLoopback(u.Hostname()) && !allowInsecure:
		return fmt.Errorf("endpoint: http to %s can be read and changed on its way: write https://, or allow_insecure: true beside endpoint", u.Host)
	}
	return nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// ownHeaders carry what the wire format promises; a configured one would replace them.
var ownHeaders = append(signature.Fields(), "Content-Type", "Idempotency-Key")

// DefaultTimeout is how long one request may take where the configuration does not say.
const DefaultTimeout = 5 * time.Second

// CheckClient says what is wrong with the configuration of the client that reaches an endpoint.
func CheckClient(timeout time.Duration, headers configopaque.MapList) error {
	var errs []error
	if timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout: %s would wait for ever: write a positive time, such as 5s", timeout))
	}
	for name := range headers.Iter {
		errs = append(errs, CheckHeader(name))
	}
	return errors.Join(errs...)
}

// CheckHeader refuses to configure a header that the exporter sets itself.
func CheckHeader(name string) error {
	for _, own := range ownHeaders {
		if http.CanonicalHeaderKey(name) == own {
			return fmt.Errorf("headers::%s: the exporter sets this header itself: remove the entry", name)
		}
	}
	return nil
}
