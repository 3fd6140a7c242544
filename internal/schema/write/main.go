// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command write writes the schema into the file that it is given, from the module's folder two above.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"

	"github.com/headcount-otel/headcount/internal/schema"
)

func main() {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(schema.Make(schema.Comments("../.."))); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
