// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/collect"
)

func object(key string, value collect.Value) collect.Object {
	return collect.Object{{Key: key, Value: value}}
}

func stat(value collect.Object) collect.Stat {
	return collect.Stat{InstanceID: "a0", Time: time.Unix(1795392000, 0).UTC(), Name: "N", Value: value}
}

func TestEncode(t *testing.T) {
	s := stat(collect.NewObject(
		collect.Member{Key: "z", Value: collect.Null()},
		collect.Member{Key: "b", Value: collect.Bool(true)},
		collect.Member{Key: "by", Value: collect.Group(collect.NewObject(
			collect.Member{Key: "pro", Value: collect.Int(5)},
			collect.Member{Key: "free", Value: collect.Double(20)},
		))},
		collect.Member{Key: "text", Value: collect.Text("a\"é\n")},
		collect.Member{Key: "i", Value: collect.Int(math.MinInt64)},
	))
	body, err := json.Marshal(&s)
	require.NoError(t, err)
	assert.Equal(t, `{"instanceId":"a0","time":1795392000.0,"value":{"b":true,"by":{"free":20.0,"pro":5},"i":-9223372036854775808,"text":"a\"é\n","z":null},"name":"N"}`, string(body))
}

func TestDoubleAlwaysHasPoint(t *testing.T) {
	for f, want := range map[float64]string{
		45: "45.0", 0: "0.0", 7.875: "7.875", 1e21: "1.0e+21", 1e20: "100000000000000000000.0", 1e-7: "1.0e-07",
		1.5e300: "1.5e+300", -3: "-3.0", 5e-324: "5.0e-324",
	} {
		s := stat(object("f", collect.Double(f)))
		body, err := s.AppendJSON(nil)
		require.NoError(t, err)
		assert.Contains(t, string(body), `{"f":`+want+`}`)
	}
}

func TestTimeOnTheWire(t *testing.T) {
	for _, c := range []struct {
		nanoseconds int64
		want        string
	}{
		{0, "0.0"},
		{1795392000_000_000_000, "1795392000.0"},
		{1795392000_500_000_000, "1795392000.5"},
		{1795392000_000_001_999, "1795392000.000001"},
		{1<<33*1_000_000_000 - 1, "8589934591.999999"},
	} {
		s := stat(nil)
		s.Time = time.Unix(0, c.nanoseconds)
		body, err := s.AppendJSON(nil)
		require.NoError(t, err)
		assert.Contains(t, string(body), `"time":`+c.want+`,`)
	}
}

func TestEncodeRefuses(t *testing.T) {
	long := strings.Repeat("x", collect.MaxText+1)
	many := make(collect.Object, collect.MaxMembers+1)
	for i := range many {
		many[i].Key = strings.Repeat("k", 1+i/1000) + string(rune('0'+i%1000))
	}
	big := make(collect.Object, collect.MaxMembers)
	for i := range big {
		big[i] = collect.Member{Key: string(rune(0x4e00 + i)), Value: collect.Text(long[1:])}
	}
	tooEarly, tooLate, noID, noName := stat(nil), stat(nil), stat(nil), stat(nil)
	tooEarly.Time, tooLate.Time, noID.InstanceID, noName.Name = time.Unix(-1, 0), time.Unix(1<<33, 0), "", ""
	for name, c := range map[string]struct {
		stat collect.Stat
		want error
		says string
	}{
		"NaN":           {stat(object("k", collect.Double(math.NaN()))), collect.ErrNotFinite, `"k"`},
		"infinity":      {stat(object("k", collect.Double(math.Inf(-1)))), collect.ErrNotFinite, `"k"`},
		"in a group":    {stat(object("k", collect.Group(object("secret", collect.Double(math.NaN()))))), collect.ErrNotFinite, `"k"`},
		"bad text":      {stat(object("k", collect.Text("\xff"))), collect.ErrUTF8, `"k"`},
		"bad key":       {stat(object("\xff", collect.Null())), collect.ErrUTF8, "value"},
		"long text":     {stat(object("k", collect.Text(long))), collect.ErrTextLength, `"k"`},
		"long key":      {stat(object(long, collect.Null())), collect.ErrTextLength, "value"},
		"empty key":     {stat(object("", collect.Null())), collect.ErrEmpty, "value"},
		"too deep":      {stat(object("k", collect.Group(object("g", collect.Group(nil))))), collect.ErrDepth, `"k"`},
		"same key":      {stat(collect.NewObject(object("k", collect.Null())[0], object("k", collect.Null())[0])), collect.ErrDuplicateKey, `"k"`},
		"many keys":     {stat(many), collect.ErrMembers, "4096"},
		"long body":     {stat(big), collect.ErrBodyLength, "1048576"},
		"before 1970":   {tooEarly, collect.ErrTime, "time"},
		"after 2242":    {tooLate, collect.ErrTime, "time"},
		"no instanceId": {noID, collect.ErrEmpty, "instanceId"},
		"no name":       {noName, collect.ErrEmpty, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := c.stat.AppendJSON([]byte("before"))
			assert.ErrorIs(t, err, c.want)
			assert.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "secret")
			assert.Equal(t, "before", string(body))
		})
	}
}

func TestDecodeReadsWhatIsEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyStat(t)
		body, err := want.AppendJSON(nil)
		require.NoError(t, err)
		got, err := collect.Decode(body)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// A tool that knows nothing of ours reads the same.
func TestStandardLibraryReadsWhatIsEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyStat(t)
		body, err := want.AppendJSON(nil)
		require.NoError(t, err)
		var got struct {
			InstanceID string `json:"instanceId"`
			Name       string
			Time       float64
			Value      map[string]any
		}
		require.NoError(t, json.Unmarshal(body, &got))
		require.Equal(t, want.InstanceID, got.InstanceID)
		require.Equal(t, want.Name, got.Name)
		require.InDelta(t, float64(want.Time.UnixMicro())/1e6, got.Time, 1e-6)
		require.Len(t, got.Value, len(want.Value))
		for _, m := range want.Value {
			switch m.Value.Kind() {
			case collect.KindDouble:
				require.Equal(t, m.Value.Double(), got.Value[m.Key])
			case collect.KindText:
				require.Equal(t, m.Value.Text(), got.Value[m.Key])
			case collect.KindNull:
				require.Nil(t, got.Value[m.Key])
			}
		}
	})
}

func typical() collect.Stat {
	return collect.Stat{
		InstanceID: "b4829f17-9a18-41fa-94a5-434c88719e64", Time: time.Unix(1795392000, 0).UTC(), Name: "STARTUP_STATS",
		Value: collect.NewObject(
			collect.Member{Key: "total_log_count", Value: collect.Int(1600)},
			collect.Member{Key: "unique_run_by_user_count", Value: collect.Int(35)},
			collect.Member{Key: "total_query_count", Value: collect.Int(20)},
			collect.Member{Key: "unique_connection_count", Value: collect.Int(5)},
			collect.Member{Key: "default_database", Value: collect.Text("sqlite")},
			collect.Member{Key: "explorer_install_quarter", Value: collect.Text("Q3-2024")},
			collect.Member{Key: "debug", Value: collect.Bool(true)},
			collect.Member{Key: "tasks_enabled", Value: collect.Bool(false)},
			collect.Member{Key: "unsafe_rendering", Value: collect.Bool(false)},
			collect.Member{Key: "transform_count", Value: collect.Int(2)},
			collect.Member{Key: "assistant_enabled", Value: collect.Bool(false)},
			collect.Member{Key: "user_dbs", Value: collect.Int(3)},
			collect.Member{Key: "version", Value: collect.Text("5.3")},
			collect.Member{Key: "charts_enabled", Value: collect.Bool(true)},
		),
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	s := typical()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.AppendJSON(nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	s := typical()
	body, err := s.AppendJSON(nil)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := collect.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
