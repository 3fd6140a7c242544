// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// installation is a memory that draws as the processor's does, and stores nothing.
type installation struct {
	secret  mechanism.Secret
	random  io.Reader
	now     time.Time
	buckets map[string]int
}

func (i *installation) Sticky(d Distribution, of Question) int64 {
	return d.Sample(i.secret.Draw(of.Parts()...))
}

func (i *installation) Fresh(d Distribution) int64 { return d.Sample(i.random) }

func (i *installation) Rename(p Pseudonym, of *Key, value string) string {
	return i.secret.Pseudonym(of.Name, value, p.Period(i.secret, i.now))
}

func (i *installation) Range(b mechanism.Buckets, of Question, x int64) int {
	before, met := i.buckets[of.At.Name]
	if !met {
		before = b.Index(x)
	}
	i.buckets[of.At.Name] = b.Next(before, x)
	return i.buckets[of.At.Name]
}

// parsed is a rule as it stands in a file.
func parsed(t testing.TB, rule string) Number {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(rule))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	var n Number
	require.NoError(t, conf.Unmarshal(&n))
	require.NoError(t, confmap.Validate(n))
	return n
}
