// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"

	"github.com/google/uuid"
)

// InstanceID is the key of an installation's generated id.
const InstanceID = "instance_id"

const instanceVersion = 1

// LoadInstanceID reads the generated id; empty when none was made yet.
func (s Store) LoadInstanceID(ctx context.Context) (id string, err error) {
	_, err = s.Load(ctx, InstanceID, instanceVersion, &id)
	return id, err
}

// MakeInstanceID makes an id, a random UUID; when it returns it, it is stored.
func (s Store) MakeInstanceID(ctx context.Context) (string, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return "", err
	}
	return id.String(), s.Save(ctx, InstanceID, instanceVersion, id.String())
}
