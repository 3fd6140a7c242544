// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/headcount-otel/headcount/oblivious"
)

// Oblivious has a relay pass the reports on (RFC 9458): the relay sees who sends
// and not what, the makers see what and not who. Nothing ever goes another way.
type Oblivious struct {
	// Relay is the URL that takes encapsulated requests, for the endpoint of this exporter.
	Relay string `mapstructure:"relay"`
	// Keys are the makers' public keys, as `headcount keys` prints them, the same for
	// every installation: a key for one alone would single it out. The first that is
	// of a known kind is taken.
	Keys string `mapstructure:"keys"`
	// KeysFile holds the same, instead.
	KeysFile string `mapstructure:"keys_file"`
}

// Validate implements confmap.Validator.
func (o *Oblivious) Validate() error {
	return errors.Join(o.checkRelay(), o.checkKeys())
}

func (o *Oblivious) checkRelay() error {
	u, err := url.Parse(o.Relay)
	switch {
	case o.Relay == "":
		return errors.New("relay: missing: write the relay's URL, such as https://relay.example.com/makers")
	case err != nil || u.Hostname() == "":
		return errors.New("relay: not a URL: write one such as https://relay.example.com/makers")
	case u.User != nil:
		return fmt.Errorf("relay: the URL of %s holds a user name or password, by which the relay would know this installation: remove it", u.Host)
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return fmt.Errorf("relay: %s is not reached by https: write https://", u.Host)
	}
	return nil
}

func (o *Oblivious) checkKeys() error {
	switch {
	case o.Keys == "" && o.KeysFile == "":
		return errors.New("keys: missing: write what the makers publish, as `headcount keys` prints it, or its file under keys_file")
	case o.Keys != "" && o.KeysFile != "":
		return errors.New("keys: keys_file says them too: leave one of them out")
	case o.Keys != "":
		if _, err := oblivious.ParseKeysText(o.Keys); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
	}
	return nil
}

// RelayHost is the relay's host and port.
func (o *Oblivious) RelayHost() string {
	u, err := url.Parse(o.Relay)
	if err != nil {
		return ""
	}
	return u.Host
}

// Through is a transport that sends each request through the relay; base reaches the relay.
func (o *Oblivious) Through(base http.RoundTripper) (http.RoundTripper, error) {
	text, key := o.Keys, "keys"
	if o.KeysFile != "" {
		data, err := os.ReadFile(o.KeysFile)
		if err != nil {
			return nil, fmt.Errorf("oblivious::keys_file: %w", err)
		}
		text, key = string(data), "keys_file"
	}
	keys, err := oblivious.ParseKeysText(text)
	if err != nil {
		return nil, fmt.Errorf("oblivious::%s: %w", key, err)
	}
	return &oblivious.Transport{Relay: o.Relay, Key: keys[0], Base: bare(base)}, nil
}

// bare is a transport that adds nothing of its own to a request, as far as net/http's goes.
func bare(base http.RoundTripper) http.RoundTripper {
	standard, ok := base.(*http.Transport)
	if !ok {
		return base
	}
	own := standard.Clone()
	own.DisableCompression = true // else it asks for gzip
	return own
}
