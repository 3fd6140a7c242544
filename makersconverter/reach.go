// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package makersconverter

// widest is what the fleet believes of any number.
const widest = 1 << 53

// reachOf is what the rules of a number can let out: what a bucket begins with, or what a clamp leaves and a
// rounding makes of it. What an installation says beyond is no answer of these rules.
func reachOf(rule section) section {
	if bucket, bucketed := rule["bucket"]; bucketed {
		bounds := boundsOf(bucket)
		if len(bounds) == 0 || asSection(bucket)["emit"] == "label" { // whose number is none of the bounds
			return nil
		}
		return section{"min": bounds[0], "max": bounds[len(bounds)-1]}
	}
	if rule["noise"] != nil { // which has no end
		return nil
	}
	reach := section{}
	grid, rounded := whole(asSection(rule["round"])["to"])
	if !rounded || grid < 1 {
		grid = 1
	}
	clamp := asSection(rule["clamp"])
	if least, ok := whole(clamp["min"]); ok && least > -widest {
		reach["min"] = least - (least%grid+grid)%grid
	}
	if most, ok := whole(clamp["max"]); ok && most < widest {
		reach["max"] = most + ((-most)%grid+grid)%grid
	}
	return reach
}

// whole is a whole number as YAML has it.
func whole(value any) (int64, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	default:
		return 0, false
	}
}
