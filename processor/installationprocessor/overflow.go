// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// loses reports that a single's point is what an SDK made of all that was counted past its limit of series, and may
// hold no more than one of them: of a gauge by each SDK, and of a counter that was observed by some. Nothing in a point tells
// an observed counter from another.
func loses(resource pcommon.Map, single pmetric.Metric) bool {
	if overflow, is := point(single).Attributes().Get("otel.metric.overflow"); !is || !overflow.Bool() {
		return false
	}
	if single.Type() == pmetric.MetricTypeGauge {
		return true
	}
	language, said := resource.Get("telemetry.sdk.language")
	return said && single.Type() == pmetric.MetricTypeSum && slices.Contains(keepOne, language.AsString())
}

// keepOne are the languages whose SDKs keep one observation in the place of all past the limit.
var keepOne = []string{"nodejs", "webjs", "rust"}
