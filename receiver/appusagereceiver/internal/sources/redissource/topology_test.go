// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
)

// freePort is one of this test's own, as Redis takes it.
func freePort(t *testing.T) string { return strconv.Itoa(porttest.Port(t)) }

// cluster starts nodes that share the slots, and fills it with 120 counters of 1; it returns the nodes' writers and URLs.
func cluster(t *testing.T) (writers []writer, urls []string) {
	const nodes = 3
	var ports, buses []string
	for range nodes {
		port, bus := freePort(t), freePort(t)
		socket := cachetest.Redis(t, "--port", port, "--cluster-enabled", "yes", "--cluster-port", bus, "--bind", "127.0.0.1", "--enable-debug-command", "yes")
		writers = append(writers, newWriter(t, "unix", socket))
		urls = append(urls, "redis://127.0.0.1:"+port)
		ports, buses = append(ports, port), append(buses, bus)
	}
	for i, w := range writers {
		w.do("CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
		if i > 0 {
			w.do("CLUSTER", "MEET", "127.0.0.1", ports[0], buses[0])
		}
	}
	for _, w := range writers {
		require.Eventually(t, func() bool {
			info, err := redis.String(w.conn.Do("CLUSTER", "INFO"))
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
		}, time.Minute, 10*time.Millisecond)
	}
	for i := range 120 {
		key := fmt.Sprintf("messages:%d", i)
		slot, err := redis.Int(writers[0].conn.Do("CLUSTER", "KEYSLOT", key))
		require.NoError(t, err)
		writers[nodes-1-(slots-1-slot)*nodes/slots].do("SET", key, 1)
	}
	return writers, urls
}

func TestCluster(t *testing.T) {
	writers, urls := cluster(t)
	sum := Query{Command: Get(decode.Format{Encoding: decode.Int}), Prefix: "messages:", Limit: 120}
	for _, address := range urls {
		session := open(t, address)
		value, err := read(t, session, sum)
		require.NoError(t, err)
		assert.Equal(t, int64(120), value, "whichever node is asked")
		for i := range 9 {
			value, err = read(t, session, Query{Command: sum.Command, Key: "messages:" + strconv.Itoa(i)})
			require.NoError(t, err)
			assert.Equal(t, int64(1), value, "a key lies where the cluster says")
		}
	}
	few := sum
	few.Limit = 119
	_, err := read(t, open(t, urls[0]), few)
	require.ErrorIs(t, err, errManyKeys, "the limit is that of all nodes together")

	t.Run("a user who may not ask for the nodes", func(t *testing.T) {
		for _, w := range writers {
			w.do("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+getrange", "+scan")
		}
		login := strings.Replace(urls[0], "redis://", "redis://reader:pw@", 1)
		_, err := read(t, open(t, login), sum)
		require.ErrorIs(t, err, errSlots, "a part is not the whole")
		for _, w := range writers {
			w.do("ACL", "SETUSER", "reader", "+cluster|slots")
		}
		value, err := read(t, open(t, login), sum)
		require.NoError(t, err)
		assert.Equal(t, int64(120), value)
	})
	t.Run("slots without a node", func(t *testing.T) {
		slot, err := redis.Int(writers[0].conn.Do("CLUSTER", "KEYSLOT", "messages:1"))
		require.NoError(t, err)
		owner := writers[2-(slots-1-slot)*3/slots]
		owner.do("CLUSTER", "DELSLOTS", slot)
		for _, address := range urls {
			require.Eventually(t, func() bool {
				_, err := read(t, open(t, address), sum)
				return err != nil
			}, time.Minute, 50*time.Millisecond, "and no sum of what is left")
		}
	})
}

// TestReplica is about one that has not had its primary's data yet, and then has.
func TestReplica(t *testing.T) {
	address, _ := filled(t)
	port := freePort(t)
	primary := cachetest.Redis(t, "--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
	newWriter(t, "unix", primary).do("SADD", "set", "a", "b")
	replica := newWriter(t, "unix", strings.TrimPrefix(address, "unix://"))

	nobody := freePort(t)
	replica.do("FLUSHALL")
	replica.do("REPLICAOF", "127.0.0.1", nobody)
	_, err := read(t, open(t, address), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errReplica, "0 would be what it knows, and no truth")

	replica.do("REPLICAOF", "127.0.0.1", port)
	require.Eventually(t, func() bool {
		value, err := read(t, open(t, address), Query{Command: Count("SCARD"), Key: "set"})
		return err == nil && value == int64(2)
	}, time.Minute, 20*time.Millisecond)

	replica.do("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+scard")
	_, err = read(t, open(t, strings.Replace(address, "unix://", "unix://reader:pw@", 1)), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errRole)
	replica.do("ACL", "SETUSER", "reader", "+role")
	value, err := read(t, open(t, strings.Replace(address, "unix://", "unix://reader:pw@", 1)), Query{Command: Count("SCARD"), Key: "set"})
	require.NoError(t, err)
	assert.Equal(t, int64(2), value)
}

func TestSentinel(t *testing.T) {
	_, err := read(t, open(t, "unix://"+cachetest.Sentinel(t)), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errSentinel)
}

// TestOldServers is about what is from before HELLO, or only speaks the protocol.
func TestOldServers(t *testing.T) {
	for name, c := range map[string]struct {
		role, cluster string
		err           error
	}{
		"Redis 5":            {"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", "-ERR This instance has cluster support disabled\r\n", nil},
		"a proxy":            {"-ERR unknown command 'ROLE'\r\n", "-ERR unknown command 'CLUSTER'\r\n", nil},
		"an old Sentinel":    {"*2\r\n$8\r\nsentinel\r\n*0\r\n", "-ERR unknown command 'CLUSTER'\r\n", errSentinel},
		"an unready replica": {"*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$4\r\nsync\r\n:-1\r\n", "-ERR This instance has cluster support disabled\r\n", errReplica},
	} {
		t.Run(name, func(t *testing.T) {
			address := impostor(t, func(conn net.Conn) {
				commands := redis.NewConn(conn, 0, 0)
				for {
					words, err := redis.Strings(commands.Receive())
					if err != nil {
						return
					}
					reply := map[string]string{"HELLO": "-ERR unknown command `HELLO`, with args beginning with: `2`, \r\n", "ROLE": c.role, "CLUSTER": c.cluster, "SCARD": ":7\r\n"}[words[0]]
					if _, err := conn.Write([]byte(reply)); err != nil {
						return
					}
				}
			})
			value, err := read(t, open(t, address), Query{Command: Count("SCARD"), Key: "set"})
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, int64(7), value)
		})
	}
}

// TestAKeyThatMovesBetweenTheNodes is about a key that moves, while its cluster is asked node by node, to one that was asked
// already, or to one that is yet to be.
func TestAKeyThatMovesBetweenTheNodes(t *testing.T) {
	for name, scans := range map[string]map[string][]string{ // the keys that each node has at each question
		"back": {"a:1": {"", "k"}, "b:1": {"", ""}},
		"on":   {"a:1": {"k", ""}, "b:1": {"k", "k"}},
	} {
		t.Run(name, func(t *testing.T) {
			session := open(t, "redis://a:1")
			session.dial = func(_ context.Context, _, address string) (*node, error) {
				ours, theirs := net.Pipe()
				go func() {
					defer theirs.Close()
					commands := redis.NewConn(theirs, 0, 0)
					for asked := 0; ; {
						words, err := redis.Strings(commands.Receive())
						if err != nil {
							return
						}
						reply := map[string]string{
							"CLUSTER":  "*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n$1\r\na\r\n:1\r\n*3\r\n:8192\r\n:16383\r\n*2\r\n$1\r\nb\r\n:1\r\n",
							"GETRANGE": "$1\r\n5\r\n",
							"SCAN":     "*2\r\n$1\r\n0\r\n*0\r\n",
						}[words[0]]
						if words[0] == "SCAN" {
							if scans[address][asked] != "" {
								reply = "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n"
							}
							asked++
						}
						if _, err := theirs.Write([]byte(reply)); err != nil {
							return
						}
					}
				}()
				return &node{conn: redis.NewConn(ours, 0, 0), net: ours, mode: "cluster", role: "master"}, nil
			}
			value, err := read(t, session, Query{Command: Get(decode.Format{Encoding: decode.Int}), Prefix: "k", Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, int64(5), value)
		})
	}
}
