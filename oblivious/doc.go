// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package oblivious encapsulates requests and responses as Oblivious HTTP does
// (RFC 9458): a relay passes on what it cannot read, and the gateway reads what
// comes from an address that it does not see. The cryptography is crypto/hpke's
// (RFC 9180); what stands here is the framing. It knows no Collector.
//
// Messages are of known length: a chunked one (message/ohttp-chunked-req) is not read.
package oblivious // import "github.com/headcount-otel/headcount/oblivious"

// The media types of RFC 9458, 9.
const (
	RequestType  = "message/ohttp-req"
	ResponseType = "message/ohttp-res"
	KeysType     = "application/ohttp-keys"
)
