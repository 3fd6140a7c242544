// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"regexp"
	"sync"
)

// matcher is a regular expression that is compiled when it is first asked: there are
// many, only the command draft asks them, and each start of the program would wait.
type matcher struct{ compiled func() *regexp.Regexp }

func like(pattern string) matcher {
	return matcher{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })}
}

// MatchString is that of regexp.Regexp.
func (m matcher) MatchString(text string) bool { return m.compiled().MatchString(text) }
