// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command openpcc is a peer for tests: the client and the gateway of another
// implementation of Oblivious HTTP in Go.
package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cloudflare/circl/hpke"
	"github.com/openpcc/ohttp"
)

func main() {
	log.SetFlags(0)
	switch arguments := os.Args[1:]; arguments[0] {
	case "client":
		client(arguments[1], arguments[2])
	case "gateway":
		gateway(arguments[1])
	}
}

// client sends a report through the relay to the gateway of the keys, and prints the status inside.
func client(keys, relay string) {
	list, err := hex.DecodeString(keys)
	check(err)
	var configs ohttp.KeyConfigs
	check(configs.UnmarshalBinary(list))
	transport, err := ohttp.NewTransport(configs[0], relay)
	check(err)
	req, err := http.NewRequest(http.MethodPost, "https://collect.example.com/stat", strings.NewReader("{}"))
	check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "from-openpcc")
	req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	resp, err := transport.RoundTrip(req)
	check(err)
	fmt.Println(resp.StatusCode)
}

// gateway prints its keys and its address, and answers until its input ends.
func gateway(kem string) {
	id := map[string]hpke.KEM{"p256": hpke.KEM_P256_HKDF_SHA256, "x25519": hpke.KEM_X25519_HKDF_SHA256}[kem]
	public, private, err := id.Scheme().GenerateKeyPair()
	check(err)
	config := ohttp.KeyConfig{KeyID: 7, KemID: id, PublicKey: public, SymmetricAlgorithms: []ohttp.SymmetricAlgorithm{{KDFID: hpke.KDF_HKDF_SHA256, AEADID: hpke.AEAD_AES128GCM}}}
	list, err := ohttp.KeyConfigs{config}.MarshalBinary()
	check(err)
	g, err := ohttp.NewGateway(ohttp.KeyPair{SecretKey: private, KeyConfig: config}, ohttp.WithRequestValidator(ohttp.NewHostnameAllowlist("collect.example.com")))
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println(hex.EncodeToString(list))
	fmt.Println(listener.Addr())
	handler := ohttp.Middleware(g, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.Host, r.URL.Path, r.Header.Get("Idempotency-Key"), string(body))
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	go func() { _ = http.Serve(listener, handler) }() //nolint:gosec // a test's
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
