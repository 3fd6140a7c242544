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
func auditAll(longest int, fault func([]effect) []effect) (worst float64, claimed, audited int, err error) {
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
			case !prove.Long && length == 3 && (at%23 != 0 || raceDetector):
				continue
			case !prove.Long && fresh:
				histories = domain(2, 2)
			case !prove.Long && length == 3, fresh:
				histories = domain(2, 3)
			}
			used, bad := checkBounds(steps, bounds, histories, outputsOf(name, steps, histories))
			worst = max(worst, used)
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
	prove.Claim(t, 8, "every chain of up to three steps over every pair of histories of length three, exactly", "%d chains, %d with a guarantee; at most %.4f of it used", audited, claimed, worst)
	assert.LessOrEqual(t, worst, 1.+1e-9)
	assert.Greater(t, worst, .99, "the audit reaches what is claimed")
}
