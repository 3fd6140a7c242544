// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
