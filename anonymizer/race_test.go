// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package anonymizer

const raceDetector = true
