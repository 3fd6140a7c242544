// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// histories are two neighbours: one row more or less, all the time.
type histories struct{ a, b []int64 }

// audit runs a whole chain on both histories, each time as a new installation, and
// compares how often each list of reports comes out. It fails where the log-ratio is
// above epsilon beyond doubt: where its lower confidence limit (five standard
// errors on both sides, by Wilson's score) is.
func audit(random *rand.ChaCha8, n *Chain, h histories, runs int, epsilon float64) (worst float64, err error) {
	p, q := map[string]int{}, map[string]int{}
	m := &installation{random: random}
	at := &Key{Memory: m, Instance: "id", Name: "metric", Attributes: pcommon.NewMap()}
	for range runs {
		for _, side := range []struct {
			history []int64
			counts  map[string]int
		}{{h.a, p}, {h.b, q}} {
			if _, err := random.Read(m.secret[:]); err != nil {
				return 0, err
			}
			reports := ""
			for _, x := range side.history {
				v, outcome := n.Apply(Value{Whole: x}, at)
				if outcome != Passes {
					reports += "none "
				} else {
					reports += fmt.Sprint(v.Whole, " ")
				}
			}
			side.counts[reports]++
		}
	}
	for _, way := range [][2]map[string]int{{p, q}, {q, p}} {
		for reports, count := range way[0] {
			low, _ := prove.Wilson(count, runs)
			_, high := prove.Wilson(way[1][reports], runs)
			limit := math.Log(low / high)
			worst = max(worst, limit)
			if limit > epsilon {
				err = fmt.Errorf("%v and %v: %q comes %d and %d times: a log-ratio above %.3f where ε is %.3f", h.a, h.b, reports, count, way[1][reports], limit, epsilon)
			}
		}
	}
	return worst, err
}

const auditedRule = "{clamp: {min: 0, max: 1000}, noise: {sensitivity: 1, epsilon: 0.5}, suppress_below: 6, round: {to: 5}}"

func audited(t testing.TB, rule string) *Chain {
	return parsed(t, rule).Chain()
}

var neighbours = []histories{
	{[]int64{5, 5, 5}, []int64{6, 6, 6}},
	{[]int64{7, 8, 9}, []int64{8, 9, 10}},
	{[]int64{12, 3, 40}, []int64{11, 2, 39}},
	{[]int64{1000, 1000, 1000}, []int64{1001, 1001, 1001}}, // beyond the clamp: one history
}

// Where only some reports lie beyond the clamp, a constant shift is none any more: what
// is noised is 999, 1000, 1000 beside 1000, 1000, 1000, and the bound is that of each
// report by itself. The audit has to see it, and the README says it.
var acrossTheClamp = histories{[]int64{999, 1000, 1001}, []int64{1000, 1001, 1002}}

func TestClaim4DoesNotHoldAcrossTheClamp(t *testing.T) {
	t.Parallel()
	_, err := audit(prove.Seeded(t, "clamp"), audited(t, auditedRule), acrossTheClamp, 40_000, .5)
	assert.Error(t, err)
	for i := range acrossTheClamp.a {
		once := histories{acrossTheClamp.a[i : i+1], acrossTheClamp.b[i : i+1]}
		_, err := audit(prove.Seeded(t, "clamp"), audited(t, auditedRule), once, prove.Times(40_000, 1_000_000), .5)
		assert.NoError(t, err, "one report")
	}
}

// With the noise first it would hold: the clamp then only treats what is noised already.
// The order is fixed, so this only says where the bound is lost.
func TestClaim4WouldHoldAcrossAClampAfterNoise(t *testing.T) {
	t.Parallel()
	ordered := audited(t, auditedRule).steps // clamp, noise, suppress, round, floor
	n := &Chain{steps: []step{ordered[1], ordered[0], ordered[2], ordered[3], ordered[4]}}
	_, err := audit(prove.Seeded(t, "clamp after noise"), n, acrossTheClamp, prove.Times(40_000, 1_000_000), .5)
	assert.NoError(t, err)
}

