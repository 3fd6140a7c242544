// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/collect/signature"
)

// Reports are signed with a key that stays through restarts, of this or another process.
func TestReportsAreSigned(t *testing.T) {
	makers, dir := newMakers(t), t.TempDir()
	for _, ahead := range []time.Duration{0, 2 * week, 3 * week} { // a report that became due waits for a moment drawn
		a := newApp(t, shop(makers.URL, dir, WithSignature())...)
		a.ahead = ahead
		a.order(10)
		a.export(t)
	}
	posts := makers.received()
	require.Len(t, posts, 2)
	var keys []string
	for _, p := range posts {
		signer, err := signature.Verify(&http.Request{Method: http.MethodPost, Header: p.header}, []byte(p.body))
		require.NoError(t, err)
		keys = append(keys, string(signer.Key))
	}
	assert.Equal(t, keys[0], keys[1])
}

func TestAProfileSaysWhetherReportsAreSigned(t *testing.T) {
	for sign, want := range map[bool]int{true: 1, false: 0} {
		makers := newMakers(t)
		a := newApp(t, shop(makers.URL, t.TempDir(), WithProfile(fmt.Appendf(nil, `{exporters: {collect: {sign: %t}}}`, sign)))...)
		a.order(10)
		a.export(t)
		posts := makers.received()
		require.Len(t, posts, 1)
		for _, name := range signature.Fields() {
			assert.Len(t, posts[0].header[name], want)
		}
	}
}
