// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect_test

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/collect"
)

// sent is what real installations of sql-explorer posted, one body a line.
//
//go:embed testdata/sent.jsonl
var sent []byte

func sentBodies() [][]byte {
	var bodies [][]byte
	for lines := bufio.NewScanner(bytes.NewReader(sent)); lines.Scan(); {
		bodies = append(bodies, bytes.Clone(lines.Bytes()))
	}
	return bodies
}

func TestDecodeReadsWhatTheAppSent(t *testing.T) {
	require.Len(t, sentBodies(), 8)
	s, err := collect.Decode(sentBodies()[2])
	require.NoError(t, err)
	assert.Equal(t, collect.Stat{
		InstanceID: "b4829f17-9a18-41fa-94a5-434c88719e64",
		Time:       time.UnixMicro(1795416843176521).UTC(),
		Name:       "QUERY_RUN",
		Value:      collect.Object{{Key: "duration", Value: collect.Double(45)}, {Key: "sql_len", Value: collect.Int(58)}},
	}, s)
}

// body is a stat with one thing in value, or another time.
func body(value string) string {
	return `{"instanceId":"secret-id","time":1795392000.0,"value":{` + value + `},"name":"N"}`
}

var refusals = map[string]struct {
	body string
	want error
}{
	"empty":                 {"", collect.ErrSyntax},
	"white space":           {" \n", collect.ErrSyntax},
	"truncated":             {`{"instanceId":"secret-i`, collect.ErrSyntax},
	"truncated in value":    {`{"instanceId":"secret-id","time":1.0,"value":{"secret":1`, collect.ErrSyntax},
	"missing comma":         {body(`"a":1 "secret":2`), collect.ErrSyntax},
	"trailing comma":        {body(`"secret":1,`), collect.ErrSyntax},
	"comment":               {body(`/* secret */`), collect.ErrSyntax},
	"single quotes":         {body(`'secret':1`), collect.ErrSyntax},
	"bare key":              {body(`secret:1`), collect.ErrSyntax},
	"number as key":         {body(`4711:1`), collect.ErrSyntax},
	"leading zero":          {body(`"k":04711`), collect.ErrSyntax},
	"leading plus":          {body(`"k":+4711`), collect.ErrSyntax},
	"leading point":         {body(`"k":.4711`), collect.ErrSyntax},
	"trailing point":        {body(`"k":4711.`), collect.ErrSyntax},
	"NaN":                   {body(`"k":NaN`), collect.ErrSyntax},
	"Infinity":              {body(`"k":Infinity`), collect.ErrSyntax},
	"Python's None":         {body(`"k":None`), collect.ErrSyntax},
	"control character":     {body("\"k\":\"secret\x01\""), collect.ErrSyntax},
	"bad escape":            {body(`"k":"secret\q"`), collect.ErrSyntax},
	"short escape":          {body(`"k":"secret\u12"`), collect.ErrSyntax},
	"byte order mark":       {"\ufeff" + body(""), collect.ErrSyntax},
	"bad UTF-8":             {body("\"k\":\"secret\xff\""), collect.ErrUTF8},
	"overlong UTF-8":        {body("\"k\":\"secret\xc0\xaf\""), collect.ErrUTF8},
	"UTF-8 surrogate":       {body("\"k\":\"secret\xed\xa0\x80\""), collect.ErrUTF8},
	"lone high surrogate":   {body(`"k":"secret\ud800"`), collect.ErrUTF8},
	"lone low surrogate":    {body(`"k":"secret\uDC00x"`), collect.ErrUTF8},
	"two high surrogates":   {body(`"k":"secret\ud800\ud800"`), collect.ErrUTF8},
	"surrogate in a key":    {body(`"secret\ud800":1`), collect.ErrUTF8},
	"second object":         {body("") + body(""), collect.ErrTrailing},
	"trailing text":         {body("") + "secret", collect.ErrTrailing},
	"trailing NUL":          {body("") + "\x00", collect.ErrTrailing},
	"array":                 {"[" + body("") + "]", collect.ErrArray},
	"null":                  {"null", collect.ErrNotObject},
	"number":                {"4711", collect.ErrNotObject},
	"text":                  {`"secret"`, collect.ErrNotObject},
	"boolean":               {"true", collect.ErrNotObject},
	"empty object":          {"{}", collect.ErrMissingKey},
	"no instanceId":         {`{"time":1.0,"value":{},"name":"N"}`, collect.ErrMissingKey},
	"no time":               {`{"instanceId":"i","value":{},"name":"N"}`, collect.ErrMissingKey},
	"no value":              {`{"instanceId":"i","time":1.0,"name":"N"}`, collect.ErrMissingKey},
	"no name":               {`{"instanceId":"i","time":1.0,"value":{}}`, collect.ErrMissingKey},
	"unknown key":           {`{"instanceId":"i","time":1.0,"value":{},"name":"N","secret":1}`, collect.ErrUnknownKey},
	"other case":            {`{"InstanceID":"i","time":1.0,"value":{},"name":"N"}`, collect.ErrUnknownKey},
	"key twice":             {`{"instanceId":"i","instanceId":"i","time":1.0,"value":{},"name":"N"}`, collect.ErrDuplicateKey},
	"escaped key twice":     {`{"instanceId":"i","time":1.0,"t\u0069me":1.0,"value":{},"name":"N"}`, collect.ErrDuplicateKey},
	"key of value twice":    {body(`"secret":1,"secret":1`), collect.ErrDuplicateKey},
	"key of group twice":    {body(`"g":{"secret":1,"secret":2}`), collect.ErrDuplicateKey},
	"instanceId number":     {`{"instanceId":4711,"time":1.0,"value":{},"name":"N"}`, collect.ErrType},
	"instanceId null":       {`{"instanceId":null,"time":1.0,"value":{},"name":"N"}`, collect.ErrType},
	"instanceId empty":      {`{"instanceId":"","time":1.0,"value":{},"name":"N"}`, collect.ErrEmpty},
	"name array":            {`{"instanceId":"i","time":1.0,"value":{},"name":["secret"]}`, collect.ErrType},
	"name empty":            {`{"instanceId":"i","time":1.0,"value":{},"name":""}`, collect.ErrEmpty},
	"time text":             {`{"instanceId":"i","time":"secret","value":{},"name":"N"}`, collect.ErrType},
	"time null":             {`{"instanceId":"i","time":null,"value":{},"name":"N"}`, collect.ErrType},
	"time infinite":         {`{"instanceId":"i","time":1e400,"value":{},"name":"N"}`, collect.ErrNotFinite},
	"time negative":         {`{"instanceId":"i","time":-0.5,"value":{},"name":"N"}`, collect.ErrTime},
	"time in milliseconds":  {`{"instanceId":"i","time":1795392000000,"value":{},"name":"N"}`, collect.ErrTime},
	"time rounds too late":  {`{"instanceId":"i","time":8589934591.9999999,"value":{},"name":"N"}`, collect.ErrTime},
	"value text":            {`{"instanceId":"i","time":1.0,"value":"secret","name":"N"}`, collect.ErrType},
	"value null":            {`{"instanceId":"i","time":1.0,"value":null,"name":"N"}`, collect.ErrType},
	"value array":           {`{"instanceId":"i","time":1.0,"value":["secret"],"name":"N"}`, collect.ErrArray},
	"array in value":        {body(`"k":["secret"]`), collect.ErrArray},
	"array in group":        {body(`"k":{"g":[]}`), collect.ErrArray},
	"too deep":              {body(`"k":{"g":{"secret":1}}`), collect.ErrDepth},
	"much too deep":         {body(`"k":` + strings.Repeat(`{"k":`, 100_000) + "1" + strings.Repeat("}", 100_000)), collect.ErrDepth},
	"arrays without end":    {strings.Repeat("[", 500_000), collect.ErrArray},
	"empty key":             {body(`"":1`), collect.ErrEmpty},
	"infinite":              {body(`"k":1e400`), collect.ErrNotFinite},
	"minus infinite":        {body(`"k":-4711.0e999`), collect.ErrNotFinite},
	"integer too great":     {body(`"k":9223372036854775808`), collect.ErrIntegerRange},
	"integer too small":     {body(`"k":-9223372036854775809`), collect.ErrIntegerRange},
	"integer of 400 digits": {body(`"k":` + strings.Repeat("9", 400)), collect.ErrIntegerRange},
	"long text":             {body(`"k":"` + strings.Repeat("s", collect.MaxText+1) + `"`), collect.ErrTextLength},
	"long key":              {body(`"` + strings.Repeat("s", collect.MaxText+1) + `":1`), collect.ErrTextLength},
	"long key of a group":   {body(`"k":{"` + strings.Repeat("s", collect.MaxText+1) + `":1}`), collect.ErrTextLength},
	"long instanceId":       {`{"instanceId":"` + strings.Repeat("s", collect.MaxText+1) + `","time":1.0,"value":{},"name":"N"}`, collect.ErrTextLength},
	"long body":             {body(strings.Repeat(" ", collect.MaxBody)), collect.ErrBodyLength},
	"many keys":             {body(manyKeys(collect.MaxMembers + 1)), collect.ErrMembers},
	"many keys in groups":   {body(`"a":{` + manyKeys(collect.MaxMembers/2) + `},"b":{` + manyKeys(collect.MaxMembers/2) + `}`), collect.ErrMembers},
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + string(rune(0x4e00+i)) + `":1`)
	}
	return b.String()
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			_, err := collect.Decode([]byte(c.body))
			require.ErrorIs(t, err, c.want)
			assert.NotContains(t, err.Error(), "secret")
			assert.NotContains(t, err.Error(), "4711")
			assert.Less(t, len(err.Error()), 200)
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  collect.Object
	}{
		"nothing":            {``, collect.Object{}},
		"white space":        {" \t\r\n", collect.Object{}},
		"exponent":           {`"k":1e3`, object("k", collect.Double(1000))},
		"Exponent":           {`"k":1E-3`, object("k", collect.Double(0.001))},
		"minus zero":         {`"k":-0`, object("k", collect.Int(0))},
		"least integer":      {`"k":-9223372036854775808`, object("k", collect.Int(-1<<63))},
		"great double":       {`"k":9223372036854775808.0`, object("k", collect.Double(1<<63))},
		"underflow":          {`"k":1e-400`, object("k", collect.Double(0))},
		"surrogate pair":     {`"k":"\ud83d\ude00"`, object("k", collect.Text("😀"))},
		"replacement":        {`"k":"\ufffd"`, object("k", collect.Text("\ufffd"))},
		"escaped NUL":        {`"k":"\u0000"`, object("k", collect.Text("\x00"))},
		"empty group":        {`"k":{}`, object("k", collect.Group(collect.Object{}))},
		"empty key of group": {`"k":{"":1}`, object("k", collect.Group(object("", collect.Int(1))))},
		"longest text":       {`"k":"` + strings.Repeat("s", collect.MaxText) + `"`, object("k", collect.Text(strings.Repeat("s", collect.MaxText)))},
		"keys in any order":  {`"b":1,"a":2`, collect.Object{{Key: "a", Value: collect.Int(2)}, {Key: "b", Value: collect.Int(1)}}},
		"long number":        {`"k":0.` + strings.Repeat("3", 1000), object("k", collect.Double(1./3))},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := collect.Decode([]byte(body(c.value)))
			require.NoError(t, err)
			assert.Equal(t, c.want, s.Value)
		})
	}
}

