// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pipeline"

	"github.com/headcount-otel/headcount/trust"
)

// role is a part in a pipeline: its key there, its kind, and the types that ask for consent.
type role struct {
	key   string
	kind  component.Kind
	types []string
}

// asking are the component types that ask for consent, by their key in a pipeline.
var asking = []role{
	{"receivers", component.KindReceiver, []string{"appusage", "collect"}},
	{"processors", component.KindProcessor, []string{"anonymizer", "installation"}},
	{"exporters", component.KindExporter, []string{"collect"}},
}

// Asks reports whether components of this type ask for consent, by their section: "receivers", "appusage".
func Asks(section, kind string) bool {
	for _, role := range asking {
		if role.key == section {
			return slices.Contains(role.types, kind)
		}
	}
	return false
}

// started are the components that the Collector started in its pipelines.
type started struct {
	mu  sync.Mutex
	ids []*componentstatus.InstanceID
}

// Changed implements extensioncapabilities.ComponentStatusWatcher. A component that starts says of which pipelines it
// is. The snapshot of the configuration says so as well, but hands out copies of the whole, a seventh of a start.
func (h *Holder) Changed(source *componentstatus.InstanceID, event *componentstatus.Event) {
	if event.Status() != componentstatus.StatusStarting {
		return
	}
	h.started.mu.Lock()
	defer h.started.mu.Unlock()
	h.started.ids = append(h.started.ids, source)
}

// inPipelines are the components in service that have to ask for consent, and the other receivers and exporters of
// the same pipelines; a connector is neither.
func (h *Holder) inPipelines() (members, others []trust.Member) {
	h.started.mu.Lock()
	defer h.started.mu.Unlock()
	ours := map[pipeline.ID]bool{}
	for _, id := range h.started.ids {
		if asks(id) {
			members = addNew(members, memberOf(id))
			id.AllPipelineIDs(func(of pipeline.ID) bool { ours[of] = true; return true })
		}
	}
	for _, id := range h.started.ids {
		if !asks(id) && (id.Kind() == component.KindReceiver || id.Kind() == component.KindExporter) {
			id.AllPipelineIDs(func(of pipeline.ID) bool {
				if ours[of] {
					others = addNew(others, memberOf(id))
				}
				return !ours[of]
			})
		}
	}
	return members, others
}

func asks(id *componentstatus.InstanceID) bool {
	return slices.ContainsFunc(asking, func(role role) bool {
		return role.kind == id.Kind() && slices.Contains(role.types, id.ComponentID().Type().String())
	})
}

func memberOf(id *componentstatus.InstanceID) trust.Member {
	return trust.Member{Kind: id.Kind(), ID: id.ComponentID()}
}

func addNew(all []trust.Member, member trust.Member) []trust.Member {
	if slices.Contains(all, member) {
		return all
	}
	return append(all, member)
}
