// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// leadership says which of several replicas scrapes.
type leadership interface {
	// leads reports whether this replica is to scrape now.
	leads(ctx context.Context) (bool, error)
	// resign lets another replica lead.
	resign()
}

// alone leads always: there are no replicas.
type alone struct{}

func (alone) leads(context.Context) (bool, error) { return true, nil }

func (alone) resign() {}

// byDatabase leads as long as it holds a lock in the database that the replicas have in common.
type byDatabase struct {
	database sqldb.Database
	name     string
	lock     *sqldb.Lock
}

// leads keeps the lock between scrapes: were it given back, the next replica's tick would scrape
// too. When a leader dies its lock ends with its connection, and the next tick of any replica takes over.
func (l *byDatabase) leads(ctx context.Context) (bool, error) {
	had := l.lock != nil
	if had && l.lock.Held(ctx) {
		return true, nil
	}
	l.resign()
	lock, err := l.database.TryLock(ctx, l.name)
	l.lock = lock
	if err == nil && had {
		err = errLockLost
	}
	return lock != nil, err
}

// errLockLost is said beside a lock that was taken anew as well: another may have scraped in between.
var errLockLost = errors.New("the session that held the lock had ended: has the server or something between a limit for idle sessions?")

func (l *byDatabase) resign() {
	if l.lock != nil {
		l.lock.Release()
		l.lock = nil
	}
}

// elector is the interface of the Collector's leader electors, such as k8s_leader_elector.
type elector interface {
	SetCallBackFuncs(onStart func(context.Context), onStop func())
}

// byExtension leads when an elector extension says so.
type byExtension struct{ leading atomic.Bool }

func (l *byExtension) leads(context.Context) (bool, error) { return l.leading.Load(), nil }

func (*byExtension) resign() {}

// leadershipBy finds what the `leader` key names: a source, or an extension.
func leadershipBy(host component.Host, leader string, clients map[string]client, lock string) (leadership, error) {
	if leader == "" {
		return alone{}, nil
	}
	if from, isDatabase := clients[leader].(databaseClient); isDatabase {
		return &byDatabase{database: from.Database, name: lock}, nil
	}
	var id component.ID
	if err := id.UnmarshalText([]byte(leader)); err != nil {
		return nil, fmt.Errorf("leader: %w", err)
	}
	extension, running := host.GetExtensions()[id]
	if !running {
		return nil, fmt.Errorf("leader: extension %q is not running: name it under service::extensions and configure it under extensions", id)
	}
	elects, ok := extension.(elector)
	if !ok {
		return nil, fmt.Errorf("leader: extension %q elects no leader: write the name of a database source, or the id of a leader elector", id)
	}
	l := &byExtension{}
	elects.SetCallBackFuncs(func(context.Context) { l.leading.Store(true) }, func() { l.leading.Store(false) })
	return l, nil
}
