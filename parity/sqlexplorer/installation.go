// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

// Installation describes the rows and settings of a made-up installation, and what happens in it.
type Installation struct {
	Database         string         `json:"database"`    // its own, copied from a migrated one
	CollectURL       string         `json:"collect_url"` // where the app posts
	Startup          string         `json:"startup"`     // Python that the site runs at its start
	Settings         map[string]any `json:"settings"`    // of the Django site; what an earlier one set stays set
	Users            int            `json:"users"`
	EveryNthUserNull int            `json:"every_nth_user_null"` // of the logs; 1 for all
	Connections      []string       `json:"connections"`         // named by the queries in turn; by their number where the app keeps them in a table
	UserDBs          int            `json:"user_dbs"`
	Title            string         `json:"title"`
	SQL              string         `json:"sql"`
	Queries          int            `json:"queries"`
	Logs             int            `json:"logs"`
	Installed        *string        `json:"installed"` // when the app's first migration ran, in UTC; nil for no migrations
	Steps            []Step         `json:"steps"`
}

// Step is something that a user does, and of which the app reports.
type Step struct {
	Do        string         `json:"do"` // run, stream or assist
	Title     string         `json:"title"`
	SQL       string         `json:"sql"`
	Fails     bool           `json:"fails,omitempty"`     // the app cannot do it
	Anonymous bool           `json:"anonymous,omitempty"` // of a run: by nobody who is logged in
	Format    string         `json:"format,omitempty"`    // of a stream
	Request   map[string]any `json:"request,omitempty"`   // of an assistant's request: its body
}
