// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// uses holds for each file of a package the files whose declarations it uses.
type uses map[string]map[string]bool

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

// read looks at a package's own files, without tests and generated ones.
func read(ctx context.Context, folder string) (uses, error) {
	list := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", ".")
	list.Dir = folder
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list ./%s: %w", folder, err)
	}
	exports, own := map[string]string{}, listed{}
	for packages := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			own = p
		}
	}
	return usesOf(own, func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
}

func usesOf(p listed, export importer.Lookup) (uses, error) {
	set, all := token.NewFileSet(), uses{}
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
		if !ast.IsGenerated(file) {
			all[name] = map[string]bool{}
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", export)}
	pkg, err := config.Check(p.ImportPath, set, files, info)
	if err != nil {
		return nil, err
	}
	for ident, object := range info.Uses {
		if object.Pkg() != pkg || !declared(object, pkg) {
			continue
		}
		here, there := filepath.Base(set.Position(ident.Pos()).Filename), filepath.Base(set.Position(object.Pos()).Filename)
		if here != there && all[here] != nil && all[there] != nil {
			all[here][there] = true
		}
	}
	return all, nil
}

// declared tells whether an object is what a file declares: one of the package's own, or a method.
func declared(object types.Object, pkg *types.Package) bool {
	_, function := object.(*types.Func)
	return function || object.Parent() == pkg.Scope()
}

// order lays the files from the ground up: always the one next that uses the fewest of those that remain, and of
// these the one that most of them use.
func (u uses) order() []string {
	remaining := map[string]bool{}
	for file := range u {
		remaining[file] = true
	}
	var order []string
	for len(remaining) > 0 {
		best, least, most := "", 0, 0
		for _, file := range slices.Sorted(maps.Keys(remaining)) {
			below, above := 0, 0
			for other := range remaining {
				if u[file][other] {
					below++
				}
				if u[other][file] {
					above++
				}
			}
			if best == "" || below < least || below == least && above > most {
				best, least, most = file, below, above
			}
		}
		order = append(order, best)
		delete(remaining, best)
	}
	return order
}

// against are the arrows that run against an order: from a file to one that stands after it.
func (u uses) against(order []string) (found []string) {
	for i, file := range order {
		for _, later := range order[i+1:] {
			if u[file][later] {
				found = append(found, fmt.Sprintf("%s uses %s", file, later))
			}
		}
	}
	return found
}
