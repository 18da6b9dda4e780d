package emn

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

func number(v uint64) *uint64 { return &v }

// draftEMN is the emn example of draft-ietf-lemonade-notifications-04, section 9.1.
func draftEMN() *Notification {
	return &Notification{
		Mailbox:   "mailat:joe@foo.com",
		Timestamp: time.Date(2004, 2, 20, 6, 40, 0, 0, time.UTC),
	}
}

// everyField has a value in each field.
func everyField() *Notification {
	return &Notification{
		Mailbox:   "imap://joe@imap.foo.example/",
		Timestamp: time.Date(2004, 2, 20, 6, 40, 0, 0, time.UTC),
		Extended: &Extended{
			Event:      "MessageNew",
			View:       "INBOX",
			SequenceID: number(42),
			UID:        3141,
			Sender:     "Joe <joe@foo.com>",
			Date:       time.Date(2004, 2, 20, 6, 39, 12, 0, time.UTC),
			Subject:    "A & B",
			Text:       "snippet",
		},
	}
}

func TestAppendXML(t *testing.T) {
	paris := time.FixedZone("", 3600)
	for _, tt := range []struct {
		name   string
		source string
		n      *Notification
		o      *Options
		want   string
	}{
		{
			name:   "draft example, white space taken out",
			source: "draft-ietf-lemonade-notifications-04, section 9.1",
			n:      draftEMN(),
			want:   `<emn mailbox="mailat:joe@foo.com" timestamp="2004-02-20T06:40:00Z"/>`,
		}, {
			name:   "with document type",
			source: "testdata/xml-accept.jsonl, emn-full, without its declaration",
			n:      draftEMN(),
			o:      &Options{DOCTYPE: true},
			want:   `<!DOCTYPE emn PUBLIC "-//WAPFORUM//DTD EMN 1.0//EN" "http://www.wapforum.org/DTD/emn.dtd"><emn mailbox="mailat:joe@foo.com" timestamp="2004-02-20T06:40:00Z"/>`,
		}, {
			name:   "every attribute",
			source: "testdata/xml-accept.jsonl, xemn-all, with '>' escaped",
			n:      everyField(),
			o:      &Options{DOCTYPE: true}, // not for xemn
			want:   `<xemn mailbox="imap://joe@imap.foo.example/" timestamp="2004-02-20T06:40:00Z" event="MessageNew" view="INBOX" sequence-id="42" uid="3141" sender="Joe &lt;joe@foo.com&gt;" datetime="2004-02-20T06:39:12Z" subject="A &amp; B">snippet</xemn>`,
		}, {
			name:   "nothing but the mailbox",
			source: "OMA EMN 1.0: timestamp is #IMPLIED",
			n:      &Notification{Mailbox: "mailat:a@b.example"},
			want:   `<emn mailbox="mailat:a@b.example"/>`,
		}, {
			name:   "empty xemn",
			source: "XML 1.0, section 3.1: EmptyElemTag",
			n:      &Notification{Mailbox: "mailat:a@b.example", Extended: &Extended{}},
			want:   `<xemn mailbox="mailat:a@b.example"/>`,
		}, {
			name:   "zero is not absent",
			source: "draft-ietf-lemonade-notifications-04, section 9.1",
			n:      &Notification{Mailbox: "m:", Extended: &Extended{SequenceID: number(0)}},
			want:   `<xemn mailbox="m:" sequence-id="0"/>`,
		}, {
			name:   "times in UTC, timestamp in seconds",
			source: "OMA EMN 1.0, %Datetime; RFC 3339, section 5.6",
			n: &Notification{
				Mailbox:   "m:",
				Timestamp: time.Date(2004, 2, 20, 7, 40, 0, 999, paris),
				Extended:  &Extended{Date: time.Date(2004, 2, 20, 7, 39, 12, 500e6, paris)},
			},
			want: `<xemn mailbox="m:" timestamp="2004-02-20T06:40:00Z" datetime="2004-02-20T06:39:12.5Z"/>`,
		}, {
			name:   "escapes",
			source: "XML 1.0, sections 2.4, 2.11 and 3.3.3",
			n: &Notification{Mailbox: "m:&<>\"'\t\r\n\u00e9", Extended: &Extended{
				Text: "&<>\"'\t\r\n\u00e9]]>",
			}},
			want: "<xemn mailbox=\"m:&amp;&lt;&gt;&quot;'&#9;&#13;&#10;\u00e9\">&amp;&lt;&gt;&quot;'\t&#13;\n\u00e9]]&gt;</xemn>",
		}, {
			name:   "years 0 and 9999",
			source: "RFC 3339, section 5.6: date-fullyear = 4DIGIT",
			n: &Notification{
				Mailbox:   "m:",
				Timestamp: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
				Extended:  &Extended{Date: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
			},
			want: `<xemn mailbox="m:" timestamp="0000-01-01T00:00:00Z" datetime="9999-12-31T23:59:59Z"/>`,
		}, {
			name:   "vendor event",
			source: "RFC 5423, section 6",
			n:      &Notification{Mailbox: "m:", Extended: &Extended{Event: "vnd.example.Moved"}},
			want:   `<xemn mailbox="m:" event="vnd.example.Moved"/>`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := AppendXML([]byte("before "), tt.n, tt.o)
			require.NoError(t, err, tt.source)
			require.Equal(t, "before "+tt.want, string(b), tt.source)
		})
	}
}

