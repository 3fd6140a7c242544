// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
)

type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

type ruleGroup struct {
	Name  string `yaml:"name"`
	Rules []rule `yaml:"rules"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations"`
}

// installations are the metrics of how many there are, and how many of them came back.
func installations() (all, back string, err error) {
	if all, err = count("installation.count", "{installation}"); err != nil {
		return "", "", err
	}
	back, err = count("installation.returning.count", "{installation}")
	return all, back, err
}

// Rules are Prometheus' alert rules: for a fleet that is not told, that shrinks, that is
// flooded, and for each figure that is told no more.
func Rules(cfg *fleetconnector.Config) ([]byte, error) {
	figures, err := figuresOf(cfg)
	if err != nil {
		return nil, err
	}
	all, back, err := installations()
	if err != nil {
		return nil, err
	}
	minimum, err := gauge("installation.minimum", "{installation}")
	if err != nil {
		return nil, err
	}
	title := titleOf(cfg)
	group := ruleGroup{Name: title}
	add := func(name, expression, lasts, severity, summary, description string) {
		group.Rules = append(group.Rules, rule{name, expression, lasts, map[string]string{"severity": severity}, map[string]string{"summary": title + ": " + summary, "description": description}})
	}
	add("FleetNotTold", fmt.Sprintf("absent(%s)", minimum), "15m", "critical", "nothing is told",
		"The fleet connector does not run, or Prometheus does not reach it. What is acknowledged is stored: reports wait at their senders.")
	add("FleetShrinks", fmt.Sprintf("max(%[1]s) < 0.7 * max(%[1]s offset 7d)", all), "1h", "warning", "a third of the installations report no more",
		"Look at the receiver's answers (otelcol_receiver_collect_requests) first, and at the last version of the application.")
	add("FleetFlooded", fmt.Sprintf("max(%[1]s) > 2 * max(%[1]s offset 7d) and (max(%[2]s) or vector(0)) < 1.2 * (max(%[2]s offset 7d) or vector(0)) + %[3]d", all, back, cfg.MinInstallations), "1h", "warning", "installations that never come back are invented",
		"There are twice as many installations as a week ago, and hardly more that reported twice: rate_limit::address of the collect receiver, or signatures::required.")
	for _, f := range figures {
		add("FigureNotTold", fmt.Sprintf("max(%[1]s offset 7d) unless max(%[1]s)", f.counted), "1d", "info", f.name+" is told no more",
			"It was a week ago. Fewer installations than min_installations say it now, or say it in another form.")
		group.Rules[len(group.Rules)-1].Labels["figure"] = f.name
	}
	return yaml.Marshal(ruleFile{[]ruleGroup{group}})
}
