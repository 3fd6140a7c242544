// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/trust"
)

type clientKey struct{}

func TestMark(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), clientKey{}, "198.51.100.7"))
	marked := trust.Anonymized(parent)

	assert.True(t, trust.IsAnonymized(marked))
	assert.False(t, trust.IsAnonymized(parent), "the parent is not marked by its child")
	assert.Nil(t, marked.Value(clientKey{}), "what the parent knew stays behind")

	cancel()
	assert.ErrorIs(t, marked.Err(), context.Canceled)
}

func TestMarkSurvivesDerivedContexts(t *testing.T) {
	derived, cancel := context.WithCancel(trust.Anonymized(t.Context()))
	defer cancel()
	assert.True(t, trust.IsAnonymized(derived))
}

func TestMarkIsNotAGuessableValue(t *testing.T) {
	//nolint:revive,staticcheck // a plain string key is the point
	assert.False(t, trust.IsAnonymized(context.WithValue(t.Context(), "anonymizedKey", true)))
}
