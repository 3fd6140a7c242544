// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exporterhelper/xexporterhelper"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// report is a stat as it waits to be sent.
type report struct {
	delivery.Report
	// rules is the fingerprint of the anonymizer's rules that it was made under; empty
	// where no anonymizer made it.
	rules string
	// claim is the stat's, from the first try on.
	claim *claim
}

func (r *report) subject() subject { return subject{r.Key, r.Stat} }

// request is what the Collector's queue holds.
type request struct{ reports []report }

var _ xexporterhelper.Request = (*request)(nil)

// ItemsCount is the number of stats.
func (r *request) ItemsCount() int { return len(r.reports) }

// BytesSize is the size of the bodies, and of the rules before them.
func (r *request) BytesSize() (size int) {
	for i := range r.reports {
		size += len(r.reports[i].Body) + 1
		if rules := r.reports[i].rules; rules != "" {
			size += len(rules) + 1
		}
		if growth := r.reports[i].Growth; growth.Until != "" {
			size += len(growth.Since) + len(growth.Until) + 2
		}
	}
	return size
}

// MergeSplit merges; a greatest size is refused by the configuration.
func (r *request) MergeSplit(_ context.Context, _ int, _ exporterhelper.RequestSizerType, other xexporterhelper.Request) ([]xexporterhelper.Request, error) {
	if more, ok := other.(*request); ok {
		r.reports = append(r.reports, more.reports...)
	}
	return []xexporterhelper.Request{r}, nil
}

// remaining is the error of a request of which some reports have to be tried again.
type remaining struct {
	error
	reports []report
}

func (r remaining) Unwrap() error { return r.error }

// OnError keeps what has to be tried again.
func (r *request) OnError(err error) xexporterhelper.Request {
	if again, ok := errors.AsType[remaining](err); ok {
		return &request{again.reports}
	}
	return r
}

// passed carries a request past the Collector's conversion of metrics, and
// nothing else but cancellation: a persistent queue would store a context's
// trace, client address and metadata beside the data.
type passed struct {
	context.Context
	request *request
}

func (passed) Value(any) any { return nil }

func convert(ctx context.Context, _ pmetric.Metrics) (xexporterhelper.Request, error) {
	return ctx.(passed).request, nil
}

// encoding is how a persistent queue stores requests: a line that names the
// configuration of the stats, then one body a line, as it would be sent, behind the
// fingerprint of the rules that it was made under and a blank, and before the totals between
// which it tells what was counted, each behind a tab, which JSON's texts escape. What was
// queued under another configuration is not sent: it may hold what was taken out.
type encoding struct {
	configuration []byte
	groups        map[string]pacing.Group
}

var errOtherConfiguration = errors.New("queued under another configuration of stats")

func newEncoding(stats mapping.Definitions, groups map[string]pacing.Group) (encoding, error) {
	text, err := json.Marshal(stats)
	sum := sha256.Sum256(text)
	return encoding{[]byte(hex.EncodeToString(sum[:16])), groups}, err
}

func (e encoding) Marshal(_ context.Context, r xexporterhelper.Request) ([]byte, error) {
	text := append(make([]byte, 0, len(e.configuration)+r.BytesSize()), e.configuration...)
	for _, report := range r.(*request).reports {
		text = append(text, '\n')
		if report.rules != "" {
			text = append(append(text, report.rules...), ' ')
		}
		text = append(text, report.Body...)
		if report.Growth.Until != "" {
			text = append(append(text, '\t'), report.Growth.Since...)
			text = append(append(text, '\t'), report.Growth.Until...)
		}
	}
	return text, nil
}

func (e encoding) Unmarshal(text []byte) (context.Context, xexporterhelper.Request, error) {
	lines := bytes.Split(text, []byte{'\n'})
	if !bytes.Equal(lines[0], e.configuration) {
		return context.Background(), nil, errOtherConfiguration
	}
	reports := make([]report, 0, len(lines)-1)
	for _, line := range lines[1:] {
		rules, body := cutRules(line)
		body, growth := cutGrowth(body)
		stat, err := collect.Decode(body)
		if err != nil {
			return context.Background(), nil, err
		}
		key := pacing.NewKey(stat.InstanceID, e.groups[stat.Name].Name)
		reports = append(reports, report{Report: delivery.Report{Stat: stat.Name, Key: key, Installation: stat.InstanceID, Body: body, Growth: growth}, rules: rules})
	}
	return context.Background(), &request{reports}, nil
}

// cutGrowth takes the totals off a line.
func cutGrowth(line []byte) (body []byte, growth pacing.Growth) {
	body, totals, _ := bytes.Cut(line, []byte{'\t'})
	since, until, _ := bytes.Cut(totals, []byte{'\t'})
	return body, pacing.Growth{Since: string(since), Until: string(until)}
}

// cutRules takes the fingerprint off a line; a body begins with a brace.
func cutRules(line []byte) (rules string, body []byte) {
	fingerprint, body, found := bytes.Cut(line, []byte{' '})
	if !found || len(fingerprint) == 0 || bytes.ContainsRune(fingerprint, '{') {
		return "", line
	}
	return string(fingerprint), body
}
