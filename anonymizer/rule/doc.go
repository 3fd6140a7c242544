// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package rule holds the anonymizer's rules for numbers and texts: what each reads
// from a configuration, what it does to a value, and what that promises. A rule is one
// file here, and one line where an entry lists its parts (Number.steps, Text.Step).
//
// # What is guaranteed
//
// The input is the whole history x₁ … x_k of one number (of one installation, metric,
// group and histogram bucket), the output the list of all its reports, in which "no
// value" is one of the values. A Bound compares the distributions P and P' of the
// outputs of two histories, over the installation's secret and what is drawn afresh:
// P(S) ≤ e^ε·P'(S) + δ for each set S of outputs, or the total variation distance. It
// speaks of pairs of histories: of a constant difference (Shifted), of two numbers that
// never change (Unchanging), of each report by itself whatever the histories (Alone), or
// of histories that differ in one report (Single). The first includes the second.
//
// It speaks of whole numbers, and of doubles a whole number apart, from 0 to 2⁵³ less
// a grid; of 0 and 1 for a randomized response. Draws are as good as uniform: HMAC-SHA-256
// under a secret that nobody else has. Whatever depends on raw data besides the number
// (whether a reading failed, found no row of which to tell the least or newest, or a group is there, whether the number is an integer, when a
// report is sent, the order of points) is not covered by a bound and has to be constant; for
// groups see below. Several numbers in which one row counts add their ε, and their c/s, as the
// review at start does: a row that moves from one bucket or group to another counts in both. Points that agree in installation, metric and outgoing attributes
// are reports of one number, whatever resource brings them and whatever type the metric has then: their draw is one, so that the
// difference of two that are not one leaves exact. A number is another one when a
// parameter of its rule, what happens to it before the draw (clamp, merge), the bounds of its
// bucket or an outgoing attribute changes, and drawn for anew: what it was before and is after then count as two numbers.
// Rows that a changed list of an attribute moves from one number to another are growth. Doubles that
// are merged add up with the errors of doubles, which a bound does not cover: let them be whole numbers.
//
// # Theorems
//
// Composition. A chain has a bound when it is, in this order: steps on the raw number, one
// step with a theorem, and any functions of what that step gave (compose).
//
//  1. Post-processing (Dwork and Roth, "The Algorithmic Foundations of Differential
//     Privacy", 2014, proposition 2.1): a function of the output alone, even over time and
//     with independent draws, keeps every bound on the whole list. A bound on each
//     report by itself it keeps only time by time: a bucket with hysteresis mixes reports.
//     A second use of one draw is not independent: no bound.
//  2. Before the theorem, identity and sums of merged points keep a constant difference.
//  3. A clamp lets no difference grow, and keeps none constant: what is left of a bound for
//     Shifted histories is one for Unchanging ones, and those for Alone and Single. The
//     greatest or last of merged points leaves those for Alone and Single: whether a number that
//     never changes is the one that is told may change with the others, or with their times.
//  4. Other functions of the raw number (rounding, ranges) leave no more than bounds that hold
//     for any two numbers, however far apart. Whether a value leaves at all must not
//     depend on the raw number: suppression before the theorem leaves nothing.
//
// Sticky noise, discrete Laplace of scale b, P[n] ∝ exp(−|n|/b) (Ghosh, Roughgarden and
// Sundararajan, "Universally Utility-Maximizing Privacy Mechanisms", 2009), the same draw
// N in all reports: x + c + N gives the same list as x + N' with N' = N + c, and P[N] ≤
// e^(|c|/b)·P[N']. So ε = c/b for Shifted histories, for ever, and for each report Alone.
// Drawn afresh, ε for each report that differs (Single; Dwork and Roth, theorem 3.16).
//
// Sticky rounding to s (derived): r = s·⌊(x+α)/s⌋, α uniform in 0 … s−1. The reports of x + c
// with α are those of x with α + c, where that is below s: all but c of the s offsets have
// a partner, so the total variation distance is at most min(1, c/s), for ever. It is reached
// by histories that visit all residues.
//
// With a clamp before it (derived), of e ends that may lie between the histories: pair α with
// α + c as above. Two reports differ only where an edge lies between the clamped numbers. At
// an upper end M these lie in (M−c, M] whatever the history, which holds a multiple of s for at
// most c offsets; at a lower end likewise. So the distance is at most (1+e)·c/s.
//
// One bit (Ding, Kulkarni and Yekhanin, "Collecting Telemetry Data Privately", NeurIPS 2017):
// P[1] is p₀ + (1−2p₀)·y/m for a rounded number y, linear in y, and the mean of y over α is x.
// For two numbers that never change all reports are functions of one bit each, of which
// the odds differ by at most (1−p₀)/p₀: ε = ln((1−p₀)/p₀), for ever. Nothing is claimed
// of histories that change: (0, m, 0) and (0, 1, 0) change at the same times, and mostly
// their rounded numbers do not, which the memoized bits show.
//
// Randomized response (Erlingsson, Pihur and Korolova, "RAPPOR", CCS 2014, theorem 1): ε∞
// for one value that never changes, ε₁ for one report.
//
// # Groups
//
// A database gives no row for an empty group, so that a name proves a row. Three ways out:
// groups come from lists and all are reported (Number.Groups), so that presence is constant;
// or the noised number is suppressed below t, and a group of d rows leaves with probability
// δ = P[d + N ≥ t] = e^(−(t−d)/b)/(1+e^(−1/b)) for t > d, where none leaves none: (ε, δ), since
// besides that event the outputs have partners as above (Korolova, Kenthapadi, Mishra and
// Ntoulas, "Releasing Search Queries and Clicks Privately", WWW 2009, for the idea), of a histogram's
// group at most δ for each bucket, since any of them lets the name out; or a
// number rounded with a secret offset is suppressed, where an empty group and a 0 are alike,
// so c/s holds as it is. Otherwise there is no bound. Neither is there one where the data says
// which numbers there are, rows or none (the metrics of a pattern, the buckets of an exponential
// histogram); and of a group with a name that changes in time only what holds for each report
// Alone, or Single, because each name has its own draw.
//
// # How it is checked
//
// TestClaim8NoChainPassesItsGuarantee runs the steps themselves on every history of small
// domains, over every outcome of the draws, for every chain of up to three steps, and
// compares by exact rational arithmetic. TestFaultsInTheAlgebraAreCaught does the same
// with a fault in the algebra, each of which is found.
package rule // import "github.com/headcount-otel/headcount/anonymizer/rule"
