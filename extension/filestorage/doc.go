// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package filestorage is contrib's file_storage with a look at each file before the
// library below it opens it. A damaged file ends that library's process, in words that
// do not name the file, and a supervisor would restart it for ever. And its reads write
// nothing. Configuration and files are contrib's own.
package filestorage // import "github.com/headcount-otel/headcount/extension/filestorage"
