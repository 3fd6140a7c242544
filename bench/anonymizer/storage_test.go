// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer_test

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// storageHost has one storage extension, "s", that keeps nothing.
type storageHost struct{ storage.Client }

func newStorage() *storageHost { return &storageHost{storage.NewNopClient()} }

func (h *storageHost) Start(context.Context, component.Host) error { return nil }
func (h *storageHost) Shutdown(context.Context) error              { return nil }

func (h *storageHost) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return h.Client, nil
}

func (h *storageHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("s"): h}
}
