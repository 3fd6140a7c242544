// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/contrib/otelconf/v0.3.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.uber.org/zap"
)

// newResource is what the program says of itself: its name, its version and an id of this run, unless they are
// given otherwise.
func newResource(_ context.Context, set telemetry.Settings, config component.Config) (pcommon.Resource, string, error) {
	c := &config.(*Config).Resource
	attributes := map[string]any{
		string(semconv.ServiceNameKey):       set.BuildInfo.Command,
		string(semconv.ServiceVersionKey):    set.BuildInfo.Version,
		string(semconv.ServiceInstanceIDKey): uuid.NewString(),
	}
	maps.Copy(attributes, c.Inline)
	for _, attribute := range c.Attributes {
		attributes[attribute.Name] = attribute.Value
	}
	maps.DeleteFunc(attributes, func(_ string, value any) bool { return value == nil })
	resource := pcommon.NewResource()
	if err := resource.Attributes().FromRaw(attributes); err != nil {
		return pcommon.Resource{}, "", err
	}
	schema := semconv.SchemaURL
	if c.SchemaUrl != nil {
		schema = *c.SchemaUrl
	}
	return resource, schema, nil
}

// fixed is that resource for the providers.
func fixed(set telemetry.Settings) *otelconf.Resource {
	resource := &otelconf.Resource{SchemaUrl: &set.SchemaURL}
	if set.Resource == nil {
		return resource
	}
	for key, value := range set.Resource.Attributes().All() {
		resource.Attributes = append(resource.Attributes, otelconf.AttributeNameValue{Name: key, Value: value.AsRaw()})
	}
	return resource
}

// resourceField is the resource in a line of the log.
func resourceField(resource pcommon.Resource) zap.Field {
	all := resource.Attributes().AsRaw()
	var fields []zap.Field
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fields = append(fields, zap.Any(key, all[key]))
	}
	return zap.Dict("resource", fields...)
}
