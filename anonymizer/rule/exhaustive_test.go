// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"
)

// auditAll audits the chains of up to three steps, with a fault in the algebra or without.
// In `make test` it is quick: short histories, and one in so many of the longest chains.
func auditAll(longest int, fault func([]effect) []effect) (worst figures, claimed, audited int, err error) {
	worst = figures{}
	for length := 1; length <= longest; length++ {
		chains := chainsOf(pool(), length)
		for at, name := range slices.Sorted(maps.Keys(chains)) {
			steps := chains[name]
			bounds := compose(fault(effectsOf(steps)))
			audited++
			if len(bounds) == 0 {
				continue
			}
			claimed++
			histories := domain(3, 3)
			switch fresh := strings.Contains(name, "fresh"); {
			case prove.Long && fresh: // eight outputs a report: numbers from 0 to 2 are enough
				histories = domain(2, 3)
			case prove.Long:
			case length == 3 && (at%23 != 0 || raceDetector):
				continue
			case fresh:
				histories = domain(2, 2)
			case length == 3:
				histories = domain(2, 3)
			}
			used, bad := checkBounds(steps, bounds, histories, outputsOf(name, steps, histories))
			for kind, share := range used {
				worst.note(kind, share)
			}
			if bad != nil {
				return worst, claimed, audited, fmt.Errorf("%s: %w", name, bad)
			}
		}
	}
	return worst, claimed, audited, nil
}

func TestClaim8NoChainPassesItsGuarantee(t *testing.T) {
	worst, claimed, audited, err := auditAll(3, func(e []effect) []effect { return e })
	require.NoError(t, err)
	prove.Claim(t, 8, "every chain of up to three steps over every pair of histories of length three, exactly", "%d chains, %d with a guarantee", audited, claimed)
	require.Len(t, worst, 10, "kinds of claims")
	for _, kind := range slices.Sorted(maps.Keys(worst)) {
		prove.Claim(t, 8, "of what is computed for "+kind, "at most %.4f used", worst[kind])
		assert.LessOrEqual(t, worst[kind], 1.+1e-9, kind)
		if !strings.HasSuffix(kind, "after a clamp") { // which small domains do not exhaust
			assert.Greater(t, worst[kind], .9, "the audit reaches what is claimed for %s", kind)
		}
	}
}
