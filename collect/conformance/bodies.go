// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"strings"

	"github.com/headcount-otel/headcount/collect"
)

// inValue is a stat with these members of value.
func inValue(stat collect.Stat, members string) string {
	return `{"instanceId":"` + canary + `","time":1795392000.0,"value":{` + members + `},"name":"` + stat.Name + `"}`
}

// badBodies are not stats, each for one reason.
func badBodies(stat collect.Stat) map[string]string {
	v := func(members string) string { return inValue(stat, members) }
	with := func(text string) string { return strings.ReplaceAll(text, "NAME", stat.Name) }
	long := strings.Repeat("x", collect.MaxText+1)
	return map[string]string{
		// not JSON
		"nothing":             "",
		"white space":         " \r\n",
		"NUL":                 "\x00",
		"text":                canary,
		"cut off":             v("")[:20],
		"last brace missing":  strings.TrimSuffix(v(""), "}"),
		"cut off in a number": `{"instanceId":"i","time":17`,
		"comma missing":       v(`"a":1 "b":2`),
		"comma too many":      v(`"a":1,`),
		"colon missing":       v(`"a" 1`),
		"comment":             v("/* " + canary + " */"),
		"single quotes":       v(`'a':1`),
		"bare key":            v(canary + ":1"),
		"number as key":       v("1:1"),
		"leading zero":        v(`"a":01`),
		"leading plus":        v(`"a":+1`),
		"leading point":       v(`"a":.5`),
		"trailing point":      v(`"a":5.`),
		"hexadecimal":         v(`"a":0x10`),
		"exponent missing":    v(`"a":1e`),
		"NaN":                 v(`"a":NaN`),
		"Infinity":            v(`"a":-Infinity`),
		"None":                v(`"a":None`),
		"True":                v(`"a":True`),
		"line feed in a text": v("\"a\":\"\n\""),
		"bad escape":          v(`"a":"\x41"`),
		"short escape":        v(`"a":"\u12"`),
		"byte order mark":     "\ufeff" + v(""),
		"UTF-16":              "\xff\xfe{\x00}\x00",
		// not Unicode
		"bad UTF-8":           v("\"a\":\"\xff\""),
		"overlong UTF-8":      v("\"a\":\"\xc0\x80\""),
		"surrogate in UTF-8":  v("\"a\":\"\xed\xa0\x80\""),
		"lone high surrogate": v(`"a":"\ud800"`),
		"lone low surrogate":  v(`"a":"\udc00"`),
		"surrogate in a key":  v(`"\ud800":1`),
		// not one object
		"array":           "[" + v("") + "]",
		"null":            "null",
		"number":          "1",
		"boolean":         "true",
		"two objects":     v("") + v(""),
		"object per line": v("") + "\n" + v("") + "\n",
		"something after": v("") + " " + canary,
		"NUL after":       v("") + "\x00",
		"empty object":    "{}",
		// keys
		"no instanceId":      with(`{"time":1.0,"value":{},"name":"NAME"}`),
		"no time":            with(`{"instanceId":"i","value":{},"name":"NAME"}`),
		"no value":           with(`{"instanceId":"i","time":1.0,"name":"NAME"}`),
		"no name":            `{"instanceId":"i","time":1.0,"value":{}}`,
		"unknown key":        with(`{"instanceId":"i","time":1.0,"value":{},"name":"NAME","` + canary + `":1}`),
		"key in other case":  with(`{"instanceID":"i","time":1.0,"value":{},"name":"NAME"}`),
		"name twice":         with(`{"instanceId":"i","time":1.0,"value":{},"name":"NAME","name":"NAME"}`),
		"escaped name twice": with(`{"instanceId":"i","time":1.0,"value":{},"name":"NAME","n\u0061me":"NAME"}`),
		"key twice":          v(`"` + canary + `":1,"` + canary + `":1`),
		"key of group twice": v(`"a":{"` + canary + `":1,"` + canary + `":2}`),
		"empty key":          v(`"":1`),
		"long key":           v(`"` + long + `":1`),
		"10000 keys":         v(keys(10_000)),
		"10000 keys, groups": v(`"a":{` + keys(5000) + `},"b":{` + keys(5000) + `}`),
		// types
		"instanceId number":  with(`{"instanceId":1,"time":1.0,"value":{},"name":"NAME"}`),
		"instanceId null":    with(`{"instanceId":null,"time":1.0,"value":{},"name":"NAME"}`),
		"instanceId empty":   with(`{"instanceId":"","time":1.0,"value":{},"name":"NAME"}`),
		"instanceId object":  with(`{"instanceId":{"` + canary + `":1},"time":1.0,"value":{},"name":"NAME"}`),
		"instanceId long":    with(`{"instanceId":"` + long + `","time":1.0,"value":{},"name":"NAME"}`),
		"name null":          `{"instanceId":"i","time":1.0,"value":{},"name":null}`,
		"name empty":         `{"instanceId":"i","time":1.0,"value":{},"name":""}`,
		"name array":         with(`{"instanceId":"i","time":1.0,"value":{},"name":["NAME"]}`),
		"time text":          with(`{"instanceId":"i","time":"2026-11-23T08:00:00Z","value":{},"name":"NAME"}`),
		"time null":          with(`{"instanceId":"i","time":null,"value":{},"name":"NAME"}`),
		"time infinite":      with(`{"instanceId":"i","time":1e400,"value":{},"name":"NAME"}`),
		"time negative":      with(`{"instanceId":"i","time":-1.0,"value":{},"name":"NAME"}`),
		"time, milliseconds": with(`{"instanceId":"i","time":1795392000000,"value":{},"name":"NAME"}`),
		"value null":         with(`{"instanceId":"i","time":1.0,"value":null,"name":"NAME"}`),
		"value text":         with(`{"instanceId":"i","time":1.0,"value":"` + canary + `","name":"NAME"}`),
		"value array":        with(`{"instanceId":"i","time":1.0,"value":[],"name":"NAME"}`),
		"array in value":     v(`"a":["` + canary + `"]`),
		"array in a group":   v(`"a":{"b":[]}`),
		"object in a group":  v(`"a":{"b":{}}`),
		"100000 objects":     v(`"a":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)),
		"500000 arrays":      strings.Repeat("[", 500_000),
		"500000 braces":      strings.Repeat("{", 500_000),
		// numbers and texts
		"1e400":                v(`"a":1e400`),
		"-1e400":               v(`"a":-1e400`),
		"1e999999999":          v(`"a":1e999999999`),
		"integer beyond int64": v(`"a":9223372036854775808`),
		"-integer beyond":      v(`"a":-9223372036854775809`),
		"integer, 500000":      v(`"a":` + strings.Repeat("9", 500_000)),
		"long text":            v(`"a":"` + long + `"`),
		"long escaped text":    v(`"a":"` + strings.Repeat(`\u00e9`, collect.MaxText/2+1) + `"`),
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + string(rune(0x4e00+i)) + `":1`)
	}
	return b.String()
}
