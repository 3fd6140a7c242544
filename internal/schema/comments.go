// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

const module = "github.com/headcount-otel/headcount"

// Comments tells what the sources below a folder, the module's, say of the fields of its types.
func Comments(root string) func(reflect.Type, string) string {
	packages := map[string]map[string]string{}
	return func(t reflect.Type, field string) string {
		below, isOurs := strings.CutPrefix(t.PkgPath(), module)
		if !isOurs {
			return ""
		}
		if packages[below] == nil {
			packages[below] = commentsOf(filepath.Join(root, filepath.FromSlash(below)))
		}
		return packages[below][t.Name()+"."+field]
	}
}

// commentsOf are those of a package's fields, by Type.Field.
func commentsOf(folder string) map[string]string {
	said := map[string]string{}
	files, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			declared, isType := node.(*ast.TypeSpec)
			if !isType {
				return true
			}
			if made, isStruct := declared.Type.(*ast.StructType); isStruct {
				for _, field := range made.Fields.List {
					for _, name := range field.Names {
						said[declared.Name.Name+"."+name.Name] = strings.Join(strings.Fields(new(doc.Package).Synopsis(field.Doc.Text())), " ")
					}
				}
			}
			return false
		})
	}
	return said
}
