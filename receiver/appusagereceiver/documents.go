// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// documentReadings are what a document is asked, by the key of a reading.
var documentReadings = source.Readings[documentSession, *Metric]{
	"field": func(_ context.Context, s documentSession, m *Metric) (source.Value, error) {
		return m.Field.read(s.Document, m.Type)
	},
}

// documentSession is a document that has been read as a whole.
type documentSession struct{ document.Document }

// Close does nothing: what the document came from is closed.
func (documentSession) Close() {}

func documentAnswers(found document.Document, err error) (session, error) {
	return source.Each[documentSession, *Metric]{Opened: documentSession{found}, Readings: documentReadings}, err
}
