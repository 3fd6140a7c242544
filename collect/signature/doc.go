// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package signature signs reports and checks their signatures: HTTP Message
// Signatures (RFC 9421) with Ed25519, over a Content-Digest (RFC 9530).
//
// A signature says that a report comes from where those before it under the same
// installation's id came from, and nothing else: its key is the id's own, its date is
// told to the hour, and neither the address of the endpoint nor that of the sender is
// covered. A proxy may change where a report goes, and not what it says.
package signature // import "github.com/headcount-otel/headcount/collect/signature"
