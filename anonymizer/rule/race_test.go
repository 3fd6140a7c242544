// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package rule

// raceDetector is whether this test is built with it: it makes the audits ten times as slow.
const raceDetector = true
