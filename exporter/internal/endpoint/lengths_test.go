// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/oblivious"
)

// shippedStats are all stats of the embedded profiles that send any, by profile and name.
func shippedStats(t *testing.T) map[string]mapping.Definitions {
	t.Helper()
	shipped := map[string]mapping.Definitions{}
	for _, p := range apps.Profiles() {
		text, err := apps.Read(p.Name, p.Over)
		require.NoError(t, err)
		retrieved, err := confmap.NewRetrievedFromYAML(text)
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		var profile struct {
			Exporters struct {
				Collect struct {
					Stats mapping.Definitions `mapstructure:"stats"`
				} `mapstructure:"collect"`
			} `mapstructure:"exporters"`
		}
		require.NoError(t, conf.Unmarshal(&profile, confmap.WithIgnoreUnused()))
		if stats := profile.Exporters.Collect.Stats; len(stats) > 0 {
			shipped[p.Name] = stats
		}
	}
	return shipped
}

// reported is a stat as some installation reports it: small or large, with few groups or many.
func reported(random *rand.Rand, name string, d mapping.Definition) collect.Stat {
	stat := collect.Stat{InstanceID: uuid.NewString(), Time: time.Now(), Name: name}
	number := func() collect.Value { return collect.Int(random.Int64N(1 << random.IntN(40))) }
	for _, key := range d.Value.Names() {
		value := number()
		switch origin := d.Value[key]; {
		case origin.By != "":
			var groups collect.Object
			for group := range random.IntN(12) {
				groups = append(groups, collect.Member{Key: fmt.Sprint("group ", group), Value: number()})
			}
			value = collect.Group(groups)
		case random.IntN(8) == 0:
			value = collect.Null()
		case origin.Resource != "" && random.IntN(2) == 0:
			value = collect.Text("postgresql 17.2 on x86_64")
		}
		stat.Value = append(stat.Value, collect.Member{Key: key, Value: value})
	}
	return stat
}

// Seen from the relay, 1,000 reports of all stats of the shipped profiles have at most
// three lengths, whether they are signed or not.
func TestReportsOfTheShippedProfilesHaveFewLengths(t *testing.T) {
	g := newGateway(t)
	lengths := map[int64]int{}
	g.seen = func(r *http.Request) { lengths[r.ContentLength]++ }
	e := g.endpoint(t, nil)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	shipped := shippedStats(t)
	require.GreaterOrEqual(t, len(shipped), 5)
	random := rand.New(rand.NewPCG(1, 2))
	for sent := 0; sent < 1000; {
		for profile, stats := range shipped {
			for _, name := range stats.Names() {
				stat := reported(random, name, stats[name])
				body, err := stat.AppendJSON(nil)
				require.NoError(t, err, profile)
				m := Message{Body: body, IdempotencyKey: uuid.NewString()}
				if sent%2 == 0 {
					m.SignedBy = key
				}
				_, err = e.Post(t.Context(), m)
				require.NoError(t, err)
				sent++
			}
		}
	}
	t.Logf("%v", lengths)
	assert.LessOrEqual(t, len(lengths), 3)
}

// Seen from the makers, the requests of two installations differ in body and key, and in nothing else.
func TestInstallationsDifferInBodyAndKeyAlone(t *testing.T) {
	type request struct {
		outer, inner    http.Header
		host, uri, from string
	}
	var seen []request
	g := newGateway(t)
	g.serve = func(r *http.Request) {
		header := r.Header.Clone()
		for _, own := range []string{"Idempotency-Key", "Date"} { // its time is that of the gateway, or is refused
			assert.NotEmpty(t, header.Get(own))
			header.Del(own)
		}
		seen = append(seen, request{inner: header, host: r.Host, uri: r.RequestURI, from: r.RemoteAddr})
	}
	for installation, version := range []string{"headcount/1.2.3", "headcount/2.0.0"} {
		e := g.endpoint(t, nil)
		e.template.Header.Set("User-Agent", version)
		_, err := e.Post(t.Context(), Message{Body: fmt.Appendf(nil, `{"instanceId":"i-%d"}`, installation), IdempotencyKey: uuid.NewString()})
		require.NoError(t, err)
		seen[installation].outer = g.outside()[installation]
	}
	assert.Equal(t, seen[0], seen[1])
	assert.Empty(t, seen[0].from)
}

// No chaos of a relay takes a report for accepted that is not, drops one, or finds another way.
func TestARelayInChaos(t *testing.T) {
	another := newGateway(t)
	sealed := func(w http.ResponseWriter, message []byte) bool {
		w.Header().Set("Content-Type", oblivious.ResponseType)
		_, _ = w.Write(message)
		return true
	}
	for name, c := range map[string]struct {
		outer func(g *gateway, w http.ResponseWriter, r *http.Request) bool
		fault string
	}{
		"dies":             {func(*gateway, http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, "the relay: connection closed without an answer"},
		"answers 502":      {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true }, "the relay answered with status 502"},
		"wants a password": {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(407); return true }, "the relay answered with status 407"},
		"is a portal":      {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(511); return true }, "the relay answered with status 511"},
		"says yes itself":  {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(204); return true }, "the relay answered with status 204"},
		"redirects": {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "http://makers.invalid/stat?SECRET")
			w.WriteHeader(307)
			return true
		}, "the relay redirects to makers.invalid with status 307"},
		"truncates": {func(g *gateway, w http.ResponseWriter, r *http.Request) bool { return sealed(w, g.answered(r)[:200]) }, "does not open"},
		"truncates its own": {func(g *gateway, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Length", "5000")
			return sealed(w, g.answered(r)[:200])
		}, "the relay: connection closed without an answer"},
		"has another gateway's": {func(_ *gateway, w http.ResponseWriter, _ *http.Request) bool {
			return sealed(w, another.answered(another.request(t)))
		}, "does not open"},
		"swaps two": {func(g *gateway, w http.ResponseWriter, r *http.Request) bool {
			_ = g.answered(r) // which another report gets
			return sealed(w, g.answered(g.request(t)))
		}, "does not open"},
		"brings a key's problem": {func(_ *gateway, w http.ResponseWriter, r *http.Request) bool {
			another.handler.ServeHTTP(w, r)
			return true
		}, "the makers' gateway behind the relay cannot open the report"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.outer = func(w http.ResponseWriter, r *http.Request) bool { return c.outer(g, w, r) }
			answer, err := g.endpoint(t, nil).Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
			require.ErrorContains(t, err, c.fault)
			assert.NotContains(t, err.Error(), "SECRET")
			assert.Equal(t, Answer{}, answer, "no word of the endpoint's: the report stays")
			assert.Len(t, g.outside(), 1, "one try")
		})
	}
}
