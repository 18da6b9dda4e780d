package msgevent

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

// FuzzUnmarshalJSON: what is read can be written, is read again as the same
// event, and is then written the same.
func FuzzUnmarshalJSON(f *testing.F) {
	for _, data := range cyrusFiles(f) {
		f.Add(data)
	}
	f.Add([]byte(fullJSON))
	f.Add([]byte(`{"event":"X","uidset":"9:7,3,1:2,8:12","timestamp":"1937-01-01t12:00:27.87+00:20","tags":[],"a":{"b":[1e9,"\u00e9"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e Event
		if err := e.UnmarshalJSON(data); err != nil {
			var parameter *ParameterError
			require.ErrorAs(t, err, &parameter)
			require.GreaterOrEqual(t, parameter.Offset, 0)
			require.LessOrEqual(t, parameter.Offset, len(data))
			return
		}
		require.True(t, json.Valid(data))
		require.True(t, utf8.Valid(data))
		b, err := e.AppendJSON(nil)
		require.NoError(t, err)
		require.True(t, json.Valid(b))
		require.NotContains(t, string(b), "\n")
		var again Event
		require.NoError(t, again.UnmarshalJSON(b), "%s", b)
		// The order of Empty is that of the members.
		slices.Sort(e.Empty)
		slices.Sort(again.Empty)
		require.Equal(t, e, again)
		stable, err := again.AppendJSON(nil)
		require.NoError(t, err)
		require.Equal(t, string(b), string(stable))
	})
}

// FuzzAppendJSON: an event is refused, or its JSON is read as the same event.
func FuzzAppendJSON(f *testing.F) {
	f.Add("MessageNew", "alice", `\Seen $Forwarded`, "::1", []byte("Subject: x\r\n"), "vnd.a", `{"b":[1]}`, uint64(1), int64(-1), uint32(7), int64(1795311644e9), int32(3600), uint8(3))
	f.Add("vnd.x", "", "", "fe80::1%eth0", []byte{0, 0xFF}, "user", `"`, uint64(0), int64(0), uint32(0), int64(0), int32(-1), uint8(7))
	f.Fuzz(func(t *testing.T, typ, text, flags, ip string, content []byte, name, value string, unsigned uint64, signed int64, uid uint32, nanos int64, offset int32, bits uint8) {
		e := &Event{
			Type: Type(typ), URI: text, User: text, Content: content, ModSeq: unsigned, PID: int(int32(signed)),
			ServerPort: uint16(uid), UIDNext: imap.UID(uid), Messages: &uid, MaxMessages: &signed, DiskUsed: &signed,
			Timestamp: time.Unix(0, nanos).In(time.FixedZone("", int(offset))),
		}
		e.ClientIP, _ = netip.ParseAddr(ip)
		if bits&1 != 0 {
			e.Extensions = []Extension{{Name: name, Value: json.RawMessage(value)}}
		}
		if bits&2 != 0 {
			e.UIDs.AddRange(imap.UID(uid), imap.UID(unsigned))
			e.UIDs.AddNum(imap.UID(signed))
		}
		if bits&4 != 0 {
			e.Empty = append(e.Empty, "user", name)
		}
		if bits&8 != 0 {
			e.Tags = strings.Split(text, ",")
		}
		for flag := range strings.SplitSeq(flags, " ") {
			e.Flags = append(e.Flags, imap.Flag(flag))
		}
		b, err := e.AppendJSON(nil)
		if err != nil {
			var parameter *ParameterError
			require.ErrorAs(t, err, &parameter)
			return
		}
		var got Event
		require.NoError(t, got.UnmarshalJSON(b), "%s", b)

		require.True(t, e.Timestamp.Equal(got.Timestamp))
		_, gotOffset := got.Timestamp.Zone()
		require.Equal(t, int(offset), gotOffset)
		got.Timestamp = e.Timestamp
		for i := range e.Extensions {
			require.Equal(t, compact(t, []byte(value)), string(got.Extensions[i].Value))
			got.Extensions[i].Value = e.Extensions[i].Value
		}
		slices.Sort(e.Empty)
		slices.Sort(got.Empty)
		if len(content) == 0 {
			e.Content = nil
		}
		require.Equal(t, e, &got)
	})
}

// FuzzScanner compares the scanner with encoding/json.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`[1,{"a":-0.5e+7,"b":[true,false,null]},"\u00e9\n"]`, `01`, `"\ud800"`, `{"a":}`, "\"\xff\"", ` `, `[]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := scanner{data: data}
		s.space()
		want := s.value(1)
		s.space()
		if want == "less nesting" {
			return
		}
		valid := want == "" && s.pos == len(data)
		require.Equal(t, json.Valid(data) && utf8.Valid(data), valid, "%q at %d", want, s.pos)
		if !valid {
			return
		}
		require.Equal(t, compact(t, data), string(appendCompact(nil, data)))
		if text, ok := unquoteIfString(data); ok {
			var std string
			require.NoError(t, json.Unmarshal(data, &std))
			require.Equal(t, std, text)
		}
	})
}

func unquoteIfString(data []byte) (string, bool) {
	data = appendCompact(nil, data)
	if data[0] != '"' {
		return "", false
	}
	return unquote(data)
}

// compact is what encoding/json makes of a value.
func compact(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, data))
	return b.String()
}
