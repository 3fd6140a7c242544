// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Kind is what a Query asks for.
type Kind uint8

const (
	// Get is the value of a string.
	Get Kind = iota
	// SCard is the number of members of a set.
	SCard
	// ZCard is the number of members of a sorted set.
	ZCard
	// ZCount is the number of members of a sorted set whose score, a Unix time in seconds, lies within Since.
	ZCount
	// LLen is the number of elements of a list.
	LLen
	// HLen is the number of fields of a hash.
	HLen
	// PFCount is the approximate number of distinct values that a HyperLogLog has seen.
	PFCount
)

// Query asks for one value, or for the sum of those of all keys with a prefix.
type Query struct {
	Kind Kind
	// Key is asked, or, if Prefix is not empty, every key that begins with it, at most Limit of them.
	Key    string
	Prefix string
	Limit  int
	// Since is how long before now a ZCount begins.
	Since time.Duration
	// Format of the values of a Get.
	Format decode.Format
}

// Session is one connection at most. It is not safe for concurrent use.
type Session struct {
	client *redis.Client
	// answered is true once the server has answered anything.
	answered bool
}

// Close ends the connection.
func (s *Session) Close() { _ = s.client.Close() }

// Read answers one query; a nil Value means that it found nothing. It may take half of
// the time that ctx has left. After an error that is Lost the session is of no more use.
func (s *Session) Read(ctx context.Context, q Query) (source.Value, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	if q.Prefix != "" {
		return s.sum(ctx, q)
	}
	values, err := s.ask(ctx, q, []string{q.Key})
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// Get fetches the bytes under a key; none when there is no such key.
func (s *Session) Get(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	data, err := s.client.GetRange(ctx, key, 0, decode.MaxBytes).Bytes()
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.answered = true
	if len(data) > decode.MaxBytes {
		return nil, decode.ErrTooLarge
	}
	return data, nil
}

func (s *Session) sum(ctx context.Context, q Query) (source.Value, error) {
	keys, err := s.keys(ctx, q)
	if err != nil {
		return nil, err
	}
	var sum source.Sum
	for some := range slices.Chunk(keys, 100) {
		values, err := s.ask(ctx, q, some)
		if err != nil {
			return nil, err
		}
		for _, value := range values {
			if err := sum.Add(value); err != nil {
				return nil, err
			}
		}
	}
	if q.Kind == Get && sum.Addends() == 0 {
		return nil, nil
	}
	return sum.Total()
}

// keys finds those that begin with the prefix, each once.
func (s *Session) keys(ctx context.Context, q Query) ([]string, error) {
	found := map[string]struct{}{}
	for cursor := uint64(0); ; {
		some, next, err := s.client.Scan(ctx, cursor, literal.Replace(q.Prefix)+"*", 1000).Result()
		if err != nil {
			return nil, s.explain(ctx, err)
		}
		s.answered = true
		for _, key := range some {
			found[key] = struct{}{}
		}
		if len(found) > q.Limit {
			return nil, errManyKeys
		}
		if cursor = next; cursor == 0 {
			return slices.Sorted(maps.Keys(found)), nil
		}
	}
}

// literal makes a text a pattern that matches only itself.
var literal = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)

// ask sends the query's command for each key at once.
func (s *Session) ask(ctx context.Context, q Query, keys []string) ([]source.Value, error) {
	commands, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range keys {
			q.command(ctx, pipe, key)
		}
		return nil
	})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.answered = true
	values := make([]source.Value, len(keys))
	for i, command := range commands {
		switch c := command.(type) {
		case *redis.IntCmd:
			values[i] = c.Val()
		case *redis.StringCmd:
			if values[i], err = q.Format.Value([]byte(c.Val())); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// command adds the query's command, of which none changes anything.
func (q Query) command(ctx context.Context, pipe redis.Pipeliner, key string) {
	switch q.Kind {
	case SCard:
		pipe.SCard(ctx, key)
	case ZCard:
		pipe.ZCard(ctx, key)
	case ZCount:
		pipe.ZCount(ctx, key, strconv.FormatInt(time.Now().Add(-q.Since).Unix(), 10), "+inf")
	case LLen:
		pipe.LLen(ctx, key)
	case HLen:
		pipe.HLen(ctx, key)
	case PFCount:
		// For one key the server would note the count in it; of two it takes the union.
		pipe.PFCount(ctx, key, key)
	default:
		// One byte more than is taken, so that a longer value is known as such.
		pipe.GetRange(ctx, key, 0, decode.MaxBytes)
	}
}
