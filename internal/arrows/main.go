// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command arrows counts what runs against the order of a package's files: go run ./internal/arrows
//
// An arrow is one file that uses a function, a type, a variable, a constant or a method of another. The files are laid
// from the ground up, so that few arrows run back; where many do, a package has no floors, and cannot be read in any
// order. More of them than the limits below allow is an error.
package main

import (
	"context"
	"fmt"
	"os"
)

// limits are the most arrows against the order, by the folder of the package.
var limits = []struct {
	folder string
	most   int
}{
	{"anonymizer", 30},
	{"receiver/appusagereceiver", 15},
	{".", 0},
}

func main() {
	failed := false
	for _, limit := range limits {
		uses, err := read(context.Background(), limit.folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, "arrows:", err)
			os.Exit(2)
		}
		against := uses.against(uses.order())
		fmt.Printf("%-26s %2d arrows against the order of its files (at most %d)\n", limit.folder, len(against), limit.most)
		if len(against) > limit.most {
			failed = true
			for _, arrow := range against {
				fmt.Println("  ", arrow)
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}
