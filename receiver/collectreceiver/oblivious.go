// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/oblivious"
)

// wellKnown is where the keys to publish can be read (RFC 9540, 4).
const wellKnown = "/.well-known/ohttp-gateway"

// Oblivious says how reports are taken in that come through a relay (RFC 9458).
type Oblivious struct {
	// Path at which encapsulated requests are accepted (default /oblivious).
	Path string `mapstructure:"path"`
	// KeyFiles hold the private keys that `headcount keys` made, the preferred one
	// first: the newest, and those that senders still have.
	KeyFiles []string `mapstructure:"key_files"`
	// Window is how far the date inside a request may be from this clock (default
	// 10m): an older one may be a replay that idempotency no longer remembers.
	Window time.Duration `mapstructure:"window"`
}

func defaultOblivious() Oblivious { return Oblivious{Path: "/oblivious", Window: 10 * time.Minute} }

// Validate implements confmap.Validator.
func (o *Oblivious) Validate() error {
	var errs []error
	if !strings.HasPrefix(o.Path, "/") || strings.ContainsAny(o.Path, "?# ") {
		errs = append(errs, fmt.Errorf("path: %q: write a path without query, such as /oblivious", o.Path))
	}
	if len(o.KeyFiles) == 0 {
		errs = append(errs, errors.New("key_files: missing: write the files that `headcount keys` made, such as [/etc/headcount/oblivious.pem]"))
	}
	if o.Window <= 0 {
		errs = append(errs, fmt.Errorf("window: %s: write how far a sender's clock may be off, such as 10m", o.Window))
	}
	return errors.Join(errs...)
}

// privateKeys reads the key files.
func (o *Oblivious) privateKeys() (keys []*oblivious.PrivateKey, err error) {
	for _, name := range o.KeyFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("oblivious::key_files: %w", err)
		}
		key, err := oblivious.ParsePrivateKeyText(text)
		if err != nil {
			return nil, fmt.Errorf("oblivious::key_files: %s: %w", name, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// withOblivious serves encapsulated requests and the keys beside what next serves.
// What is inside a request goes the whole way through next, so that limits,
// authentication and errors are the same; it cannot hold another encapsulated one.
func (h *handler) withOblivious(cfg *Oblivious, next http.Handler) (http.Handler, error) {
	keys, err := cfg.privateKeys()
	if err != nil {
		return nil, err
	}
	gateway, err := oblivious.NewGateway(keys...)
	if err != nil {
		return nil, fmt.Errorf("oblivious::key_files: %w", err)
	}
	published := make([]*oblivious.PublicKey, len(keys))
	for i, key := range keys {
		published[i] = &key.PublicKey
	}
	opened := &oblivious.Handler{Gateway: gateway, Inner: h.keyed(next), Window: cfg.Window}
	list := oblivious.ServeKeys(published...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == cfg.Path, r.URL.Path == wellKnown && r.Method == http.MethodPost:
			opened.ServeHTTP(w, r)
		case r.URL.Path == wellKnown:
			list.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	}), nil
}

// keyed refuses a request without an Idempotency-Key: a relay could send it again within the window.
func (h *handler) keyed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.Header.Get(idempotencyKey) == "" {
			h.answers.refuse(w, r, &refusal{status: http.StatusBadRequest, reason: "write an Idempotency-Key: a relay could send this report twice"})
			return
		}
		next.ServeHTTP(w, r)
	})
}
