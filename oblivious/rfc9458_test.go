// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/oblivious/bhttp"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	require.NoError(t, err)
	return data
}

// TestRFC9458Example opens and answers the exchange of RFC 9458, appendix A.
func TestRFC9458Example(t *testing.T) {
	private, err := ParsePrivateKey(append([]byte{1, 0x00, 0x20}, unhex(t, "3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a")...))
	require.NoError(t, err)
	published := unhex(t, "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e79815500080001000100010003")
	key, err := ParseKey(published)
	require.NoError(t, err)
	assert.Equal(t, private.key.Bytes(), key.key.Bytes())
	assert.Equal(t, append([]byte{0, byte(len(published))}, published...), AppendKeys(nil, &private.PublicKey))

	gateway, err := NewGateway(private)
	require.NoError(t, err)
	request, answer, err := gateway.Open(unhex(t, "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad19dec96c208b4726374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525"))
	require.NoError(t, err)
	assert.Equal(t, "00034745540568747470730b6578616d706c652e636f6d012f", hex.EncodeToString(request))
	read, err := bhttp.DecodeRequest(request)
	require.NoError(t, err)
	assert.Equal(t, "GET https example.com /", read.Method+" "+read.Scheme+" "+read.Authority+" "+read.Path)

	response, err := answer.seal(unhex(t, "c789e7151fcba46158ca84b04464910d"), unhex(t, "0140c8"))
	require.NoError(t, err)
	assert.Equal(t, "c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f857fbd", hex.EncodeToString(response))
}
