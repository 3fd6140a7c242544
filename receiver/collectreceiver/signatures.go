// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/headcount-otel/headcount/collect/signature"
)

// Why a signature is refused, as it is counted.
const (
	missing  = "missing"
	invalid  = "invalid"
	stale    = "stale"
	otherKey = "other_key"
)

// checkSignature refuses a report that another key than its installation's signed, or none
// where one is due. It binds nothing: a limit may still refuse the report.
func (h *handler) checkSignature(r *http.Request, of *report) *refusal {
	signer, err := signature.Verify(r, of.body.Bytes())
	switch {
	case errors.Is(err, signature.ErrUnsigned) && h.config.Signatures.Required:
		return h.refuseSignature(missing, http.StatusForbidden, "this endpoint takes in signed reports alone")
	case errors.Is(err, signature.ErrUnsigned) && h.signers.knows(of.stat.InstanceID):
		return h.refuseSignature(missing, http.StatusForbidden, "the reports of this installation are signed, and this one is not")
	case errors.Is(err, signature.ErrUnsigned):
		return nil
	case err != nil:
		return h.refuseSignature(invalid, http.StatusBadRequest, err.Error())
	case !h.signers.isOfNow(signer):
		return h.refuseSignature(stale, http.StatusForbidden, "the signature's date is too far from this endpoint's")
	case !h.signers.admits(of.stat.InstanceID, signer.Key):
		return h.refuseOtherKey()
	}
	of.signer = signer
	return nil
}

// bind gives the installation of a signed report its key. Of two first reports at the same
// time one is refused.
func (h *handler) bind(of *report) *refusal {
	if of.signer == nil || h.signers.bind(of.stat.InstanceID, of.signer.Key) {
		return nil
	}
	return h.refuseOtherKey()
}

func (h *handler) refuseOtherKey() *refusal {
	return h.refuseSignature(otherKey, http.StatusForbidden, "the reports of this installation are signed with another key")
}

func (h *handler) refuseSignature(why string, status int, reason string) *refusal {
	h.telemetry.ReceiverCollectSignaturesRefused.Add(context.Background(), 1, metric.WithAttributes(attribute.String("reason", why)))
	return &refusal{status: status, reason: reason}
}

// toleranceFor is how far a signature's date may be from this clock, ahead or behind: half
// the time for which Idempotency-Keys are remembered, so that a report that somebody else
// sends again is either known as a repetition or too old.
func toleranceFor(idempotency time.Duration) time.Duration {
	return max(idempotency/2, 2*signature.Grain)
}

// isOfNow reports whether a signature's date is near enough.
func (s *signers) isOfNow(signer *signature.Signer) bool {
	now := s.now()
	if !signer.Expires.IsZero() && now.After(signer.Expires) {
		return false
	}
	return now.Sub(signer.Created).Abs() < s.tolerance
}
