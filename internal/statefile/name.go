// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
)

// maxName is the longest name that file systems take.
const maxName = 255

// Name is the name that file_storage gives to a component's file.
func Name(kind component.Kind, owner component.ID, part string) string {
	name := strings.Join([]string{kindName(kind), owner.Type().String(), owner.Name()}, "_")
	if part != "" {
		name += "_" + part
	}
	var safe strings.Builder
	for _, r := range name {
		if isSafe(r) {
			safe.WriteRune(r)
		} else {
			fmt.Fprintf(&safe, "~%04X", r)
		}
	}
	if safe.Len() > maxName {
		sum := sha256.Sum256([]byte(safe.String()))
		return hex.EncodeToString(sum[:])
	}
	return safe.String()
}

func kindName(kind component.Kind) string {
	switch kind {
	case component.KindReceiver, component.KindProcessor, component.KindExporter, component.KindExtension, component.KindConnector:
		return strings.ToLower(kind.String())
	default:
		return "other"
	}
}

func isSafe(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_", r)
}
