// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package rule

// raceDetector is whether this test is built with it.
const raceDetector = false
