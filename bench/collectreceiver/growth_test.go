// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkGrowth posts n stats of as many installations, each with an Idempotency-Key that
// the receiver remembers from then on.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				address := ours(b)
				clients := make([]*client, concurrency)
				for i := range clients {
					clients[i] = newClient(b, address, "/stat", "", []byte(body))
				}
				b.StartTimer()
				var all sync.WaitGroup
				for c, one := range clients {
					all.Go(func() {
						for i := c; i < n; i += concurrency {
							one.keyed(address, i)
							if err := one.post(); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				b.StopTimer()
				for _, one := range clients {
					require.NoError(b, one.connection.Close())
				}
				b.StartTimer()
			}
		})
	}
}

// keyed makes the next request one of another installation, under a key of its own.
func (c *client) keyed(address string, n int) {
	of := fmt.Sprintf("%08x", n) + body[len(`{"instanceId":"`)+8:]
	c.request = fmt.Appendf(c.request[:0], "POST /stat HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nIdempotency-Key: %032x\r\nContent-Length: %d\r\n\r\n{\"instanceId\":\"%s",
		address, n, len(body), of)
}
