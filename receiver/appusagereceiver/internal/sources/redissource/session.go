// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Query asks for one value, or for the sum of those of all keys with a prefix.
type Query struct {
	Command
	// Key is asked, or, if Prefix is not empty, every key that begins with it, at most Limit of them.
	Key    string
	Prefix string
	Limit  int
}

// Session is one connection at most. It is not safe for concurrent use.
type Session struct {
	client *redis.Client
	// answered is true once the server has answered anything.
	answered bool
}

// Close ends the connection.
func (s *Session) Close() { _ = s.client.Close() }

// Read answers one query; a nil Value means that it found nothing. It may take half of the
// time that ctx has left. After an error that is SessionLost the session is of no more use.
func (s *Session) Read(ctx context.Context, q Query) (source.Value, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	if q.Prefix != "" {
		return s.sum(ctx, q)
	}
	values, err := s.ask(ctx, q.Command, []string{q.Key})
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// Get fetches the bytes under a key; none when there is no such key.
func (s *Session) Get(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	text, err := s.client.Do(ctx, getRange(key)...).Text()
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.answered = true
	if len(text) > decode.MaxBytes {
		return nil, decode.ErrTooLarge
	}
	return []byte(text), nil
}

func (s *Session) sum(ctx context.Context, q Query) (source.Value, error) {
	keys, err := s.keys(ctx, q)
	if err != nil {
		return nil, err
	}
	var sum source.Sum
	for some := range slices.Chunk(keys, 100) {
		values, err := s.ask(ctx, q.Command, some)
		if err != nil {
			return nil, err
		}
		for _, value := range values {
			if err := sum.Add(value); err != nil {
				return nil, err
			}
		}
	}
	if sum.Addends() == 0 {
		return q.none, nil
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

// ask sends the command for each key at once.
func (s *Session) ask(ctx context.Context, c Command, keys []string) ([]source.Value, error) {
	replies, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range keys {
			pipe.Do(ctx, c.words(key)...)
		}
		return nil
	})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.answered = true
	values := make([]source.Value, len(keys))
	for i, reply := range replies {
		if values[i], err = c.value(reply.(*redis.Cmd).Val()); err != nil {
			return nil, err
		}
	}
	return values, nil
}
