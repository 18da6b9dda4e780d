package msgevent

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// cyrusFiles returns what Cyrus IMAP 3.6.1 sent, byte for byte, by file name.
func cyrusFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/cyrus/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		files[filepath.Base(name)] = data
	}
	return files
}

// TestCyrusRoundTrip: every member survives, the second reading is the same as
// the first, and the members of RFC 5423 keep Cyrus' order.
func TestCyrusRoundTrip(t *testing.T) {
	for name, data := range cyrusFiles(t) {
		t.Run(name, func(t *testing.T) {
			var e Event
			require.NoError(t, json.Unmarshal(data, &e))
			out, err := e.AppendJSON(nil)
			require.NoError(t, err)
			var again Event
			require.NoError(t, again.UnmarshalJSON(out))
			require.Equal(t, e, again)
			require.Equal(t, asMap(t, data), asMap(t, out))
			require.Equal(t, knownMembers(t, data), knownMembers(t, out))

			marshalled, err := json.Marshal(e)
			require.NoError(t, err)
			require.Equal(t, asMap(t, data), asMap(t, marshalled))
		})
	}
}

func asMap(t *testing.T, data []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	require.NoError(t, d.Decode(&m))
	return m
}

// knownMembers returns the names of the members that are parameters, in order.
func knownMembers(t *testing.T, data []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	_, err := d.Token()
	require.NoError(t, err)
	for d.More() {
		name, err := d.Token()
		require.NoError(t, err)
		if findParameter(name.(string)) >= 0 {
			names = append(names, name.(string))
		}
		var value json.RawMessage
		require.NoError(t, d.Decode(&value))
	}
	return names
}

func TestCyrusValues(t *testing.T) {
	files := cyrusFiles(t)
	read := func(name string) (e Event) {
		require.NoError(t, e.UnmarshalJSON(files[name]), name)
		return e
	}

	e := read("MessageNew-1.json")
	require.Equal(t, TypeMessageNew, e.Type)
	require.Equal(t, uint64(10), e.ModSeq)
	require.Equal(t, uint32(1), *e.Messages)
	require.Equal(t, int64(518), *e.MessageSize)
	require.Equal(t, "2026-11-22T01:40:44.196Z", e.Timestamp.Format("2006-01-02T15:04:05.000Z07:00"))
	u, err := e.Mailbox()
	require.NoError(t, err)
	require.Equal(t, "user/alice", u.Mailbox)

	e = read("MessageExpire-1.json")
	require.Equal(t, "1:3,5:10", e.UIDs.String())
	require.Equal(t, []string{"user"}, e.Empty)

	e = read("MessageAppend-1.json")
	require.Equal(t, `\seen`, string(e.Flags[0]))
	require.Len(t, e.Flags, 4)

	e = read("QuotaChange-1.json")
	require.Equal(t, int64(-1), *e.MaxMessages)
	require.Equal(t, int64(0), *e.DiskUsed)

	e = read("QuotaChange-unlimited.json")
	require.Nil(t, e.DiskQuota)

	e = read("Login-1.json")
	require.Equal(t, "127.0.0.1", e.ClientIP.String())
	require.Equal(t, uint16(11530), e.ServerPort)

	e = read("vnd.cmu.MessageCopy-1.json")
	require.Equal(t, Type("vnd.cmu.MessageCopy"), e.Type)
	require.Equal(t, Extension{Name: "vnd.cmu.oldUidset", Value: json.RawMessage(`"3"`)}, e.Extensions[0])

	e = read("ApplePushService-1.json")
	require.Equal(t, Type("ApplePushService"), e.Type)
	require.True(t, e.Timestamp.IsZero())
}
