// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"strings"

	"github.com/gomodule/redigo/redis"

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

// Session is one connection at most, and in a cluster one to each node. It is not safe for concurrent use.
type Session struct {
	server Server
	dial   func(ctx context.Context, network, address string) (*node, error)
	// nodes are the connections, by address.
	nodes map[string]*node
	// answered is true once the server has answered anything.
	answered bool
}

// Open prepares a session that ends with ctx; its first reading connects.
func (s Server) Open(ctx context.Context) *Session {
	return &Session{server: s, nodes: map[string]*node{}, dial: func(dialing context.Context, network, address string) (*node, error) {
		return s.dial(ctx, dialing, network, address)
	}}
}

// Close ends the connections.
func (s *Session) Close() {
	for _, n := range s.nodes {
		n.close()
	}
}

// Read answers one query; a nil Value means that it found nothing. It may take half of the
// time that ctx has left. After an error that is SessionLost the session is of no more use.
func (s *Session) Read(ctx context.Context, q Query) (source.Value, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	if q.Prefix != "" {
		return s.sum(ctx, q)
	}
	values, err := s.follow(ctx, q.Command, q.Key)
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// Get fetches the bytes under a key; none when there is no such key.
func (s *Session) Get(ctx context.Context, key string) (data []byte, err error) {
	_, err = s.Read(ctx, Query{Key: key, Command: Command{words: getRange, value: func(reply any) (source.Value, error) {
		data, _ = reply.([]byte)
		if len(data) > decode.MaxBytes {
			return nil, decode.ErrTooLarge
		}
		return nil, nil
	}}})
	return data, err
}

// follow asks for one key, where a node of a cluster says that it lies.
func (s *Session) follow(ctx context.Context, c Command, key string) ([]source.Value, error) {
	home, err := s.home(ctx)
	if err != nil {
		return nil, err
	}
	values, moved, err := s.ask(ctx, home, c, []string{key})
	if moved == "" {
		return values, err
	}
	other, err := s.node(ctx, "tcp", s.server.beside(moved))
	if err != nil {
		return nil, err
	}
	values, _, err = s.ask(ctx, other, c, []string{key})
	return values, err
}

// home is the connection to the server of the URL, which has data and all of them.
func (s *Session) home(ctx context.Context) (*node, error) {
	n, err := s.node(ctx, s.server.network, s.server.address)
	switch {
	case err != nil:
		return nil, err
	case n.mode == "sentinel":
		return nil, errSentinel
	case n.mode != "cluster" && n.role == "replica" && !n.synchronized:
		return n, s.synchronized(ctx, n)
	}
	return n, nil
}

// synchronized asks a replica whether it is one in fact: before it has its primary's data it
// answers as if there were none, and long after it lost its primary as if nothing had happened.
func (s *Session) synchronized(ctx context.Context, n *node) error {
	replies, err := n.ask(ctx, [][]any{{"ROLE"}})
	if err != nil {
		return s.broken(ctx, n, err)
	}
	role, told := replies[0].([]any)
	if !told || len(role) < 4 {
		return errRole
	}
	if text(role[3]) != "connected" {
		return errReplica
	}
	n.synchronized = true
	return nil
}

// node connects to an address unless it is connected.
func (s *Session) node(ctx context.Context, network, address string) (*node, error) {
	if n, connected := s.nodes[address]; connected {
		return n, nil
	}
	n, err := s.dial(ctx, network, address)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.nodes[address] = n
	s.answered = true
	return n, nil
}

// broken takes a connection out of use: an answer of before may still come on it.
func (s *Session) broken(ctx context.Context, n *node, err error) *source.Error {
	for address, known := range s.nodes {
		if known == n {
			delete(s.nodes, address)
		}
	}
	n.close()
	return s.explain(ctx, err)
}

// ask sends the command for each key at once. moved is where a cluster has a key that is not here.
func (s *Session) ask(ctx context.Context, n *node, c Command, keys []string) (values []source.Value, moved string, err error) {
	if c.before != nil {
		var questions [][]any
		for _, key := range keys {
			questions = append(questions, c.before(key)...)
		}
		replies, moved, err := s.send(ctx, n, questions)
		if err != nil {
			return nil, moved, err
		}
		for _, reply := range replies {
			if err := c.doubt(reply); err != nil {
				return nil, "", err
			}
		}
	}
	commands := make([][]any, len(keys))
	for i, key := range keys {
		commands[i] = c.words(key)
	}
	replies, moved, err := s.send(ctx, n, commands)
	if err != nil {
		return nil, moved, err
	}
	values = make([]source.Value, len(keys))
	for i, reply := range replies {
		if values[i], err = c.value(reply); err != nil {
			return nil, "", err
		}
	}
	return values, "", nil
}

// send sends commands, of which the first that is refused is the error.
func (s *Session) send(ctx context.Context, n *node, commands [][]any) (replies []any, moved string, err error) {
	if replies, err = n.ask(ctx, commands); err != nil {
		return nil, "", s.broken(ctx, n, err)
	}
	for _, reply := range replies {
		if refused, isError := reply.(redis.Error); isError {
			if fields := strings.Fields(refused.Error()); len(fields) == 3 && fields[0] == "MOVED" {
				moved = fields[2]
			}
			return nil, moved, explain(refused, errRefused)
		}
	}
	return replies, "", nil
}
