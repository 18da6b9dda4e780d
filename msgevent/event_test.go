package msgevent

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent/imapurl"
)

func ptr[T any](v T) *T { return &v }

// full has a value in every field but Empty.
func full() *Event {
	return &Event{
		Type:          TypeMessageNew,
		URI:           "imap://imap.example.org/INBOX;UIDVALIDITY=9/;UID=7",
		Timestamp:     time.Date(2026, 11, 22, 2, 40, 44, 196e6, time.FixedZone("", 3600)),
		User:          "alice",
		Admin:         "root",
		Service:       "lmtp",
		Process:       "lmtpd",
		PID:           26158,
		ServerDomain:  "imap.example.org",
		ServerPort:    143,
		ServerFQDN:    "store1.example.org",
		ClientIP:      netip.MustParseAddr("2001:db8::7"),
		ClientPort:    50084,
		Tags:          []string{"red", "b,l\"ue"},
		MailboxID:     "imap://imap.example.org/INBOX",
		OldMailboxID:  "imap://imap.example.org/Old",
		UIDs:          imap.UIDSet{{Start: 1, Stop: 3}, {Start: 7, Stop: 7}},
		UIDNext:       8,
		ModSeq:        1<<64 - 1,
		Messages:      ptr(uint32(0)),
		MaxMessages:   ptr(int64(-1)),
		DiskUsed:      ptr(int64(0)),
		DiskQuota:     ptr(int64(1<<63 - 1)),
		Flags:         []imap.Flag{imap.FlagSeen, "$Forwarded"},
		MessageSize:   ptr(int64(518)),
		Envelope:      "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n",
		BodyStructure: `("TEXT" "PLAIN" NIL NIL NIL "7BIT" 8 1)`,
		Content:       []byte("Subject: x\r\n\r\nh\u00e9\u2028\x00\x7f<&>\r\n"),
		Extensions: []Extension{
			{Name: "vnd.cmu.midset", Value: json.RawMessage(`["<a@example.org>"]`)},
			{Name: "mailboxUniqueId", Value: json.RawMessage(`null`)},
		},
	}
}

const fullJSON = `{"event":"MessageNew","timestamp":"2026-11-22T02:40:44.196+01:00","service":"lmtp",` +
	`"serverDomain":"imap.example.org","serverPort":143,"clientIP":"2001:db8::7","clientPort":50084,` +
	`"oldMailboxID":"imap://imap.example.org/Old","mailboxID":"imap://imap.example.org/INBOX",` +
	`"uri":"imap://imap.example.org/INBOX;UIDVALIDITY=9/;UID=7","modseq":18446744073709551615,` +
	`"diskQuota":9223372036854775807,"diskUsed":0,"maxMessages":-1,"messages":0,"uidnext":8,"uidset":"1:3,7",` +
	`"flagNames":"\\Seen $Forwarded","pid":26158,"process":"lmtpd","user":"alice","admin":"root","messageSize":518,` +
	`"serverFQDN":"store1.example.org","tags":["red","b,l\"ue"],` +
	`"envelope":"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n",` +
	`"bodyStructure":"(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 8 1)",` +
	`"vnd.cmu.midset":["<a@example.org>"],"mailboxUniqueId":null,` +
	"\"messageContent\":\"Subject: x\\r\\n\\r\\nh\u00e9\u2028\\u0000\x7f<&>\\r\\n\"}"

// TestFullCoversAllFields keeps full, and with it the tests that use it, and
// the table of parameters from missing a field.
func TestFullCoversAllFields(t *testing.T) {
	v := reflect.ValueOf(*full())
	fields := map[uintptr]bool{}
	e := full()
	for _, p := range parameters {
		fields[reflect.ValueOf(p.field(e)).Pointer()] = true
	}
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "Empty":
		case "Extensions":
			require.False(t, v.Field(i).IsZero())
		default:
			require.False(t, v.Field(i).IsZero(), name)
			addr := reflect.ValueOf(e).Elem().Field(i).Addr().Pointer()
			require.True(t, fields[addr], "%s is not in the table", name)
		}
	}
	require.Len(t, fields, len(parameters))
}

func TestClone(t *testing.T) {
	e := full()
	e.User, e.Empty = "", []string{"user"}
	c := e.Clone()
	require.Equal(t, e, c)

	before, err := c.AppendJSON(nil)
	require.NoError(t, err)
	e.Tags[0], e.UIDs[0].Start, e.Flags[0], e.Content[0], e.Empty[0] = "x", 2, "x", 'x', "x"
	e.Extensions[0].Name, e.Extensions[1].Value[0] = "x", 'x'
	*e.Messages, *e.MaxMessages, *e.DiskUsed, *e.DiskQuota, *e.MessageSize = 5, 5, 5, 5, 5
	after, err := c.AppendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))

	require.Nil(t, (*Event)(nil).Clone())
	require.Equal(t, &Event{}, (&Event{}).Clone())
}

func TestMailbox(t *testing.T) {
	tests := []struct {
		source string
		event  Event
		want   imapurl.URL
	}{
		{"Cyrus 3.6.1, MessageNew: opaque mailboxID",
			Event{URI: "imap://imap.example.org/user/alice;UIDVALIDITY=1795311644/;UID=1", MailboxID: "1pyj9enag4vky8ez9zalp1f2"},
			imapurl.URL{Host: "imap.example.org", Mailbox: "user/alice", UIDValidity: 1795311644}},
		{"RFC 5423, section 5: mailboxID is a URI",
			Event{MailboxID: "IMAP://h/INBOX"},
			imapurl.URL{Host: "h", Mailbox: "INBOX"}},
		{"RFC 5423, section 5: uri may be the server",
			Event{URI: "imap://h/", MailboxID: "imap://h/INBOX"},
			imapurl.URL{Host: "h", Mailbox: "INBOX"}},
		{"RFC 5423, section 4.1: MessageNew may have a URLAUTH URL",
			Event{URI: "imap://h/INBOX/;UID=1;URLAUTH=anonymous", MailboxID: "imap://h/INBOX"},
			imapurl.URL{Host: "h", Mailbox: "INBOX"}},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) {
			got, err := tt.event.Mailbox()
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestMailboxRefused(t *testing.T) {
	for _, e := range []Event{
		{},
		{URI: "imap://imap.example.org"},
		{MailboxID: "1pyj9enag4vky8ez9zalp1f2"},
		{URI: "http://h/INBOX"},
	} {
		_, err := e.Mailbox()
		require.ErrorIs(t, err, ErrNoMailbox)
	}
	for _, e := range []Event{
		{URI: "imap://h/%FF"},
		{URI: "imap://h", MailboxID: "imap://h/%FF"},
		{URI: "imap://h/%FF", MailboxID: "imap://h"},
	} {
		_, err := e.Mailbox()
		var syntax *imapurl.SyntaxError
		require.ErrorAs(t, err, &syntax)
	}
}
