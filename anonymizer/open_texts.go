// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"maps"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/conf"
)

// A text that is kept exact may be anything that the data says: it leaves where its rule says
// open. What software this is and which installation, the semantic conventions' service
// attributes, is said by whoever configures it, and is open by itself.
func openService(rules conf.Map[rule.Text]) conf.Map[rule.Text] {
	opened := maps.Clone(rules)
	for name, r := range opened {
		if strings.HasPrefix(name, "service.") {
			r.Open = true
			opened[name] = r
		}
	}
	return opened
}

// From so many groups, or so long a value on, an open text looks like one for each person or thing.
const (
	manyGroups = 50
	longText   = 64
)

// watchGroups warns once of each metric whose groups are named by more values than a list would have, or whose
// groups' names tell what noise hides.
func (w *batch) watchGroups(metric string, points int, named bool) {
	if text := w.tell[w.chain]; text != "" && named {
		w.warnOnce("metrics::"+metric+"::noise", text)
	}
	if points > manyGroups && w.open {
		w.warnOnce("metrics::"+metric, fmt.Sprintf("more than %d groups leave by names that no list has: if they stand for persons or things, drop the attribute, or write allow: [...] for it", manyGroups))
	}
}

// watchText warns once of each attribute whose kept text is longer than a name.
func (w *batch) watchText(key, name string, v pcommon.Value, step *rule.TextStep, outcome rule.Outcome) {
	switch {
	case outcome == rule.OpenText:
		w.warnOnce(key+"::"+name, "its text is held back, because keep leaves numbers and booleans alone: write allow: [...] with the values that may leave, or open: true beside keep")
	case outcome == rule.Passes && step.Exact && v.Type() == pcommon.ValueTypeStr && len(v.Str()) > longText:
		w.warnOnce(key+"::"+name, fmt.Sprintf("a kept text has more than %d bytes: if it is no name from a short list, write another rule", longText))
	}
}

func (a *anonymizer) warnOnce(subject, text string) {
	a.notices.Warn(subject, "Privacy review: "+text, zap.String("rule", subject))
}
