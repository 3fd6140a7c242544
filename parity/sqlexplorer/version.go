// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

// Version is a release of the app, with what it needs around it.
type Version struct {
	App      string
	Django   string   // the minor version that it runs on here
	Requires []string // further packages
	Overlay  string   // of the profile app:sql-explorer; empty where the profile itself speaks this version
}

// Newest is the version that the profile app:sql-explorer speaks.
var Newest = Version{App: "5.3", Django: "5.2", Requires: []string{"openai~=1.6"}}

// Versions are the app's minor versions whose telemetry keeps an id in the database and
// rounds its counts, each on another version of Django where it can.
var Versions = []Version{
	{App: "4.2", Django: "3.2", Overlay: "4.2"},
	{App: "4.3", Django: "4.2", Overlay: "4.2"},
	{App: "5.0.2", Django: "5.0", Requires: []string{"python-dateutil~=2.9"}, Overlay: "5.0"},
	{App: "5.1.1", Django: "5.1", Overlay: "5.1"},
	{App: "5.2", Django: "5.1", Overlay: "5.1"},
	Newest,
	{App: "5.3.1", Django: "4.2"},
}
