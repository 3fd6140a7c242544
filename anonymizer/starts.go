// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
)

const (
	// manyStarts is how many ids in a row, none of which comes again, are no accident.
	manyStarts = 4
	// maxServices bounds the memory for them.
	maxServices = 100
)

// starts watches whether the ids of an application's installations come again: most SDKs
// draw one at each start, and each start is another installation then. It keeps hashes,
// in memory alone.
type starts struct {
	seed maphash.Seed

	mu       sync.Mutex
	services map[uint64]*succession
}

// succession are the ids of one service in the order in which they came.
type succession struct {
	ids [manyStarts]uint64
	n   int
	// settled: an id came again after another one, or it was warned of.
	settled bool
}

func newStarts() *starts {
	return &starts{seed: maphash.MakeSeed(), services: map[uint64]*succession{}}
}

// came reports whether this id makes it likely that each start has its own. Only what an
// SDK itself reports is looked at: a gateway's installations have reason to differ.
func (s *starts) came(resource pcommon.Map) (suspect bool) {
	id, named := resource.Get(instanceID)
	if _, bySDK := resource.Get("telemetry.sdk.name"); !bySDK || !named {
		return false
	}
	service := ""
	if name, ok := resource.Get("service.name"); ok {
		service = name.AsString()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := maphash.String(s.seed, service)
	of := s.services[key]
	if of == nil {
		if len(s.services) >= maxServices {
			return false
		}
		of = &succession{}
		s.services[key] = of
	}
	return of.follows(maphash.String(s.seed, id.AsString()))
}

func (s *succession) follows(id uint64) (suspect bool) {
	if s.settled || s.n > 0 && s.ids[s.n-1] == id {
		return false
	}
	for _, earlier := range s.ids[:s.n] {
		if earlier == id {
			s.settled = true
			return false
		}
	}
	s.ids[s.n] = id
	s.n++
	s.settled = s.n == manyStarts
	return s.settled
}

// watchStarts warns of ids that do not come again.
func (a *anonymizer) watchStarts(resource pcommon.Map) {
	if a.starts.came(resource) {
		a.notices.Logger.Warn("An application came with a service.instance.id of its own each time, and none of them came again: most SDKs draw one in each process, so that each start is another installation, with reports of its own. "+
			"Put the installation processor first in the pipeline, as app:otlp does, or have the application set an id that stays", zap.Int("ids", manyStarts))
	}
}
