// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import "regexp"

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// IsVariable reports whether a text can be the name of an environment variable, as shells, systemd and containers set
// one. A text with $ or = is not, nor is one in quotes.
func IsVariable(name string) bool { return variable.MatchString(name) }
