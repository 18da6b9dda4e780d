package emn

import (
	"bytes"
	"encoding/xml"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

// FuzzUnmarshal parses, appends and parses again: the values are equal and the
// bytes stable. What strict mode takes, lenient mode takes alike, and so does
// encoding/xml, which has names of an older edition of XML 1.0, if it takes it.
func FuzzUnmarshal(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.XML))
	}
	f.Add([]byte("\uFEFF<?xml version='1.0' encoding='utf-8' standalone='no' ?>\r\n<!DOCTYPE emn SYSTEM \"x\" ><emn mailbox='&#x41;'></emn >"))
	f.Add([]byte(`<xemn mailbox="m:" event="New Message" timestamp="20040220T0640" datetime="20 Feb 2004 06:39 GMT" x="">a]]&gt;<![CDATA[]]></xemn>`))
	f.Add([]byte(`<xemn mailbox="m:" datetime="2004-02-20t06:39:12.5+01:00" sequence-id="0"/>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, lenient Notification
		issues := 0
		strictErr := Unmarshal(data, &strict, nil)
		lenientErr := Unmarshal(data, &lenient, &ParseOptions{Lenient: true, Report: func(Issue) { issues++ }})
		if lenientErr != nil {
			require.Error(t, strictErr)
			return
		}
		require.Equal(t, strictErr == nil, issues == 0)
		if strictErr == nil {
			require.Equal(t, strict, lenient)
			var e element
			if xml.Unmarshal(bytes.TrimPrefix(data, []byte("\uFEFF")), &e) == nil {
				requireSame(t, data, &e, &strict)
			}
		}
		b, err := AppendXML(nil, &lenient, &Options{DOCTYPE: true})
		if err != nil {
			// Escapes can make a document longer than it came.
			require.Equal(t, "Notification", err.(*ValueError).Field)
			return
		}
		var again Notification
		require.NoError(t, Unmarshal(b, &again, nil), "%s", b)
		require.Equal(t, lenient, again, "%s", b)
		c, err := AppendXML(nil, &again, &Options{DOCTYPE: true})
		require.NoError(t, err)
		require.Equal(t, string(b), string(c))
	})
}

// FuzzRoundTrip appends values and parses them: they are equal, or refused.
func FuzzRoundTrip(f *testing.F) {
	f.Add("mailat:joe@foo.com", int64(1077259200), int64(0), false, "", "", false, uint64(0), uint32(0), "", int64(0), "", "")
	f.Add("imap://joe@imap.foo.example/", int64(1077259200), int64(5), true, "MessageNew", "INBOX", true, uint64(42), uint32(3141), "Joe <joe@foo.com>", int64(1077259152), "A & B", "snippet")
	f.Add("m:\"'&<>\t\r\n", int64(-62135596800), int64(1), true, "vnd.a", "\x00", true, uint64(1<<64-1), uint32(1<<32-1), "\xff", int64(253402300799), "]]>", " ")
	f.Fuzz(func(t *testing.T, mailbox string, timestamp, nanos int64, extended bool, event, view string, numbered bool, sequenceID uint64, uid uint32, sender string, date int64, subject, text string) {
		n := Notification{Mailbox: mailbox, Timestamp: time.Unix(timestamp, nanos).UTC()}
		if extended {
			n.Extended = &Extended{
				Event: msgevent.Type(event), View: view, UID: uid, Sender: sender,
				Date: time.Unix(date, nanos).UTC(), Subject: subject, Text: text,
			}
			if numbered {
				n.Extended.SequenceID = &sequenceID
			}
		}
		b, err := AppendXML(nil, &n, &Options{DOCTYPE: true})
		if err != nil {
			var value *ValueError
			require.True(t, errors.As(err, &value))
			require.Equal(t, value.Field == "Notification", n.Validate() == nil)
			return
		}
		require.NoError(t, n.Validate())
		var got Notification
		require.NoError(t, Unmarshal(b, &got, nil), "%q", b)
		n.Timestamp = n.Timestamp.Truncate(time.Second)
		require.Equal(t, n, got, "%q", b)
		requireStdlib(t, b, &n)
	})
}
