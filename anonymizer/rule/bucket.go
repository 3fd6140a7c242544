// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/conf"
)

// Bucket leaves the range in which a number lies. It is disclosure control, not differential privacy.
type Bucket struct {
	// Bounds are the ranges' lower ends, ascending; by default 0, 1, 6, 21, 101, 501, 2001.
	// A number below the first belongs to the first range.
	Bounds []int64 `mapstructure:"bounds,omitempty"`
	// Hysteresis is the part of a range's width by which its edge has to be passed
	// before the range is left; by default 0.1. With 0 nothing needs to be remembered.
	Hysteresis *float64 `mapstructure:"hysteresis,omitempty"`
	// Emit is lower (the default), for the range's lower end, or label, for the
	// number 1 with the range, such as 6-20, in the data point attribute bucket.
	Emit Emit `mapstructure:"emit,omitempty"`
}

// Emit says what stands for a range.
type Emit string

const (
	EmitLower Emit = "lower"
	EmitLabel Emit = "label"
)

var emits = conf.WordsOf(EmitLower, EmitLabel)

// Words implements conf.Worded.
func (*Bucket) Words() map[string]conf.Words { return map[string]conf.Words{"emit": emits} }

// bucketAttribute holds the range's label.
const bucketAttribute = "bucket"

// Label is the data point attribute in which the entry puts the name of a range, beside the
// number 1; empty where a number stays one.
func (r Number) Label() string {
	if r.Drop || r.Bucket == nil || r.Bucket.Emit != EmitLabel {
		return ""
	}
	return bucketAttribute
}

// Validate checks the bounds.
func (b *Bucket) Validate() error {
	bounds := b.bounds()
	if len(bounds) < 2 {
		return fmt.Errorf("bounds: %v: write at least two lower ends, such as [0, 1, 6, 21]", bounds)
	}
	for i := range bounds {
		if bounds[i] < -maxWhole || bounds[i] > maxWhole || i > 0 && bounds[i] <= bounds[i-1] {
			return fmt.Errorf("bounds: %d: write whole numbers in ascending order", bounds[i])
		}
	}
	if h := b.hysteresis(); h < 0 || h >= 1 {
		return fmt.Errorf("hysteresis: %v: write a part of a range's width from 0 up to 1, such as 0.1", h)
	}
	if _, err := mechanism.RatioOf(b.hysteresis()); err != nil {
		return fmt.Errorf("hysteresis: %w", err)
	}
	if err := emits.Check(string(b.Emit)); err != nil {
		return fmt.Errorf("emit: %w", err)
	}
	return nil
}

func (b *Bucket) bounds() []int64 {
	if b.Bounds == nil {
		return mechanism.DefaultBounds
	}
	return b.Bounds
}

func (b *Bucket) hysteresis() float64 {
	if b.Hysteresis == nil {
		return .1
	}
	return *b.Hysteresis
}

func (b *Bucket) step(of string) bucket {
	hysteresis, _ := mechanism.RatioOf(b.hysteresis()) // validated
	return bucket{forgets{}, mechanism.Buckets{Bounds: b.bounds(), Hysteresis: hysteresis}, fmt.Sprintf("%v/%v", b.bounds(), hysteresis) + of, b.Emit == EmitLabel}
}

type bucket struct {
	forgets
	mechanism.Buckets
	parameters string
	label      bool
}

func (b bucket) apply(v Value, k *Key) (Value, Outcome) {
	if b.label && k.Histogram {
		return v, Unfit
	}
	x, outcome := v.floor()
	if outcome != Passes {
		return v, outcome
	}
	index := b.Index(x)
	if b.Hysteresis.Num > 0 {
		index = k.ranged(b.Buckets, x, b.parameters)
	}
	if b.label {
		k.Attributes.PutStr(bucketAttribute, b.Label(index))
		return v.become(1), Passes
	}
	return v.become(b.Bounds[index]), Passes
}

func (b bucket) describe() string {
	text := "the lower end"
	if b.label {
		text = "the name"
	}
	text += " of its range among " + fmt.Sprint(slices.Clone(b.Bounds))
	if b.Hysteresis.Num > 0 {
		text += fmt.Sprintf(", left when its edge is passed by %.3g %% of it", 100*b.Hysteresis.Float())
	}
	return text
}

func (b bucket) effect() effect { return effect{difference: lost, overTime: b.remembers()} }

// hides: the first range has no lower end, and the last no upper; any other of one number gives it away.
func (b bucket) hides() bool {
	for i := 1; i+1 < len(b.Bounds); i++ {
		if b.Bounds[i+1]-b.Bounds[i] == 1 {
			return false
		}
	}
	return true
}

func (b bucket) promise() (hides, not string) {
	if b.remembers() {
		return heldCells, ""
	}
	return cells, ""
}

func (b bucket) remembers() bool { return b.Hysteresis.Num > 0 }

// A range narrower than this shows single comings and goings.
const narrow = 20

func (b bucket) weakness() string {
	if b.remembers() || b.Bounds[1]-b.Bounds[0] >= narrow {
		return ""
	}
	return "bucket without hysteresis on a small count: each crossing of an edge tells the exact number in that week; write hysteresis: 0.1"
}
