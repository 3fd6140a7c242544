// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command write writes the schema into its file, for go generate, which runs it in the folder above.
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
	if err := os.WriteFile("../../docs/schema/headcount.json", out.Bytes(), 0o600); err != nil {
		log.Fatal(err)
	}
}
