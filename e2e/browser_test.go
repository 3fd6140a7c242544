// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/python"
)

// axePackage is the version of the package from PyPI that brings the accessibility checks that browsers' own tools run too: axe 4.12.1.
const axePackage = "0.1.8"

// browser is a headless Chromium with a fresh profile, and what it asked and complained of.
type browser struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	requests []string
	problems []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	debian.NeedsProgram(t, "chromium", "chromium")
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), append(
		chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(patience),
	)...)
	tab, endTab := chromedp.NewContext(allocator)
	limited, endTime := context.WithTimeout(tab, 3*time.Minute)
	b := &browser{Context: limited, t: t}
	t.Cleanup(func() {
		_ = chromedp.Cancel(tab)
		endTime()
		endTab()
		endAllocator()
	})
	require.NoError(t, chromedp.Listen(limited, b.listen))
	call(b, network.Enable, network.EnableParams{})
	call(b, cdplog.Enable, cdp.Empty{})
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *cdplog.EventEntryAdded:
		b.problems = append(b.problems, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	}
}

// asked and complaints return what was asked, and what the browser complained of, since the start.
func (b *browser) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.problems...)
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b, steps...))
}

// call runs a command of the browser's own protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b, command, params)
	require.NoError(b.t, err)
}

// value is what a script's expression, or the promise that it is, comes to.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return v
}

// becomes waits until an expression is true.
func (b *browser) becomes(expression string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		holds, err := chromedp.Run(b, chromedp.Evaluate[bool]("!!("+expression+")"))
		return err == nil && holds
	}, patience, 100*time.Millisecond, expression)
}

// picture keeps a screenshot of the whole page, to be looked at.
func (b *browser) picture(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	folder := filepath.Join(root, "e2e", "artifacts")
	require.NoError(b.t, os.MkdirAll(folder, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644))
}

// inaccessible are the accessibility faults that axe-core finds, each with where it stands.
func (b *browser) inaccessible() []string {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe(b.t)))
	return value[[]string](b, `axe.run(document).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary)))`)
}

// axe is the checker of accessibility, as a package of Python's brings it: npm would bring hundreds of packages with it.
func axe(t *testing.T) string {
	t.Helper()
	interpreter := python.Python(t, root, "axe", []string{"axe-playwright-python==" + axePackage, "--no-deps"})
	files, err := filepath.Glob(filepath.Join(filepath.Dir(interpreter), "..", "lib", "python3*", "site-packages", "axe_playwright_python", "axe.min.js"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	source, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(source)
}
