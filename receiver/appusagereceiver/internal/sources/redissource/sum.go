// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/gomodule/redigo/redis"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errSlots     = &source.Error{Reason: "it is a cluster, and its nodes cannot be asked for: allow CLUSTER SLOTS to the user"}
	errUncovered = &source.Error{Reason: "a part of the cluster's keys has no node now, and a sum would be too small"}
)

// slots is how many hash slots a cluster has.
const slots = 16384

// sum adds up what all keys with the prefix have, on all nodes of a cluster.
func (s *Session) sum(ctx context.Context, q Query) (source.Value, error) {
	nodes, err := s.primaries(ctx)
	if err != nil {
		return nil, err
	}
	homes, err := s.homes(ctx, nodes, q)
	if err != nil {
		return nil, err
	}
	var sum source.Sum
	for _, n := range nodes {
		for some := range slices.Chunk(homes[n], 100) {
			values, _, err := s.ask(ctx, n, q.Command, some)
			if err != nil {
				return nil, err
			}
			for _, value := range values {
				if err := sum.Add(value); err != nil {
					return nil, err
				}
			}
		}
	}
	if sum.Addends() == 0 {
		return q.none, nil
	}
	return sum.Total()
}

// homes finds the keys of each node. Those of several nodes are looked for twice: a key that moves from a node that is yet
// to be asked to one that was asked is seen the second time, and one that moves the other way counts once.
func (s *Session) homes(ctx context.Context, nodes []*node, q Query) (map[*node][]string, error) {
	home := map[string]*node{}
	for range min(len(nodes), 2) {
		for _, n := range nodes {
			keys, err := s.keys(ctx, n, q.Prefix, q.Limit)
			if err != nil {
				return nil, err
			}
			for _, key := range keys {
				home[key] = n
			}
		}
	}
	if len(home) > q.Limit {
		return nil, errManyKeys
	}
	homes := map[*node][]string{}
	for _, key := range slices.Sorted(maps.Keys(home)) {
		homes[home[key]] = append(homes[home[key]], key)
	}
	return homes, nil
}

// keys finds those that begin with the prefix, each once.
func (s *Session) keys(ctx context.Context, n *node, prefix string, limit int) ([]string, error) {
	found := map[string]struct{}{}
	for cursor := "0"; ; {
		replies, err := n.ask(ctx, [][]any{{"SCAN", cursor, "MATCH", literal.Replace(prefix) + "*", "COUNT", "1000"}})
		if err != nil {
			return nil, s.broken(ctx, n, err)
		}
		if refused, isError := replies[0].(redis.Error); isError {
			return nil, explain(refused, errRefused)
		}
		page, _ := replies[0].([]any)
		if len(page) != 2 {
			return nil, errReply
		}
		keys, _ := page[1].([]any)
		for _, key := range keys {
			found[text(key)] = struct{}{}
		}
		if len(found) > limit {
			return nil, errManyKeys
		}
		if cursor = text(page[0]); cursor == "0" {
			return slices.Sorted(maps.Keys(found)), nil
		}
		if cursor == "" {
			return nil, errReply
		}
	}
}

// literal makes a text a pattern that matches only itself.
var literal = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)

// primaries are the nodes on which all keys lie: the server itself, or those that a cluster names.
func (s *Session) primaries(ctx context.Context) ([]*node, error) {
	home, err := s.home(ctx)
	if err != nil {
		return nil, err
	}
	if home.mode != "cluster" {
		return []*node{home}, nil
	}
	replies, err := home.ask(ctx, [][]any{{"CLUSTER", "SLOTS"}})
	if err != nil {
		return nil, s.broken(ctx, home, err)
	}
	ranges, told := replies[0].([]any)
	if !told {
		return nil, errSlots
	}
	addresses, covered := map[string]bool{}, int64(0)
	for _, each := range ranges {
		first, last, address, ok := slotRange(each)
		if !ok {
			return nil, errReply
		}
		covered += last - first + 1
		addresses[s.server.beside(address)] = true
	}
	if covered != slots {
		return nil, errUncovered
	}
	var nodes []*node
	for _, address := range slices.Sorted(maps.Keys(addresses)) {
		n, err := s.node(ctx, "tcp", address)
		if err != nil {
			// The other keys may be asked for all the same.
			return nil, &source.Error{Reason: "a node of the cluster: " + err.Error()}
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// slotRange takes one range of CLUSTER SLOTS apart: its first and last slot, and where its primary is.
func slotRange(each any) (first, last int64, address string, ok bool) {
	parts, _ := each.([]any)
	if len(parts) < 3 {
		return 0, 0, "", false
	}
	first, isFirst := parts[0].(int64)
	last, isLast := parts[1].(int64)
	primary, _ := parts[2].([]any)
	if !isFirst || !isLast || len(primary) < 2 {
		return 0, 0, "", false
	}
	port, isPort := primary[1].(int64)
	return first, last, text(primary[0]) + ":" + strconv.FormatInt(port, 10), isPort
}

// beside completes an address that a node gives: without a host it is on the same one.
func (s Server) beside(address string) string {
	colon := strings.LastIndexByte(address, ':')
	host, port := strings.Trim(address[:max(colon, 0)], "[]"), address[colon+1:]
	if host == "" || host == "?" {
		host, _, _ = net.SplitHostPort(s.address)
	}
	return net.JoinHostPort(host, port)
}
