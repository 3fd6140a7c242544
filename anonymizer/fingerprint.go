// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
)

// rulesVersion changes when the same rules come to mean something else.
const rulesVersion = 1

// fingerprint is the same for the same rules in any process, and for no others: what
// waits carries that of the rules under which it was built.
func (cfg *Config) fingerprint() string {
	rules, err := json.Marshal([]any{rulesVersion, cfg.Timestamps, cfg.Metrics, cfg.Attributes, cfg.Resource})
	if err != nil {
		panic("the rules hold nothing that JSON cannot: " + err.Error())
	}
	sum := sha256.Sum256(rules)
	return hex.EncodeToString(sum[:16])
}

// Random are the rules that make random answers, by what they are made of.
func (cfg *Config) Random() trust.Random {
	metrics, resource := index(cfg.Metrics, rule.Number.Estimand), index(cfg.Resource, rule.Text.Estimand)
	return trust.Random{
		OfMetric:   func(name string) string { return first(metrics.find(name)) },
		OfResource: func(name string) string { return first(resource.find(name)) },
	}
}

func first(estimand string, _ bool) string { return estimand }
