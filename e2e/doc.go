// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e holds the tests that run the built distribution, as a user would.
package e2e
