// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package besidefile reads a SQLite file beside the application that writes it. It is a SQLite VFS
// that can only read: it creates, changes and deletes nothing in the file's folder, whoever may
// write there, and still sees what SQLite's own readers see.
//
// Beside a rollback journal it takes SQLite's shared lock on the file, as every reader does.
//
// In WAL mode SQLite's readers share an index of the log, the -shm file, and create both where the
// application has closed them. This VFS keeps an index of its own in memory, which SQLite builds
// from the log as it does after a crash, and keeps the file from changing under it by a shared lock
// that needs no permission to write: on the first reader's byte of the -shm file, so that no log is
// copied into the file. The application may close its file meanwhile, and take its log away; beside
// one that does so all the time View.Insist keeps it from that by SQLite's shared lock on the file.
// The application is another process: where SQLite has the same file open in this one, it loses
// its own locks when one of the files here is closed, as POSIX wants it.
//
// What those locks cannot prevent, View.Current finds afterwards, and the reading is done again.
package besidefile // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/besidefile"
