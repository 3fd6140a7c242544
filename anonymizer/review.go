// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
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
		Metrics:    listed(cfg.Metrics, cfg.explain),
		Attributes: listed(cfg.Attributes, describeText),
		Resource:   listed(cfg.Resource, describeText),
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

// explain says what a rule for a number does, and what that guarantees.
func (cfg *Config) explain(name string, r rule.Number) string {
	text := r.Chain().Describe()
	if claim := cfg.Claim(name, r); claim != "" {
		text += ". " + claim
	}
	return text
}

// Claim is what the rule of this name guarantees of a number, and what of a group, as no rule knows which it will meet:
// what arrives in groups and leaves as their total leaves nothing where there was no row.
func (cfg *Config) Claim(name string, r rule.Number) string {
	c := r.Chain()
	c.Pattern = isPattern(name)
	alone := c.Guarantee(rule.Always).String()
	if of := cfg.ofGroups(c).String(); of != alone {
		return alone + " Of groups, also where they leave as one: " + of
	}
	return alone
}

func describeText(_ string, r rule.Text) string { return r.Step().Description }

// ofGroups is what a chain guarantees of groups.
func (cfg *Config) ofGroups(c *rule.Chain) rule.Guarantee {
	g := c.Guarantee(rule.WithRows)
	for _, r := range cfg.Attributes {
		if r.Renames() {
			return g.Renamed()
		}
	}
	return g
}

// groups reports whether points may leave that differ in their attributes.
func (cfg *Config) groups() bool {
	for _, r := range cfg.Attributes {
		if !r.Drop {
			return true
		}
	}
	return false
}

