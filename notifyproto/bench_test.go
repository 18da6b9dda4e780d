package notifyproto_test

import (
	"bufio"
	"strings"
	"testing"

	imap "github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

const benchCommand = "NOTIFY SET STATUS (selected (MessageNew (UID FLAGS BODY.PEEK[HEADER.FIELDS (From To Subject)]) MessageExpunge FlagChange)) " +
	`(subtree (Lists "Entw&APw-rfe") (MessageNew MessageExpunge)) (personal (MailboxName SubscriptionChange Other))`

var benchResponses = map[string]notifyproto.Response{
	"STATUS": notifyproto.Status{"Lists/Lemonade", items{{"MESSAGES", 501, ""}, {"UIDNEXT", 10000, ""}, {"UIDVALIDITY", 4, ""}, {"HIGHESTMODSEQ", 65666665, ""}}},
	"EXISTS": notifyproto.Exists{444},
	"FETCH": notifyproto.Fetch{127, []notifyproto.FetchItem{
		{"UID", []byte("127001")}, {"FLAGS", []byte(`(\Seen $Junk)`)},
		{"ENVELOPE", []byte(`("Mon, 02 Mar 2026 10:00:05 +0000" "message \"5\"" ((NIL NIL "alice" "example.org")) NIL NIL NIL NIL NIL NIL "<m5@example.org>")`)},
		{"BODY[HEADER.FIELDS (From To Subject)]", []byte("{10}\r\nSubject: \n")},
	}},
	"VANISHED": notifyproto.Vanished{UIDs: uids(1, 3, 5, 5)},
	"EXPUNGE":  notifyproto.Expunge{5},
	"LIST":     notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttrSubscribed}, Delim: '/', Mailbox: "a b", OldName: "Entwürfe"},
	"METADATA": notifyproto.Metadata{Mailbox: "INBOX", Entries: []string{"/shared/comment"}},
	"OVERFLOW": notifyproto.Overflow{"too much"},
}

// TestAllocations is what the benchmarks report, as a test.
func TestAllocations(t *testing.T) {
	cmd := parse(t, benchCommand)
	buf := make([]byte, 0, 4096)
	zero := func(what string, f func()) { require.Zero(t, testing.AllocsPerRun(100, f), what) }
	zero("AppendCommand", func() { _, _ = notifyproto.AppendCommand(buf, cmd, nil) })
	for name, r := range benchResponses {
		zero(name, func() { _, _ = notifyproto.AppendResponse(buf, r, nil) })
	}
	m := notifyproto.Compile(cmd)
	v := &notifyproto.View{Selected: "INBOX", Delim: '/', Personal: func(string) bool { return true }, Subscribed: func(string) bool { return true }}
	for _, mailbox := range []string{"INBOX", "inbox/x", "Lists/a/b", "Entwürfe/x"} {
		zero("For", func() { m.For(v, mailbox) })
	}
	fr := notifyproto.NewFrameReader(bufio.NewReader(strings.NewReader(strings.Repeat("* 5 EXISTS\r\n", 1000))))
	zero("ReadFrame", func() { _, _ = fr.ReadFrame() })
}

func BenchmarkParseCommand(b *testing.B) {
	command := []byte(benchCommand)
	b.ReportAllocs()
	b.SetBytes(int64(len(command)))
	for b.Loop() {
		if _, err := notifyproto.ParseCommand(command, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendCommand(b *testing.B) {
	cmd := parse(b, benchCommand)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := notifyproto.AppendCommand(buf, cmd, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	for _, name := range []string{"STATUS", "EXISTS", "FETCH", "VANISHED", "LIST"} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 4096)
			r := benchResponses[name]
			b.ReportAllocs()
			for b.Loop() {
				if _, err := notifyproto.AppendResponse(buf, r, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseResponse(b *testing.B) {
	for _, name := range []string{"STATUS", "EXISTS", "FETCH"} {
		b.Run(name, func(b *testing.B) {
			line, err := notifyproto.AppendResponse(nil, benchResponses[name], nil)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := notifyproto.ParseResponse(line, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatcherFor(b *testing.B) {
	m := notifyproto.Compile(parse(b, benchCommand))
	v := &notifyproto.View{Selected: "INBOX", Delim: '/'}
	b.ReportAllocs()
	for b.Loop() {
		if m.For(v, "Lists/Lemonade").Events == 0 {
			b.Fatal("nothing granted")
		}
	}
}

func BenchmarkReadFrame(b *testing.B) {
	line := strings.Repeat("* STATUS Lists/Lemonade (MESSAGES 501 UIDNEXT 10000)\r\n", 100)
	src := strings.NewReader(line)
	r := bufio.NewReader(src)
	fr := notifyproto.NewFrameReader(r)
	fr.Responses = true
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fr.ReadFrame(); err != nil {
			src.Reset(line)
			r.Reset(src)
		}
	}
}
