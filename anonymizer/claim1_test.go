// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect/mapping"
)

// cases is 20,000 with the race detector, 100,000 without, and 10⁶ to prove.
func cases() int {
	if raceDetector {
		return 20_000
	}
	if testing.Short() {
		return 5_000
	}
	return prove.Times(100_000, 1_000_000)
}

// body is what the collect exporter would send of each resource.
func body(md pmetric.Metrics) (all []byte, err error) {
	stats := mapping.New(nil)
	for _, rm := range md.ResourceMetrics().All() {
		rm.Resource().Attributes().PutStr(mapping.InstanceID, "id")
		for stat, incomplete := range stats.Stats(rm, time.Unix(0, 0), nil) {
			if incomplete != nil {
				continue
			}
			if all, err = stat.AppendJSON(all); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// checkNonInterference feeds two inputs that differ only in what no rule names,
// and within one cell of each rule's grid, and compares what leaves byte by byte.
func checkNonInterference(t testing.TB, a *anonymizer, cases int) error {
	seeds := rand.New(prove.Seeded(t, "non-interference "+t.Name()))
	marshaler := new(pmetric.ProtoMarshaler)
	left := 0
	for i := range cases {
		seen := seeds.Uint64()
		var proto, json [2][]byte
		for half := range 2 {
			g := generator{seen: rand.New(rand.NewPCG(seen, 1)), hidden: rand.New(rand.NewPCG(seeds.Uint64(), 2))}
			out, err := a.process(context.Background(), g.metrics())
			if err != nil {
				continue // nothing passed
			}
			if proto[half], err = marshaler.MarshalMetrics(out); err != nil {
				return err
			}
			if json[half], err = body(out); err != nil {
				return err
			}
		}
		if !bytes.Equal(proto[0], proto[1]) || !bytes.Equal(json[0], json[1]) {
			return fmt.Errorf("case %d, seen %d:\n%s\n%s\n%q\n%q", i, seen, json[0], json[1], proto[0], proto[1])
		}
		left += len(proto[0])
		for half := range 2 {
			if bytes.Contains(proto[half], []byte("canary")) || bytes.Contains(json[half], []byte("canary")) {
				return fmt.Errorf("case %d: a canary left: %q", i, proto[half])
			}
		}
	}
	if left == 0 {
		return fmt.Errorf("nothing left at all")
	}
	prove.Claim(t, 1, "non-interference and text canaries", "%d pairs, %d bytes left alike, in protobuf and JSON", cases, left)
	return nil
}

// Four streams of cases, so that four cores can share them.
func TestClaim1NonInterference(t *testing.T) {
	const streams = 4
	for stream := range streams {
		t.Run(fmt.Sprint("stream ", stream), func(t *testing.T) {
			t.Parallel()
			a, _, _ := made(t, configured(t, generatedRules))
			require.NoError(t, checkNonInterference(t, a, cases()/streams))
		})
	}
}

// numbers that stand for themselves in OTLP's bytes, as fixed 64 bits or as a varint of nine bytes and more.
func encodings(n uint64) [][]byte {
	return [][]byte{binary.LittleEndian.AppendUint64(nil, n), binary.AppendUvarint(nil, n)}
}

func TestClaim1NumberCanaries(t *testing.T) {
	t.Parallel()
	a, _, _ := made(t, configured(t, generatedRules))
	random := rand.New(prove.Seeded(t, "number canaries"))
	n := cases() / 20
	for range n {
		var canaries []uint64
		number := func() uint64 {
			c := random.Uint64()>>1 | 1<<62
			canaries = append(canaries, c)
			return c
		}
		md := pmetric.NewMetrics()
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutInt("unnamed", int64(number()))
		metrics := rm.ScopeMetrics().AppendEmpty().Metrics()
		for _, name := range []string{"gauge", "sum", "unnamed"} {
			m := metrics.AppendEmpty()
			m.SetName(name)
			all := m.SetEmptyGauge().DataPoints()
			if name == "sum" {
				all = m.SetEmptySum().DataPoints()
			}
			p := all.AppendEmpty()
			canaries = append(canaries, random.Uint64()>>1/100*100+7) // on no grid of hundreds
			p.SetIntValue(int64(canaries[len(canaries)-1]))
			p.SetTimestamp(pcommon.Timestamp(number()))
			p.SetStartTimestamp(pcommon.Timestamp(number()))
			p.Attributes().PutInt("unnamed", int64(number()))
			e := p.Exemplars().AppendEmpty()
			e.SetIntValue(int64(number()))
			e.SetTimestamp(pcommon.Timestamp(number()))
		}
		out, err := a.process(context.Background(), md)
		require.NoError(t, err)
		left := bytesOf(t, out)
		for _, c := range canaries {
			for _, e := range encodings(c) {
				require.NotContains(t, string(left), string(e), "canary %d", c)
			}
		}
	}
	prove.Claim(t, 1, "number canaries", "%d batches, 16 numbers each, as fixed 64 bits and varints", n)
}
