// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/python"
)

// spellings are URLs as frameworks and hosts write them.
var spellings = map[string]Server{
	"redis://":                            {network: "tcp", address: "localhost:6379"},
	"redis://host":                        {network: "tcp", address: "host:6379"},
	"redis://host/":                       {network: "tcp", address: "host:6379"},
	"redis://host:7000/3":                 {network: "tcp", address: "host:7000", database: 3},
	"redis://:pa%3Ass%40@host/2":          {network: "tcp", address: "host:6379", password: "pa:ss@", database: 2},
	"redis://:a^b|c{d@host":               {network: "tcp", address: "host:6379", password: "a^b|c{d"},
	"redis://me:p@ss@host":                {network: "tcp", address: "host:6379", user: "me", password: "p@ss"},
	"redis://[::1]:6380/2":                {network: "tcp", address: "[::1]:6380", database: 2},
	"redis://host/2?db=5":                 {network: "tcp", address: "host:6379", database: 5},
	"redis://host?password=x&username=me": {network: "tcp", address: "host:6379", user: "me", password: "x"},
	"redis://host?health_check_interval=30&max_connections=9&socket_timeout=5&decode_responses=True": {network: "tcp", address: "host:6379"},
	"rediss://user:pw@host:6380/1":                                    {network: "tcp", address: "host:6380", user: "user", password: "pw", database: 1, tls: &encryption{}},
	"rediss://host?ssl_cert_reqs=none":                                {network: "tcp", address: "host:6379", tls: &encryption{unverified: true}},
	"rediss://host?ssl_cert_reqs=CERT_REQUIRED":                       {network: "tcp", address: "host:6379", tls: &encryption{verified: true}},
	"rediss://host?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false": {network: "tcp", address: "host:6379", tls: &encryption{authorities: "/etc/ca.pem", anyName: true}},
	"redis://host?ssl=true&ssl_cert_reqs=none":                        {network: "tcp", address: "host:6379", tls: &encryption{unverified: true}},
	"valkey://host/1":                                                 {network: "tcp", address: "host:6379", database: 1},
	"valkeys://host":                                                  {network: "tcp", address: "host:6379", tls: &encryption{}},
	"tls://host:6380":                                                 {network: "tcp", address: "host:6380", tls: &encryption{}},
	"tcp://host:6379?database=2&password=pw":                          {network: "tcp", address: "host:6379", password: "pw", database: 2},
	"unix:///run/redis.sock?db=1":                                     {network: "unix", address: "/run/redis.sock", database: 1},
	"unix://me:pw@/run/redis.sock":                                    {network: "unix", address: "/run/redis.sock", user: "me", password: "pw"},
	"redis+socket:///run/redis.sock?virtual_host=4":                   {network: "unix", address: "/run/redis.sock", database: 4},
	"redis-socket:///run/redis.sock?database=4":                       {network: "unix", address: "/run/redis.sock", database: 4},
}

func TestSpellings(t *testing.T) {
	for text, want := range spellings {
		got, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

// TestAsClients compares with what redis-py, valkey-py and kombu, which is Celery's, take from the same URLs.
func TestAsClients(t *testing.T) {
	program := python.Python(t, "../../../../..", "redis-urls", []string{"redis==5.2.1", "valkey==6.1.0", "kombu==5.5.4"})
	var asked []string
	for text := range spellings {
		if !strings.Contains(text, "tcp://") && !strings.Contains(text, "tls://") && !strings.Contains(text, "redis-socket") && !strings.Contains(text, "ssl=") {
			asked = append(asked, text)
		}
	}
	input, err := json.Marshal(asked)
	require.NoError(t, err)
	command := exec.Command(program, "testdata/urls.py")
	command.Stdin = strings.NewReader(string(input))
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	var clients map[string]struct {
		Address, User, Password string
		Database                int
		TLS, Unverified         bool
	}
	require.NoError(t, json.Unmarshal(output, &clients), string(output))
	require.Len(t, clients, len(asked))
	for text, client := range clients {
		want := spellings[text]
		assert.Equal(t, client.Address, want.address, text)
		assert.Equal(t, client.User, want.user, text)
		assert.Equal(t, client.Password, want.password, text)
		assert.Equal(t, client.Database, want.database, text)
		assert.Equal(t, client.TLS, want.tls != nil, text)
		assert.Equal(t, client.Unverified, want.tls != nil && want.tls.unverified, text)
	}
}

// TestRefusedURLs is about what no error may repeat.
func TestRefusedURLs(t *testing.T) {
	for text, want := range map[string]error{
		"":                                    errURL,
		"hunter2":                             errURL,
		"http://:hunter2@host":                errURL,
		"redis://:hunter2@host/x":             errURL,
		"redis://:hunter2@host:port":          errURL,
		"redis://:hunter2@host:0":             errURL,
		"redis://:hun%ter2@host":              errURL,
		"redis://:hun#ter2@host":              errURL,
		"redis://:hun/ter2@host":              errURL,
		"unix://:hunter2@":                    errURL,
		"unix://host/run/redis.sock":          errURL,
		"redis://:hunter2@host?db=x":          errURL,
		"redis://:hun?ter2@host/0":            errURL,
		"redis://host/0?hunter2=1":            errOption,
		"redis://host/0?hunter2%3dssl=1":      errTLS,
		"rediss://host?ssl_cert_reqs=hunter2": errReqs,
		"rediss://host?skip_verify=hunter2":   errBoolean,
		"redis://host?ssl_cert_reqs=none":     errNoTLS,
		"redis://host?ssl=true&ssl=false":     errTwice,
		"redis://host?SSL=true&ssl=false":     errTwice,
		"redis://host?ssl":                    errBoolean,
		"redis://host/0?tls=&db=1":            errBoolean,
		"redis://host?class=SSLConnection":    errTLS,
		"redis://host?protocol=rediss":        errTLS,

		"rediss://host?ssl_cert_reqs=required&ssl_cert_reqs=none": errTwice,
		"redis://:hunter2@a:1,b:2/0":                              errSeveral,
		"redis+sentinel://:hunter2@a:1,b:2/m/0":                   errWatchers,
		"redis-sentinel://hunter2@a/0#m":                          errWatchers,
		"sentinel://a;sentinel://b":                               errWatchers,
		"redis://a?sentinel_master=hunter2":                       errWatchers,
	} {
		_, err := Parse(text)
		require.ErrorIs(t, err, want, text)
		assert.NotContains(t, err.Error(), "ter2", text)
	}
}

// FuzzParse is about any text: no panic, and no error that repeats a password.
func FuzzParse(f *testing.F) {
	for text := range spellings {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		server, err := Parse(text)
		if err == nil {
			require.NotEmpty(t, server.address, fmt.Sprintf("%q", text))
		}
	})
}

// TestTheStrongestDemandCounts is about URLs that ask for a verified certificate and for any.
func TestTheStrongestDemandCounts(t *testing.T) {
	for _, text := range []string{
		"rediss://host?ssl_cert_reqs=required&skip_verify=true", "rediss://host?skip_verify=false&ssl_cert_reqs=none",
		"valkeys://host?ssl=false", "rediss://host?tls=false&ssl=0",
	} {
		for range 8 { // the options come in any order
			s, err := Parse(text)
			require.NoError(t, err, text)
			require.NotNil(t, s.tls, text)
			config, err := s.tls.config("host")
			require.NoError(t, err, text)
			assert.False(t, config.InsecureSkipVerify, text)
		}
	}
}
