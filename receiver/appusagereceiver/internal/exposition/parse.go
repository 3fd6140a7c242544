// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Parse reads an exposition in the format of its media type; without one that is known it is
// Prometheus' text. No error of it repeats anything of the exposition. A part of one is refused:
// a number may be cut off within, and what is missing is not 0.
func Parse(data []byte, mediaType string) (*Exposition, error) {
	mediaType = strings.ToLower(mediaType)
	if strings.HasPrefix(mediaType, "application/vnd.google.protobuf") {
		return nil, errProtobuf
	}
	isOpen := strings.HasPrefix(mediaType, "application/openmetrics-text")
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	e, err := parse(data, mediaType)
	if err != nil {
		return nil, damage(data, mediaType, isOpen)
	}
	if !isOpen && len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		return nil, errCut
	}
	return e, nil
}

// damage names the line that cannot be read; where each can be, the end is missing.
func damage(data []byte, mediaType string, isOpen bool) error {
	lines := bytes.SplitAfter(data, []byte("\n"))
	end := ""
	if isOpen {
		end = "\n# EOF"
	}
	failed := sort.Search(len(lines), func(n int) bool {
		part := bytes.TrimSuffix(bytes.Join(lines[:n+1], nil), []byte("\n"))
		_, err := parse(append(part, end...), mediaType)
		return err != nil
	})
	if failed == len(lines) {
		return errCut
	}
	return &source.Error{
		Reason:      fmt.Sprintf("it is no exposition of metrics, neither in Prometheus' format nor in OpenMetrics: see line %d", failed+1),
		SessionLost: true,
	}
}

func parse(data []byte, mediaType string) (*Exposition, error) {
	parser, err := textparse.New(data, mediaType, nil, textparse.ParserOptions{FallbackContentType: "text/plain"})
	if parser == nil {
		return nil, err
	}
	e := &Exposition{types: map[string]model.MetricType{}}
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return e, nil
		case err != nil:
			return nil, err
		}
		switch entry {
		case textparse.EntryType:
			name, of := parser.Type()
			e.types[string(name)] = of
		case textparse.EntrySeries:
			var s sample
			var at *int64
			_, at, s.value = parser.Series()
			if at != nil {
				s.at = *at
			}
			parser.Labels(&s.labels)
			e.samples = append(e.samples, s)
		}
	}
}
