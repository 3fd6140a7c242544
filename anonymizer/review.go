// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/conf"
)

// Review is what a person has to know before consenting: all that may leave, and what is weak about it.
type Review struct {
	// Metrics, Attributes and Resource say, rule by rule, what leaves.
	Metrics, Attributes, Resource []string
	// Warnings say where a rule is weak for what it is used on.
	Warnings []string
}

// Review reads the configuration as a privacy reviewer would.
func (cfg *Config) Review() Review {
	r := Review{
		Metrics:    listed(cfg.Metrics, func(c NumberRule) string { return compileNumber(c).words() }),
		Attributes: listed(cfg.Attributes, func(c TextRule) string { return compileText(c).words }),
		Resource:   listed(cfg.Resource, func(c TextRule) string { return compileText(c).words }),
	}
	r.Warnings = slices.Concat(
		cfg.weakTexts("attributes", cfg.Attributes),
		cfg.weakTexts("resource", cfg.Resource),
		cfg.weakNumbers(),
		cfg.totals(),
		cfg.budget(),
	)
	if t := cfg.Timestamps.Truncate; t < time.Hour {
		r.Warnings = append(r.Warnings, fmt.Sprintf("timestamps::truncate: %v: exact times link reports to what else was seen at that time", t))
	}
	return r
}

func listed[R any](rules conf.Map[R], words func(R) string) (lines []string) {
	for _, name := range rules.Names() {
		lines = append(lines, name+": "+words(rules[name]))
	}
	return lines
}

// identifiers are names and name parts of the semantic conventions that point at one installation, machine or person.
var identifiers = []string{
	instanceID, "host.", "user.", "enduser.", "client.", "session.", "device.", "container.", "k8s.", "process.pid",
	"process.command", "cloud.account", "cloud.resource_id", "net.", "source.", "destination.", "server.address",
}

