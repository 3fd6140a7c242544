// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/oblivious/bhttp"
)

// peer compiles testdata/peer, Oblivious HTTP in Rust by the RFC's authors.
func peer(t *testing.T) string {
	t.Helper()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: compiling Rust's ohttp takes a minute; HEADCOUNT_PROVE=1 does it")
	}
	debian.HasProgram(t, "cargo")
	target, err := filepath.Abs("../_build/peer")
	require.NoError(t, err)
	build := exec.Command("cargo", "build", "-q", "--locked", "--manifest-path", "testdata/peer/Cargo.toml", "--target-dir", target)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(target, "debug", "peer")
}

// talk is a running peer: a line of hexadecimal each way.
type talk struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors strings.Builder
}

func speak(t *testing.T, program string, args ...string) *talk {
	t.Helper()
	c := &talk{t: t, cmd: exec.Command(program, args...)}
	var err error
	c.in, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	c.out = bufio.NewReader(out)
	c.cmd.Stderr = &c.errors
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() { _ = c.cmd.Wait() })
	return c
}

func (c *talk) line() string {
	c.t.Helper()
	line, err := c.out.ReadString('\n')
	require.NoError(c.t, err, &c.errors)
	return strings.TrimSpace(line)
}

func (c *talk) bytes() []byte { return unhex(c.t, c.line()) }

func (c *talk) say(data []byte) {
	c.t.Helper()
	_, err := fmt.Fprintln(c.in, hex.EncodeToString(data))
	require.NoError(c.t, err)
}

// TestRust has Rust's client talk to our gateway, and ours to Rust's server: each
// mechanism, each suite that Rust has, both forms of messages, with and without padding.
func TestRust(t *testing.T) {
	program := peer(t)
	for _, kem := range []uint16{X25519, P256, XWing} {
		for _, suite := range []Suite{{1, 1}, {1, 3}} {
			for _, form := range []string{"known", "indeterminate"} {
				name := fmt.Sprintf("%04x/%d/%d/%s", kem, suite.KDF, suite.AEAD, form)
				t.Run("from/"+name, func(t *testing.T) {
					key := generated(t, 3, kem)
					key.Suites, key.listed = []Suite{suite}, []Suite{suite}
					gateway, err := NewGateway(key)
					require.NoError(t, err)
					m := &makers{status: http.StatusTooManyRequests}
					h := &Handler{Gateway: gateway, Inner: m, Window: time.Minute}
					rust := speak(t, program, "client", hex.EncodeToString(AppendKeys(nil, &key.PublicKey)), form, time.Now().UTC().Format(http.TimeFormat))
					request, answer, err := gateway.Open(rust.bytes())
					require.NoError(t, err)
					sealed, err := answer.Seal(h.serve((&http.Request{}).WithContext(t.Context()), request).Append(nil, responseSizes...))
					require.NoError(t, err)
					rust.say(sealed)
					assert.Equal(t, "429", rust.line())
					require.Len(t, m.requests, 1)
					assert.Equal(t, "from-rust", m.requests[0].Header.Get("Idempotency-Key"))
					assert.Equal(t, "{}", m.bodies[0])
				})
				t.Run("to/"+name, func(t *testing.T) {
					rust := speak(t, program, "server", fmt.Sprint(kem), fmt.Sprint(suite.KDF), fmt.Sprint(suite.AEAD), form)
					keys, err := ParseKeys(rust.bytes())
					require.NoError(t, err)
					inner := &bhttp.Request{Method: "POST", Scheme: "https", Authority: "collect.example.com", Path: "/stat", Body: []byte("{}")}
					message, exchange, err := Seal(keys[0], inner.Append(nil, requestSizes...))
					require.NoError(t, err)
					rust.say(message)
					assert.Equal(t, "POST collect.example.com /stat {}", rust.line())
					opened, err := exchange.Open(rust.bytes())
					require.NoError(t, err)
					response, err := bhttp.DecodeResponse(opened)
					require.NoError(t, err)
					assert.Equal(t, &bhttp.Response{Status: 202, Header: http.Header{"Retry-After": {"60"}}, Body: []byte("thanks")}, response)
				})
			}
		}
	}
}
