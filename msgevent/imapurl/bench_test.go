package imapurl

import (
	"net/url"
	"testing"
)

const benchText = "imap://imap.example.org/user/alice/Entw%C3%BCrfe;UIDVALIDITY=1795311644/;UID=1"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(benchText); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNetURLParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := url.Parse(benchText); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendText(b *testing.B) {
	u, err := Parse(benchText)
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if buf, err = u.AppendText(buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNetURLString(b *testing.B) {
	u, err := url.Parse(benchText)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = u.String()
	}
}

func TestAppendTextAllocates0(t *testing.T) {
	u, err := Parse("imap://alice;AUTH=*@[2001:db8::7]:143/Entw%C3%BCrfe;UIDVALIDITY=9/;UID=1")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf, _ = u.AppendText(buf[:0]) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
