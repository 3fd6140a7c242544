// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// careful are the modes that a file may write, the most careful first.
var careful = []string{"off", "local", "on"}

// openness is the place of a mode among careful ones; -1 for what is none.
func openness(mode any) int {
	text, _ := mode.(string)
	return slices.Index(careful, strings.ToLower(strings.TrimSpace(text)))
}

// saidMode is the mode that a layer writes.
type saidMode struct {
	layer Layer
	mode  int
}

// Modes are, by extension, the modes that hold where merged another one would: a profile
// that comes after a file does not open what that file has closed. A file of a site that
// opens it is meant to.
func Modes(all []Layer, merged *confmap.Conf) map[string]string {
	modes := map[string]string{}
	for id, said := range modesSaid(all) {
		if held, _ := holding(said); openness(mergedMode(merged, id)) > held.mode {
			modes[id] = careful[held.mode]
		}
	}
	return modes
}

// loosened warns of a mode that a later layer makes more open than an earlier one wrote it, or would.
func loosened(all []Layer, merged *confmap.Conf) (warnings []string) {
	said := modesSaid(all)
	for _, id := range slices.Sorted(maps.Keys(said)) {
		held, opening := holding(said[id])
		key := "extensions::" + id + "::mode"
		if opening != nil {
			warnings = append(warnings, fmt.Sprintf("%s: %s says %s, and %s, a profile that comes later, says %s: %s holds; name %s after the profile, or, if %s is meant, add --set %s=%s",
				key, held.layer.Name, careful[held.mode], opening.layer.Name, careful[opening.mode], careful[held.mode], held.layer.Name, careful[opening.mode], strings.ReplaceAll(key, confmap.KeyDelimiter, "."), careful[opening.mode]))
		}
		is := min(held.mode, openness(mergedMode(merged, id)))
		for _, earlier := range said[id] {
			if is > earlier.mode {
				warnings = append(warnings, fmt.Sprintf("%s: %s says %s, and a later file says %s, which holds: remove it there, or start with HEADCOUNT_MODE=%s", key, earlier.layer.Name, careful[earlier.mode], careful[is], careful[earlier.mode]))
			}
		}
	}
	return warnings
}

// modesSaid are the modes that the layers write, in their order, by extension.
func modesSaid(all []Layer) map[string][]saidMode {
	said := map[string][]saidMode{}
	for _, layer := range all {
		for id, section := range layer.headcounts() {
			if mode := openness(section["mode"]); mode >= 0 {
				said[id] = append(said[id], saidMode{layer, mode})
			}
		}
	}
	return said
}

// holding is the mode that holds of those that were said, and the profile that would have opened it, if any.
func holding(said []saidMode) (held saidMode, opening *saidMode) {
	held = said[0]
	for _, next := range said[1:] {
		if next.mode > held.mode && next.layer.Profile {
			opening = &next
			continue
		}
		held, opening = next, nil
	}
	return held, opening
}

func mergedMode(merged *confmap.Conf, id string) any {
	return merged.Get(strings.Join([]string{"extensions", id, "mode"}, confmap.KeyDelimiter))
}
