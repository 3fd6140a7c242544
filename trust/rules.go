// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "sync"

// inForce counts, by the fingerprint of its rules, the anonymizers of this process.
var inForce struct {
	sync.Mutex
	rules map[string]int
}

// EnforceRules says that an anonymizer of this process works under these rules, until it
// calls release. It says so when it is made, which is before any exporter starts.
func EnforceRules(rules string) (release func()) {
	inForce.Lock()
	defer inForce.Unlock()
	if inForce.rules == nil {
		inForce.rules = map[string]int{}
	}
	inForce.rules[rules]++
	return sync.OnceFunc(func() {
		inForce.Lock()
		defer inForce.Unlock()
		if inForce.rules[rules]--; inForce.rules[rules] == 0 {
			delete(inForce.rules, rules)
		}
	})
}

// RulesInForce reports whether an anonymizer of this process works under the rules of
// this fingerprint. What waits since other rules held does not leave any more.
func RulesInForce(rules string) bool {
	inForce.Lock()
	defer inForce.Unlock()
	return inForce.rules[rules] > 0
}
