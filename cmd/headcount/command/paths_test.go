// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"

	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// TestErrorsNameKeys and no fields of Go's, which no file has.
func TestErrorsNameKeys(t *testing.T) {
	usage, collect := appusagereceiver.NewFactory(), collectexporter.NewFactory()
	factories := func() (otelcol.Factories, error) {
		return otelcol.Factories{
			Receivers: map[component.Type]receiver.Factory{usage.Type(): usage},
			Exporters: map[component.Type]exporter.Factory{collect.Type(): collect},
		}, nil
	}
	for said, want := range map[string]string{
		"receivers::appusage::controllerconfig: x":                                         "receivers::appusage: x",
		"receivers::appusage/2::metrics::a.reading::reading::count: reading: x":            "receivers::appusage/2::metrics::a.reading::count: reading: x",
		"receivers::appusage::metrics::reading::reading: x":                                "receivers::appusage::metrics::reading: x",
		"receivers::appusage::metrics::f::reading::count_per::column::rows: x":             "receivers::appusage::metrics::f::count_per: x",
		"receivers::appusage::metrics::c::reading::hget::get::keys: x":                     "receivers::appusage::metrics::c::hget: x",
		"receivers::appusage::sources::h::http::clientconfig::tls::config: x":              "receivers::appusage::sources::h::http::tls: x",
		"invalid configuration: exporters::collect::clientconfig::tls: x":                  "invalid configuration: exporters::collect::tls: x",
		"exporters::collect::stats::A::value::b: x":                                        "exporters::collect::stats::A::value::b: x",
		"exporters::other::clientconfig: x\nexporters::collect::retry_on_failure::none: x": "exporters::other::clientconfig: x\nexporters::collect::retry_on_failure::none: x",
		"exporters::collect::clientconfig: x\nexporters::collect: x":                       "exporters::collect: x",
		"exporters::collect":                        "exporters::collect",
		"service::pipelines::metrics: exporters: x": "service::pipelines::metrics: exporters: x",
	} {
		err := errors.New(said)
		reworded := withKeys(err, factories)
		require.EqualError(t, reworded, want)
		require.ErrorIs(t, reworded, err)
	}
	broken := errors.New("receivers::appusage::controllerconfig: x")
	assert.Equal(t, broken, withKeys(broken, func() (otelcol.Factories, error) { return otelcol.Factories{}, errors.New("none") }))
}
