// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import "sync"

// Memory holds what was chosen in this process, for as long as it lives: a reload
// of the configuration takes no choice back, whether or not it could be stored.
// The zero Memory is empty.
type Memory struct {
	mu      sync.Mutex
	choices map[string]Choice
}

// note remembers a choice under the installation's name.
func (m *Memory) note(name string, c Choice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.choices == nil {
		m.choices = map[string]Choice{}
	}
	m.choices[name] = c
}

// own returns what was chosen for the installation of that name.
func (m *Memory) own(name string) *Choice {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.choices[name]; ok {
		return &c
	}
	return nil
}

// strictest is the strictest of all choices: for an installation of which nothing
// else is known, such as one whose extension was renamed.
func (m *Memory) strictest() (held *Choice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.choices {
		if held != nil {
			c = strictest(*held, c)
		}
		held = &c
	}
	return held
}