func TestMostKeysAndLongestBody(t *testing.T) {
	s, err := collect.Decode([]byte(body(manyKeys(collect.MaxMembers))))
	require.NoError(t, err)
	assert.Len(t, s.Value, collect.MaxMembers)
	b := body("")
	_, err = collect.Decode([]byte(b + strings.Repeat(" ", collect.MaxBody-len(b))))
	assert.NoError(t, err)
}

func TestObjectGet(t *testing.T) {
	o := collect.NewObject(collect.Member{Key: "b", Value: collect.Int(1)}, collect.Member{Key: "a", Value: collect.Int(2)})
	v, ok := o.Get("b")
	assert.True(t, ok)
	assert.Equal(t, collect.Int(1), v)
	_, ok = o.Get("c")
	assert.False(t, ok)
}

func FuzzDecode(f *testing.F) {
	for _, b := range sentBodies() {
		f.Add(b)
	}
	for _, c := range refusals {
		if len(c.body) < 1000 {
			f.Add([]byte(c.body))
		}
	}
	schema := compile(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := collect.Decode(in)
		if err != nil {
			return
		}
		out, err := s.AppendJSON(nil)
		require.NoError(t, err, "what was read can be written")
		again, err := collect.Decode(out)
		require.NoError(t, err)
		require.Equal(t, s, again)
		validate(t, schema, out) // not in: the validator takes forever over 1e-999999999
	})
}

func compile(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(collect.Schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("stat.schema.json", document))
	schema, err := compiler.Compile("stat.schema.json")
	require.NoError(t, err)
	return schema
}

func validate(t require.TestingT, schema *jsonschema.Schema, body []byte) {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(instance))
}

func TestSchemaHoldsForAllThatIsSent(t *testing.T) {
	schema := compile(t)
	for _, b := range sentBodies() {
		validate(t, schema, b)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := anyStat(t)
		b, err := s.AppendJSON(nil)
		require.NoError(t, err)
		validate(t, schema, b)
	})
}

func TestSchemaRefuses(t *testing.T) {
	schema := compile(t)
	beyond := map[string]bool{ // what JSON Schema cannot say, or its validator's reader does not see
		"key twice": true, "escaped key twice": true, "key of value twice": true, "key of group twice": true,
		"many keys in groups": true, "integer too great": true, "integer too small": true, "integer of 400 digits": true,
		"long body": true, "infinite": true, "minus infinite": true, "time rounds too late": true,
	}
	for name, c := range refusals {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(c.body))
		if err != nil || beyond[name] || errors.Is(c.want, collect.ErrUTF8) {
			continue
		}
		assert.Error(t, schema.Validate(instance), name)
	}
}