func TestAppendXMLRefused(t *testing.T) {
	long := strings.Repeat("x", MaxAttributeValue+1)
	extended := func(x Extended) Notification { return Notification{Mailbox: "m:", Extended: &x} }
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name   string
		n      Notification
		field  string
		reason string
	}{
		{"zero value", Notification{}, "Mailbox", "empty"},
		{"long mailbox", Notification{Mailbox: long}, "Mailbox", "longer than 20480 octets"},
		{"year 10000", Notification{Mailbox: "m:", Timestamp: year(10000)}, "Timestamp", "year is not in 0000 to 9999"},
		{"year -1", Notification{Mailbox: "m:", Timestamp: year(-1)}, "Timestamp", "year is not in 0000 to 9999"},
		{"year -1 in UTC only", Notification{Mailbox: "m:", Timestamp: time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1))}, "Timestamp", "year is not in 0000 to 9999"},
		{"no event name", extended(Extended{Event: "New Message"}), "Event", "not an event name of RFC 5423"},
		{"event in another case", extended(Extended{Event: "messagenew"}), "Event", "not an event name of RFC 5423"},
		{"vendor event without name", extended(Extended{Event: "vnd."}), "Event", "not an event name of RFC 5423"},
		{"vendor event with a blank", extended(Extended{Event: "vnd.a b"}), "Event", "not an event name of RFC 5423"},
		{"long vendor event", extended(Extended{Event: msgevent.Type("vnd." + long)}), "Event", "longer than 20480 octets"},
		{"long view", extended(Extended{View: long}), "View", "longer than 20480 octets"},
		{"long sender", extended(Extended{Sender: long}), "Sender", "longer than 20480 octets"},
		{"long subject", extended(Extended{Subject: long}), "Subject", "longer than 20480 octets"},
		{"year of the date", extended(Extended{Date: year(10000)}), "Date", "year is not in 0000 to 9999"},
		{"white space text", extended(Extended{Text: " \t\r\n"}), "Text", "white space only"},
		{"long document", extended(Extended{Text: strings.Repeat("&", MaxDocument/5)}), "Notification", "XML form longer than 32768 octets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			requireRefused(t, &tt.n, tt.field, tt.reason)
		})
	}
}

// requireRefused checks the error of AppendXML, and that it leaves b alone.
func requireRefused(t *testing.T, n *Notification, field, reason string) {
	t.Helper()
	b, err := AppendXML([]byte("before"), n, nil)
	require.Equal(t, &ValueError{field, reason}, err)
	require.EqualError(t, err, "emn: "+field+": "+reason)
	require.Equal(t, "before", string(b))
}

// stringFields are all fields an attacker may have written.
var stringFields = []struct {
	name string
	set  func(*Notification, string)
	get  func(*Notification) string
}{
	{"Mailbox", func(n *Notification, s string) { n.Mailbox = s }, func(n *Notification) string { return n.Mailbox }},
	{"Event", func(n *Notification, s string) { n.Extended.Event = msgevent.Type(s) }, func(n *Notification) string { return string(n.Extended.Event) }},
	{"View", func(n *Notification, s string) { n.Extended.View = s }, func(n *Notification) string { return n.Extended.View }},
	{"Sender", func(n *Notification, s string) { n.Extended.Sender = s }, func(n *Notification) string { return n.Extended.Sender }},
	{"Subject", func(n *Notification, s string) { n.Extended.Subject = s }, func(n *Notification) string { return n.Extended.Subject }},
	{"Text", func(n *Notification, s string) { n.Extended.Text = s }, func(n *Notification) string { return n.Extended.Text }},
}

func TestInjection(t *testing.T) {
	for _, field := range stringFields {
		for _, s := range []string{
			"\r", "\n", "\r\n", "\t", "x\ry", "x\ny", "x\r\ny", "x\ty", " x ",
			`"`, `'`, "<", ">", "&", "]]>", "<![CDATA[", "<!--", "-->", "<?x?>", "&amp;", "&#0;", "&x;",
			`" uid="1`, `"/><emn mailbox="m:`, "</xemn>", "\u0085\u2028\ufeff\ufffd\U0010ffff",
		} {
			n := everyField()
			field.set(n, s)
			b, err := AppendXML(nil, n, nil)
			if field.name == "Event" {
				require.Equal(t, &ValueError{"Event", "not an event name of RFC 5423"}, err)
				continue
			}
			if field.name == "Text" && strings.Trim(s, " \t\r\n") == "" {
				require.Equal(t, &ValueError{"Text", "white space only"}, err)
				continue
			}
			require.NoError(t, err)
			var got Notification
			require.NoError(t, Unmarshal(b, &got, nil), "%s", b)
			require.Equal(t, n, &got, "%s", b)
		}
		for _, s := range []string{"\x00", "\x01", "\x0b", "\x1f", "\xff", "\xc0\x80", "\xed\xa0\x80", "\uFFFE", "\uFFFF", "\xf4\x90\x80\x80", "\xe2\x82"} {
			if field.name == "Event" {
				s = "vnd." + s
			}
			n := everyField()
			field.set(n, "a"+s)
			_, err := AppendXML(nil, n, nil)
			var value *ValueError
			require.ErrorAs(t, err, &value, "%q", s)
			require.Equal(t, field.name, value.Field)
		}
	}
}

func TestAppendXMLAllocs(t *testing.T) {
	b := make([]byte, 0, 1024)
	n, o := everyField(), &Options{DOCTYPE: true}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := AppendXML(b, n, o); err != nil {
			t.Error(err)
		}
	}))
}