func listed[R any](rules conf.Map[R], describe func(name string, r R) string) (lines []string) {
	for _, name := range rules.Names() {
		lines = append(lines, name+": "+describe(name, rules[name]))
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

func (cfg *Config) weakTexts(key string, rules conf.Map[rule.Text]) (warnings []string) {
	warn := func(name, text string) { warnings = append(warnings, fmt.Sprintf("%s::%s: %s", key, name, text)) }
	for _, name := range rules.Names() {
		r := rules[name]
		for _, weakness := range r.Warnings() {
			warn(name, weakness)
		}
		switch {
		case r.Keeps() && identifies(name):
			warn(name, "keep on what looks like an identifier: reports are pseudonymous, not anonymous; pseudonym: {every: quarter} gives it a new name in time")
		case r.Drop:
		case r.Renames() && key == "attributes" && cfg.drawsForGroups():
			warn(name, "pseudonym of a data point attribute: sticky rules draw anew for each new name; write every: never, or drop the attribute")
		}
	}
	return warnings
}

func (cfg *Config) drawsForGroups() bool {
	return slices.ContainsFunc(cfg.Metrics.Names(), func(name string) bool { return cfg.Metrics[name].Sticky() })
}

func (cfg *Config) weakNumbers() (warnings []string) {
	for _, name := range cfg.Metrics.Names() {
		for _, weakness := range cfg.Metrics[name].Warnings() {
			warnings = append(warnings, fmt.Sprintf("metrics::%s: %s", name, weakness))
		}
	}
	return warnings
}

// totals finds numbers that may be the sum of groups of which small ones are suppressed:
// those that say the same unit. Of others nobody here can know; which count the same rows of one table, the
// check of the whole configuration knows.
func (cfg *Config) totals() (warnings []string) {
	if !cfg.groups() {
		return nil
	}
	for _, groups := range cfg.Metrics.Names() {
		of := cfg.Metrics[groups]
		if of.SuppressBelow == 0 || of.Drop || of.Unit == "" {
			continue
		}
		for _, total := range cfg.Metrics.Names() {
			r := cfg.Metrics[total]
			if total != groups && r.Unit == of.Unit && r.SuppressBelow == 0 && r.GivesAway(of.SuppressBelow) {
				warnings = append(warnings, fmt.Sprintf("metrics::%s: if this is the total of %s, it gives its suppressed groups away: round it coarsely, or suppress it below the same", total, groups))
			}
		}
	}
	return warnings
}

// Above this δ a group's name leaves too often.
const greatestDelta = 1e-6

// NamesTell says what the names of a noised number's groups tell of what the noise hides; empty where they tell
// next to nothing. Whether a number has groups, only its data says, or who reads it.
func NamesTell(r rule.Number) string {
	if r.Noise == nil || r.Drop || len(r.Groups) > 0 {
		return ""
	}
	const cure = "write groups: [...] with the attributes whose lists name all groups, or suppress_below: %d"
	threshold := r.Chain().Threshold(greatestDelta)
	switch g := r.Chain().Guarantee(rule.WithRows); {
	case len(g.Bounds) == 0:
		return fmt.Sprintf("the name of each group that leaves proves a row, whatever the noise: "+cure, threshold)
	case g.Bounds[0].Delta > greatestDelta:
		return fmt.Sprintf("the name of a group with a single row leaves with a probability of δ = %s, of a histogram for each of its buckets: "+cure, rule.Figure(g.Bounds[0].Delta), threshold)
	default:
		return ""
	}
}

// budget sums what is told over all numbers that draw: a person who counts in each of them has the sum.
func (cfg *Config) budget() (warnings []string) {
	var epsilon, share float64
	var drawn, rounded int
	answers, once := "", ""
	for _, name := range cfg.Metrics.Names() {
		r := cfg.Metrics[name]
		bounds := r.Chain().Guarantee(rule.Always).Bounds
		switch {
		case len(bounds) == 0:
			continue
		case bounds[0].Of > 0:
			share += float64(bounds[0].PerUnit) / float64(bounds[0].Of)
			rounded++
		default:
			epsilon += bounds[0].Epsilon
			drawn++
			if p := bounds[0].Pairs; p == rule.Alone || p == rule.Single {
				once = ", for each report anew"
			}
		}
		if r.AnswersAtRandom() {
			answers = " and random answers"
		}
	}
	const each = ", for one number of each rule; groups, names of a pattern and buckets of a histogram each cost their own, and a row that moves from one to another counts in both"
	if drawn > 0 {
		warnings = append(warnings, fmt.Sprintf("ε = %s over %d noised numbers%s is what a person pays who counts in all of them by one row%s%s", rule.Figure(epsilon), drawn, answers, once, each))
	}
	if rounded > 1 {
		warnings = append(warnings, fmt.Sprintf("%d numbers are rounded with secret offsets: who counts in all of them by one row is seen with a probability of at most %s%s", rounded, rule.Figure(min(share, 1)), each))
	}
	return warnings
}

// parameters are those of each sticky rule: when they change, it draws anew.
func (cfg *Config) parameters() map[string]string {
	all := map[string]string{}
	for name, r := range cfg.Metrics {
		if p := r.Parameters(); p != "" {
			all["metrics::"+name] = p
		}
	}
	for name, r := range cfg.Resource {
		if p := r.Parameters(); p != "" {
			all["resource::"+name] = p
		}
	}
	return all
}

// logReview says once, at start, what may leave and what is weak about it.
func (a *anonymizer) logReview() {
	r := a.cfg.Review()
	for _, name := range a.memory.redrawn() {
		r.Warnings = append(r.Warnings, name+": drawn anew more than once within a year, because its parameters changed: each draw of the same number lets an observer average, and costs its ε again")
	}
	a.notices.Logger.Info("What may leave through this anonymizer; nothing else does",
		zap.Strings("metrics", r.Metrics), zap.Strings("attributes", r.Attributes), zap.Strings("resource", r.Resource),
		zap.Stringer("times_cut_to", a.cfg.Timestamps.Truncate))
	if !trust.News(a.consent, "review of "+a.id.String(), strings.Join(r.Warnings, "\n")) {
		return
	}
	for _, warning := range r.Warnings {
		a.notices.Logger.Warn("Privacy review: " + warning)
	}
}
