// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dunglas/httpsfv"
)

// base is what is signed (RFC 9421, section 2.5): each covered component, and the
// list of them with its parameters. A client's request has its own address in URL.
func base(r *http.Request, covered httpsfv.InnerList) (string, error) {
	var text strings.Builder
	seen := map[string]bool{}
	for _, item := range covered.Items {
		name, ok := item.Value.(string)
		switch {
		case !ok:
			return "", errors.New("Signature-Input: a component is no string")
		case item.Params != nil && len(item.Params.Names()) > 0:
			return "", errors.New("Signature-Input: the parameters of a component are not understood: cover it without")
		case seen[name]:
			return "", errors.New("Signature-Input: a component is covered twice")
		}
		seen[name] = true
		value, err := component(r, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%q: %s\n", name, value)
	}
	parameters, err := httpsfv.Marshal(covered)
	if err != nil {
		return "", errors.New("Signature-Input: it cannot be written again")
	}
	fmt.Fprintf(&text, "%q: %s", "@signature-params", parameters)
	return text.String(), nil
}

// component is the value of a derived component (section 2.2) or of a field (section 2.1).
func component(r *http.Request, name string) (string, error) {
	switch name {
	case "@method":
		return r.Method, nil
	case "@authority":
		return authority(r), nil
	case "@path":
		if path := r.URL.EscapedPath(); path != "" {
			return path, nil
		}
		return "/", nil
	case "@query":
		return "?" + r.URL.RawQuery, nil
	case "host": // net/http keeps it apart
		return r.Host, nil
	case "content-length":
		return fmt.Sprint(r.ContentLength), nil
	}
	if strings.HasPrefix(name, "@") || name != strings.ToLower(name) {
		return "", errors.New("Signature-Input: a component is not understood: cover @method, @authority, @path, @query, or fields by their names in lower case")
	}
	lines := r.Header.Values(name)
	if len(lines) == 0 {
		return "", errors.New("Signature-Input: a field that is covered is not there")
	}
	trimmed := make([]string, len(lines))
	for i, line := range lines {
		trimmed[i] = strings.Trim(line, " \t")
	}
	return strings.Join(trimmed, ", "), nil
}

func authority(r *http.Request) string {
	host := strings.ToLower(r.Host)
	if host == "" {
		host = strings.ToLower(r.URL.Host)
	}
	if r.TLS != nil || r.URL.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