func identifies(name string) bool {
	for _, part := range []string{".id", "_id", ".uid", "uuid", "email", "ip", ".address", "username", "hostname"} {
		if strings.HasSuffix(name, part) {
			return true
		}
	}
	return slices.ContainsFunc(identifiers, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (cfg *Config) weakTexts(key string, rules conf.Map[TextRule]) (warnings []string) {
	warn := func(name, text string) { warnings = append(warnings, fmt.Sprintf("%s::%s: %s", key, name, text)) }
	for _, name := range rules.Names() {
		switch r := rules[name]; {
		case r.keeps() && identifies(name):
			warn(name, "keep on what looks like an identifier: reports are pseudonymous, not anonymous; pseudonym: {every: quarter} gives it a new name in time")
		case r.Drop:
		case r.Pseudonym != nil && r.Pseudonym.Every == Never:
			warn(name, "pseudonym that never changes: all reports of this installation can be joined")
		case r.Pseudonym != nil && key == "attributes" && cfg.drawsForGroups():
			warn(name, "pseudonym of a data point attribute: sticky rules draw anew for each new name; write every: never, or drop the attribute")
		case r.RandomizedResponse != nil:
			warn(name, manyNeeded)
		}
	}
	return warnings
}

const manyNeeded = "a random answer is of use to the makers of 10,000 installations and more"

func (cfg *Config) drawsForGroups() bool {
	return slices.ContainsFunc(cfg.Metrics.Names(), func(name string) bool { return cfg.Metrics[name].sticky() })
}

// A range narrower than this shows single comings and goings.
const narrow = 20

func (cfg *Config) weakNumbers() (warnings []string) {
	warn := func(name, text string) { warnings = append(warnings, fmt.Sprintf("metrics::%s: %s", name, text)) }
	for _, name := range cfg.Metrics.Names() {
		r := cfg.Metrics[name]
		if r.Drop {
			continue
		}
		if r.Bucket != nil && r.Bucket.hysteresis() == 0 && r.Bucket.bounds()[1]-r.Bucket.bounds()[0] < narrow {
			warn(name, "bucket without hysteresis on a small count: each crossing of an edge tells the exact number in that week; write hysteresis: 0.1")
		}
		if r.Noise != nil && r.Noise.Fresh {
			warn(name, fmt.Sprintf("noise drawn afresh costs ε = %.3g for each report: %.3g for 52, and averaging them takes it away; leave fresh out", r.Noise.epsilon(), 52*r.Noise.epsilon()))
		}
		if r.Noise != nil && r.Clamp.cuts() {
			warn(name, "clamp before noise: the ε holds for each report, and for ever only while the clamp cuts all reports or none; write ends that are never reached, or leave clamp out")
		}
		if r.answersAtRandom() {
			warn(name, manyNeeded)
		}
	}
	return warnings
}

// totals finds numbers that may be the sum of groups of which small ones are suppressed.
func (cfg *Config) totals() (warnings []string) {
	if len(cfg.Attributes) == 0 {
		return nil
	}
	for _, groups := range cfg.Metrics.Names() {
		if r := cfg.Metrics[groups]; r.SuppressBelow == 0 || r.Drop {
			continue
		}
		subject, _, _ := strings.Cut(groups, ".")
		for _, total := range cfg.Metrics.Names() {
			r := cfg.Metrics[total]
			if sameSubject, _, _ := strings.Cut(total, "."); sameSubject == subject && r.SuppressBelow == 0 && !r.Drop && r.Noise == nil {
				warnings = append(warnings, fmt.Sprintf("metrics::%s: if this is the total of %s, it gives its suppressed groups away: round it coarsely, or suppress it below the same", total, groups))
			}
		}
	}
	return warnings
}

// budget sums ε over all noised numbers: a person who counts in each of them has the sum.
func (cfg *Config) budget() []string {
	sum, numbers, open := 0.0, 0, ""
	for _, name := range cfg.Metrics.Names() {
		if r := cfg.Metrics[name]; r.Noise != nil && !r.Drop {
			sum += r.Noise.epsilon()
			numbers++
			if isPattern(name) || len(cfg.Attributes) > 0 {
				open = ", for one number of each rule; groups and names of a pattern each cost their own"
			}
		}
	}
	if numbers == 0 {
		return nil
	}
	return []string{fmt.Sprintf("ε = %.3g over %d noised numbers is what a person pays who counts in all of them by one row%s", sum, numbers, open)}
}

// parameters are those of each sticky rule: when they change, it draws anew.
func (cfg *Config) parameters() map[string]string {
	all := map[string]string{}
	for name, r := range cfg.Metrics {
		if r.sticky() {
			all["metrics::"+name] = strings.Join(stickyWords(r), ", ")
		}
	}
	for name, r := range cfg.Resource {
		if r.sticky() {
			all["resource::"+name] = r.RandomizedResponse.step().parameters
		}
	}
	return all
}

// stickyWords leaves out what can change without a new draw.
func stickyWords(r NumberRule) (words []string) {
	if r.Noise != nil && !r.Noise.Fresh {
		words = append(words, "noise "+r.Noise.step().scale.String())
	}
	if r.Round != nil && r.Round.Mode == RoundSticky {
		words = append(words, fmt.Sprint("round ", r.Round.To))
	}
	if r.OneBit != nil {
		words = append(words, "one_bit "+r.OneBit.step().parameters)
	}
	if r.RandomizedResponse != nil {
		words = append(words, "randomized_response "+r.RandomizedResponse.step().parameters)
	}
	return words
}

// logReview says once, at start, what may leave and what is weak about it.
func (a *anonymizer) logReview() {
	r := a.cfg.Review()
	for _, name := range a.memory.redrawn() {
		r.Warnings = append(r.Warnings, name+": drawn anew more than once within a year, because its parameters changed: each draw of the same number lets an observer average, and costs its ε again")
	}
	a.logger.Info("What may leave through this anonymizer; nothing else does",
		zap.Strings("metrics", r.Metrics), zap.Strings("attributes", r.Attributes), zap.Strings("resource", r.Resource),
		zap.Stringer("times_cut_to", a.cfg.Timestamps.Truncate))
	for _, warning := range r.Warnings {
		a.logger.Warn("Privacy review: " + warning)
	}
}
