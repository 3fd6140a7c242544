// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// rawRequest is what a client writes to its connection, and how it may be answered.
type rawRequest struct {
	send func(*net.TCPConn)
	// statuses are what each answer in turn matches; the last may be missing when the endpoint hangs up.
	statuses []string
}

var statusLine = regexp.MustCompile(`(?m)^HTTP/1\.[01] (\d{3})`)

func (r rawRequest) check(t *testing.T, answers []byte) {
	found := statusLine.FindAllSubmatch(answers, -1)
	assert.GreaterOrEqual(t, len(found), len(r.statuses)-1, "%s", answers)
	assert.LessOrEqual(t, len(found), len(r.statuses), "%s", answers)
	for i := range min(len(found), len(r.statuses)) {
		assert.Regexp(t, "^("+r.statuses[i]+")$", string(found[i][1]))
	}
	assert.NotContains(t, string(answers), canary)
}

// said is a client that says something and then nothing more.
func said(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, _ = io.WriteString(c, text) // an endpoint that hangs up early is free to
		_ = c.CloseWrite()
	}
}

// rawRequests are requests that are no proper HTTP.
func rawRequests(target *url.URL, accepted []byte) map[string]rawRequest {
	post := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n", target.RequestURI(), target.Host)
	length := fmt.Sprintf("Content-Length: %d\r\n", len(accepted))
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(accepted), accepted)
	const chunked = "Transfer-Encoding: chunked\r\n"
	body := string(accepted)
	return map[string]rawRequest{
		"garbage":                      {said(canary + "\r\n\r\n"), []string{"400"}},
		"garbage without end":          {said(strings.Repeat("\x16\x03\x01", 100_000)), []string{"4.."}},
		"TLS on a plain port":          {said("\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03\r\n\r\n"), []string{"400"}},
		"garbage after a good request": {said(post + length + "\r\n" + body + "\x00" + canary + "\r\n\r\n"), []string{"2..", "400"}},
		"three in one packet":          {said(strings.Repeat(post+length+"\r\n"+body, 3)), []string{"2..", "2..", "2..", "400"}},
		"length too great":             {said(post + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)+10) + body), []string{"400|408"}},
		"length too small":             {said(post + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)-10) + body), []string{"400", "400"}},
		"length of an exabyte":         {said(post + "Content-Length: 1152921504606846976\r\n\r\n" + body), []string{"413"}},
		"length beyond 64 bits":        {said(post + "Content-Length: 99999999999999999999\r\n\r\n" + body), []string{"400"}},
		"negative length":              {said(post + "Content-Length: -1\r\n\r\n" + body), []string{"400"}},
		"length no number":             {said(post + "Content-Length: " + canary + "\r\n\r\n" + body), []string{"400"}},
		"two lengths":                  {said(post + length + "Content-Length: 2\r\n\r\n" + body), []string{"400"}},
		"no length":                    {said(post + "\r\n"), []string{"400"}},
		"chunks":                       {said(post + "Connection: close\r\n" + chunked + "\r\n" + chunk + "0\r\n\r\n"), []string{"2.."}},
		"chunks without last":          {said(post + chunked + "\r\n" + chunk), []string{"400|408"}},
		"chunk size no number":         {said(post + chunked + "\r\nxyz\r\n" + body), []string{"400"}},
		"chunk size of an exabyte":     {said(post + chunked + "\r\nfffffffffffffff\r\n" + body), []string{"400|408|413"}},
		"chunks of 2 MiB":              {said(post + chunked + "\r\n" + strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 32) + "0\r\n\r\n"), []string{"413"}},
		"unknown transfer encoding":    {said(post + "Transfer-Encoding: " + canary + "\r\n\r\n" + body), []string{"400|501"}},
		"no host":                      {said("POST " + target.RequestURI() + " HTTP/1.1\r\nContent-Type: application/json\r\n" + length + "\r\n" + body), []string{"400"}},
		"header of 2 MiB":              {said(post + "X: " + strings.Repeat("x", 2<<20) + "\r\n\r\n"), []string{"431"}},
		"100000 headers":               {said(post + strings.Repeat("X: x\r\n", 100_000) + "\r\n"), []string{"431"}},
		"bad header name":              {said(post + "X \x00: x\r\n\r\n"), []string{"400"}},
		"path with a NUL":              {said("POST /stat%00 HTTP/1.1\r\nHost: " + target.Host + "\r\nConnection: close\r\nContent-Type: application/json\r\n" + length + "\r\n" + body), []string{"400|404"}},
		"header cut off":               {said(post), []string{"400|408"}},
		"a body that drips":            {drip(post+chunked+"\r\n", "1\r\n \r\n"), []string{"400|408"}},
		"a header that drips":          {drip(post+"X: ", "x"), []string{"400|408"}},
	}
}

// drip writes a beginning, and then a drop now and then, until the endpoint hangs up.
func drip(beginning, drop string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, err := io.WriteString(c, beginning)
		go func() {
			for err == nil {
				time.Sleep(50 * time.Millisecond)
				_, err = io.WriteString(c, drop)
			}
		}()
	}
}