func TestClaim4WholeChain(t *testing.T) {
	runs := prove.Times(40_000, 1_000_000)
	for _, h := range neighbours {
		t.Run(fmt.Sprint(h), func(t *testing.T) {
			t.Parallel()
			worst, err := audit(prove.Seeded(t, fmt.Sprint("audit ", h)), audited(t, auditedRule), h, runs, .5)
			require.NoError(t, err)
			prove.Claim(t, 4, fmt.Sprintf("clamp, noise, suppress, round over three reports: %v and %v", h.a, h.b), "log-ratio at least %.3f, ε = 0.5, %d runs", worst, runs)
		})
	}
}

func TestClaim4OneBitForever(t *testing.T) {
	t.Parallel()
	n := audited(t, "{one_bit: {max: 100, flip: 0}}")
	worst, err := audit(prove.Seeded(t, "one bit"), n, histories{[]int64{0, 100, 0}, []int64{100, 0, 100}}, prove.Times(40_000, 1_000_000), 2*math.Log(3))
	require.NoError(t, err)
	assert.Greater(t, worst, math.Log(3), "the audit sees what there is")
	prove.Claim(t, 4, "one bit over three reports, one pattern of changes", "log-ratio at least %.3f, stated 2ε = %.3f", worst, 2*math.Log(3))
}

func TestClaim4RandomizedResponseForever(t *testing.T) {
	t.Parallel()
	n := audited(t, "{randomized_response: {}}")
	worst, err := audit(prove.Seeded(t, "response"), n, histories{[]int64{0, 0, 0}, []int64{1, 1, 1}}, prove.Times(40_000, 1_000_000), math.Log(3))
	require.NoError(t, err)
	prove.Claim(t, 4, "randomized response over three reports of an unchanging value", "log-ratio at least %.3f, stated ε = %.3f", worst, math.Log(3))
}

// Averaging fifty-two weekly reports learns nothing beyond the first.
func TestClaim6StickyNoiseCannotBeAveraged(t *testing.T) {
	n := audited(t, "{noise: {scale: 5}}")
	at := &Key{Memory: &installation{secret: [32]byte{9}}, Attributes: pcommon.NewMap()}
	first, _ := n.Apply(Value{Whole: 370}, at)
	for range 520 {
		again, _ := n.Apply(Value{Whole: 370}, at)
		require.Equal(t, first, again)
	}
	prove.Claim(t, 6, "sticky noise", "520 reports of a constant number are one number")
}

// Simulated in PRIVACY.md: noise drawn anew is averaged away.
func TestClaim6MutantRedrawnNoiseIsAveragedAway(t *testing.T) {
	n := audited(t, "{noise: {scale: 5, fresh: true}}")
	random := rand.New(prove.Seeded(t, "redrawn"))
	at := &Key{Memory: &installation{random: prove.Seeded(t, "fresh")}, Attributes: pcommon.NewMap()}
	exact := 0
	const runs = 200
	for range runs {
		truth := 30 + random.Int64N(100)
		sum := int64(0)
		for range 520 {
			v, _ := n.Apply(Value{Whole: truth}, at)
			sum += v.Whole
		}
		if (sum+260)/520 == truth {
			exact++
		}
	}
	assert.Greater(t, exact, runs*8/10)
}

func TestMutantsOfTheOrderAreCaught(t *testing.T) {
	random := prove.Seeded(t, "mutants of the order")
	ordered := audited(t, auditedRule).steps // clamp, noise, suppress, round, floor
	for name, order := range map[string][]int{
		"noise after rounding":     {0, 2, 3, 1, 4},
		"suppression before noise": {0, 2, 1, 3, 4},
	} {
		mutant := &Chain{}
		for _, i := range order {
			mutant.steps = append(mutant.steps, ordered[i])
		}
		var errs []error
		for _, h := range append(neighbours, histories{[]int64{7, 7, 7}, []int64{8, 8, 8}}) {
			if _, err := audit(random, mutant, h, 20_000, .5); err != nil {
				errs = append(errs, err)
			}
		}
		assert.NotEmpty(t, errs, name)
	}

	fresh := audited(t, "{noise: {sensitivity: 1, epsilon: 0.5, fresh: true}, suppress_below: 6, round: {to: 5}}")
	_, err := audit(random, fresh, histories{[]int64{10, 10, 10}, []int64{11, 11, 11}}, 40_000, .5)
	assert.Error(t, err, "noise drawn anew for each report")
}
