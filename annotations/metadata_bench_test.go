package annotations_test

import (
	"fmt"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

var (
	benchGet = []byte(`GETMETADATA (MAXSIZE 1024) "INBOX" (/shared/comment /private/comment)`)
	benchSet = []byte(`SETMETADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")`)
)

func TestMetadataAllocs(t *testing.T) {
	buf := make([]byte, 0, 4096)
	get, err := annotations.ParseGetMetadata(benchGet, nil)
	require.NoError(t, err)
	set, err := annotations.ParseSetMetadata(benchSet, nil)
	require.NoError(t, err)
	code := annotations.LongEntries(2199)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = annotations.AppendGetMetadata(buf, get, nil)
		_, _ = code.AppendText(buf)
		_, _, _ = annotations.ItemOf("/private/vendor/vendor.lemonade/notify/event/filter")
	}))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		_, _ = annotations.AppendSetMetadata(buf, set, nil)
		_, _ = annotations.AppendMetadataResponse(buf, "INBOX", set.Entries, nil)
	}), float64(2*len(set.Entries)), "at most a copy of each value")
}

func BenchmarkParseGetMetadata(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = annotations.ParseGetMetadata(benchGet, nil)
	}
}

func BenchmarkParseSetMetadata(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = annotations.ParseSetMetadata(benchSet, nil)
	}
}

func BenchmarkAppendMetadataResponse(b *testing.B) {
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = annotations.AppendMetadataResponse(buf, "INBOX", completeEntries, nil)
	}
}

func BenchmarkDecodePreferences(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = annotations.DecodePreferences(completeEntries)
	}
}

func benchStore(b *testing.B) *annotations.MemoryStore {
	s := annotations.NewMemoryStore(nil)
	for i := range 100 {
		by := annotations.Subject{User: "alice", Device: fmt.Sprint(i)}
		require.NoError(b, s.Set(by, "INBOX", completeEntries))
	}
	return s
}

func BenchmarkMemoryStoreGet(b *testing.B) {
	s := benchStore(b)
	by := annotations.Subject{User: "alice", Device: "7"}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Get(by, "INBOX", []string{"/private/notify/event/filter"}, annotations.DepthZero)
	}
}

func BenchmarkMemoryStoreGetInfinity(b *testing.B) {
	s := benchStore(b)
	by := annotations.Subject{User: "alice", Device: "7"}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Get(by, "INBOX", []string{"/private"}, annotations.DepthInfinity)
	}
}

func BenchmarkMemoryStoreSet(b *testing.B) {
	s := benchStore(b)
	by := annotations.Subject{User: "alice", Device: "7"}
	values := [2][]annotations.EntryValue{{ev("/private/notify/event/filter", "ALL")}, {ev("/private/notify/event/filter", "NEW")}}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Set(by, "INBOX", values[i%2])
		i++
	}
}

func BenchmarkMemoryStorePreferences(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Preferences("alice", "7", "Lists", annotations.Preferences{})
	}
}
