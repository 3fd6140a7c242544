// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "sync"

// Random names, of a metric or resource attribute, the rule with its parameters that makes
// random answers of it; it is empty where none does. The zero Random has no such rule.
type Random struct{ OfMetric, OfResource func(name string) string }

// Metric is the rule of a metric's numbers.
func (r Random) Metric(name string) string { return named(r.OfMetric, name) }

// Resource is the rule of a resource attribute's values.
func (r Random) Resource(name string) string { return named(r.OfResource, name) }

func named(rule func(string) string, name string) string {
	if rule == nil {
		return ""
	}
	return rule(name)
}

// enforced is what some anonymizers of this process work under.
type enforced struct {
	anonymizers int
	random      Random
}

// inForce has the rules of the anonymizers of this process, by their fingerprint.
var inForce struct {
	sync.Mutex
	rules map[string]enforced
}

// EnforceRules says that an anonymizer of this process works under these rules, of which
// random makes random answers, until it calls release. It says so when it is made, which
// is before any exporter starts.
func EnforceRules(rules string, random Random) (release func()) {
	inForce.Lock()
	defer inForce.Unlock()
	if inForce.rules == nil {
		inForce.rules = map[string]enforced{}
	}
	inForce.rules[rules] = enforced{inForce.rules[rules].anonymizers + 1, random}
	return sync.OnceFunc(func() {
		inForce.Lock()
		defer inForce.Unlock()
		left := inForce.rules[rules]
		if left.anonymizers--; left.anonymizers == 0 {
			delete(inForce.rules, rules)
			return
		}
		inForce.rules[rules] = left
	})
}

// RulesInForce reports whether an anonymizer of this process works under the rules of
// this fingerprint. What waits since other rules held does not leave any more.
func RulesInForce(rules string) bool {
	inForce.Lock()
	defer inForce.Unlock()
	return inForce.rules[rules].anonymizers > 0
}

// RandomOf are the random answers of the rules in force of this fingerprint.
func RandomOf(rules string) Random {
	inForce.Lock()
	defer inForce.Unlock()
	return inForce.rules[rules].random
}
