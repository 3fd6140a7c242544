// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
)

// node is a connection to one server.
type node struct {
	conn redis.Conn
	net  net.Conn
	// mode is standalone, cluster or sentinel, and role is master or replica, as the server says.
	mode, role string
	// synchronized is true once a replica has said that it has its primary's data.
	synchronized bool
}

// dial connects to an address and logs in. The connection ends with the session.
func (s Server) dial(session, ctx context.Context, network, address string) (*node, error) {
	var dialer framing.Dialer = new(net.Dialer)
	if s.tls != nil {
		host, _, _ := net.SplitHostPort(address)
		config, err := s.tls.config(host)
		if err != nil {
			return nil, err
		}
		dialer = &tls.Dialer{Config: config}
	}
	conn, err := framing.Dial(session, ctx, dialer, network, address, &resp{})
	if err != nil {
		return nil, err
	}
	n := &node{conn: redis.NewConn(conn, 0, 0), net: conn}
	if err := s.greet(ctx, n); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *node) close() { _ = n.conn.Close() }

// greet logs in, and asks what the server is.
func (s Server) greet(ctx context.Context, n *node) error {
	hello, err := s.login(ctx, n, s.user)
	if errors.Is(err, errNoUsers) {
		hello, err = s.login(ctx, n, "")
	}
	if err != nil {
		return err
	}
	return n.introduce(ctx, hello)
}

// errNoUsers is a server from before Redis 6, where hosts gave URLs with any name for the user.
var errNoUsers = errors.New("no users")

// login logs in and selects the database; it returns the server's answer to HELLO.
func (s Server) login(ctx context.Context, n *node, user string) (hello any, err error) {
	var commands [][]any
	switch {
	case user != "" && s.password != "":
		commands = append(commands, []any{"AUTH", user, s.password})
	case s.password != "":
		commands = append(commands, []any{"AUTH", s.password})
	}
	if s.database != 0 {
		commands = append(commands, []any{"SELECT", s.database})
	}
	commands = append(commands, []any{"HELLO", "2"})
	replies, err := n.ask(ctx, commands)
	if err != nil {
		return nil, err
	}
	last := len(replies) - 1
	for i, reply := range replies[:last] {
		refused, isError := reply.(redis.Error)
		switch {
		case !isError:
		case commands[i][0] == "SELECT":
			return nil, explain(refused, errDatabase)
		case user != "" && strings.Contains(refused.Error(), "wrong number of arguments"):
			return nil, errNoUsers
		default:
			return nil, explain(refused, errLogin)
		}
	}
	return replies[last], nil
}

// introduce takes the server's word for what it is.
func (n *node) introduce(ctx context.Context, hello any) error {
	switch reply := hello.(type) {
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			switch text(reply[i]) {
			case "mode":
				n.mode = text(reply[i+1])
			case "role":
				n.role = text(reply[i+1])
			}
		}
	case redis.Error:
		if !strings.Contains(strings.ToLower(reply.Error()), "unknown command") {
			return explain(reply, errRefused)
		}
		return n.introduceOld(ctx)
	}
	return nil
}

// introduceOld asks a server from before Redis 6, or another program that knows no HELLO.
func (n *node) introduceOld(ctx context.Context) error {
	replies, err := n.ask(ctx, [][]any{{"ROLE"}, {"CLUSTER", "INFO"}})
	if err != nil {
		return err
	}
	n.mode, n.role = "standalone", "master"
	if role, known := replies[0].([]any); known && len(role) > 0 {
		switch text(role[0]) {
		case "slave":
			n.role = "replica"
		case "sentinel":
			n.mode = "sentinel"
		}
	}
	if _, refused := replies[1].(redis.Error); !refused {
		n.mode = "cluster"
	}
	return nil
}

// ask sends commands at once and returns their replies, of which each may be a redis.Error. The
// error is that of the connection, which is of no use then.
func (n *node) ask(ctx context.Context, commands [][]any) ([]any, error) {
	deadline, _ := ctx.Deadline() // the zero time sets none
	if err := n.net.SetWriteDeadline(deadline); err != nil {
		return nil, err
	}
	for _, words := range commands {
		if err := n.conn.Send(words[0].(string), words[1:]...); err != nil {
			return nil, err
		}
	}
	if err := n.conn.Flush(); err != nil {
		return nil, err
	}
	replies := make([]any, len(commands))
	for i := range replies {
		reply, err := redis.ReceiveWithTimeout(n.conn, timeout(deadline))
		var refused redis.Error
		switch {
		case errors.As(err, &refused):
			replies[i] = refused
		case err != nil:
			return nil, err
		default:
			replies[i] = reply
		}
	}
	return replies, nil
}

// timeout is what is left until a deadline; 0 without one.
func timeout(deadline time.Time) time.Duration {
	if deadline.IsZero() {
		return 0
	}
	if left := time.Until(deadline); left != 0 {
		return left
	}
	return -1
}

// text is a reply that is one; else it is empty.
func text(reply any) string {
	switch r := reply.(type) {
	case []byte:
		return string(r)
	case string:
		return r
	default:
		return ""
	}
}
