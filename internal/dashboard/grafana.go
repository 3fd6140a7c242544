// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
)

type object = map[string]any

const (
	width  = 24 // of a dashboard, in Grafana's own unit
	height = 8
)

// Grafana is a dashboard of all that the fleet tells, to be imported or provisioned. It
// asks for the Prometheus data source when it is opened.
func Grafana(cfg *fleetconnector.Config) ([]byte, error) {
	figures, err := figuresOf(cfg)
	if err != nil {
		return nil, err
	}
	all, back, err := installations()
	if err != nil {
		return nil, err
	}
	b := board{}
	b.add(6, "Installations that report, counted", panel{"Installations", fact, []ask{{expression: all, legend: "installations", now: true}}})
	b.add(6, "Who invents installations seldom reports under one of them again", panel{"Reported twice or more", fact, []ask{{expression: back + " / " + all, legend: "part", now: true}}})
	b.add(12, "", panel{"Installations over time", overTime, []ask{{expression: all, legend: "installations"}, {expression: back, legend: "reported twice or more"}}})
	for _, f := range figures {
		for _, p := range f.panels {
			b.add(width/len(f.panels), f.description, p)
		}
	}
	title := titleOf(cfg)
	sum := sha256.Sum256([]byte("headcount " + title)) // so that a newer one takes the place of an older one
	return json.MarshalIndent(object{
		"title": title, "uid": hex.EncodeToString(sum[:10]), "schemaVersion": 39, "editable": true, "tags": []string{"headcount"},
		"time": object{"from": "now-90d", "to": "now"}, "refresh": "1h", "timezone": "browser",
		"templating": object{"list": []object{{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}}},
		"panels":     b.panels,
	}, "", "  ")
}

// board places panels from left to right, and below each other.
type board struct {
	panels []object
	x, y   int
}

func (b *board) add(wide int, description string, p panel) {
	if b.x+wide > width {
		b.x, b.y = 0, b.y+height
	}
	source := object{"type": "prometheus", "uid": "${datasource}"}
	targets := make([]object, len(p.asks))
	for i, a := range p.asks {
		targets[i] = object{"refId": string(rune('A' + i)), "expr": a.expression, "legendFormat": a.legend, "instant": a.now, "range": !a.now, "datasource": source}
	}
	made := object{
		"id": len(b.panels) + 1, "title": p.title, "description": description, "datasource": source, "targets": targets,
		"gridPos": object{"x": b.x, "y": b.y, "w": wide, "h": height},
	}
	p.kind.draw(made)
	b.panels = append(b.panels, made)
	b.x += wide
}

// draw says how a panel looks.
func (c chart) draw(made object) {
	fields := func(custom object, overrides ...object) object {
		return object{"defaults": object{"min": 0, "custom": custom}, "overrides": append([]object{}, overrides...)}
	}
	made["type"] = string(c)
	switch c {
	case overTime:
		made["fieldConfig"] = fields(object{"fillOpacity": 0, "spanNulls": true})
	case parts:
		made["type"] = string(overTime)
		made["fieldConfig"] = fields(object{"fillOpacity": 80, "lineWidth": 0, "stacking": object{"mode": "percent"}})
	case interval: // the ends are drawn, and what lies between them is filled
		made["type"] = string(overTime)
		made["fieldConfig"] = fields(object{"spanNulls": true},
			object{"matcher": object{"id": "byRegexp", "options": ".*, upper end"}, "properties": []object{{"id": "custom.lineStyle", "value": object{"fill": "dash", "dash": []int{4, 4}}}}},
			object{"matcher": object{"id": "byRegexp", "options": ".*, lower end"}, "properties": []object{{"id": "custom.lineStyle", "value": object{"fill": "dash", "dash": []int{4, 4}}}}},
		)
	case ranges:
		made["options"] = object{"orientation": "horizontal", "displayMode": "basic"}
		made["fieldConfig"] = fields(object{})
	case fact:
		made["fieldConfig"] = fields(object{})
		made["options"] = object{"reduceOptions": object{"calcs": []string{"lastNotNull"}}}
	}
}
