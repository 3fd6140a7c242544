// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/collect/conformance"
)

var (
	endpoint = flag.String("endpoint", "", "URL of the collect endpoint to check")
	accepted = flag.String("accepted", "testdata/accepted.json", "file with a body that the endpoint accepts")
	patience = flag.Duration("patience", 2*time.Minute, "how long a client may keep the endpoint waiting, at most")
)

func TestEndpoint(t *testing.T) {
	if *endpoint == "" {
		t.Skip("no -endpoint is given; the collect receiver's tests run this suite against it")
	}
	body, err := os.ReadFile(*accepted)
	require.NoError(t, err)
	conformance.Suite{Endpoint: *endpoint, Accepted: body, Patience: *patience}.Run(t)
}
