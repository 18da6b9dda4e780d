package notifyproto_test

import (
	"strings"
	"testing"

	imap "github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

// FuzzParseCommand parses any octets. What parses has a form, which parses to
// the same and is written as it is, on one line.
func FuzzParseCommand(f *testing.F) {
	for _, tc := range accepted {
		f.Add([]byte(tc.command), false)
		f.Add([]byte(tc.canonical), true)
	}
	for _, tc := range refused {
		f.Add([]byte(tc.command), false)
	}
	f.Add([]byte("NOTIFY SET (selected (MessageNew (PREVIEW (LAZY) body[1.header.fields (a {1}\r\nb NIL)]<0.5> binary.peek[1.2] x) MessageExpunge))"), false)
	f.Fuzz(func(t *testing.T, b []byte, utf8 bool) {
		o := &notifyproto.Options{UTF8: utf8}
		cmd, err := notifyproto.ParseCommand(b, o)
		if err != nil {
			var syntax *notifyproto.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.LessOrEqual(t, syntax.Offset, len(b))
			require.Equal(t, imap.StatusResponseTypeBad, notifyproto.StatusError(err).Type)
			requireLine(t, notifyproto.StatusError(err).Error())
			return
		}
		canonical, err := notifyproto.AppendCommand(nil, cmd, o)
		require.NoError(t, err)
		requireLine(t, string(canonical))
		again, err := notifyproto.ParseCommand(canonical, o)
		require.NoError(t, err, "%q", canonical)
		require.Equal(t, cmd, again)
		stable, err := notifyproto.AppendCommand(nil, again, o)
		require.NoError(t, err)
		require.Equal(t, string(canonical), string(stable))
		if set, ok := cmd.(notifyproto.Set); ok {
			for _, err := range []error{set.Validate(), set.CheckEvents("MessageNew")} {
				if err != nil {
					requireLine(t, notifyproto.StatusError(err).Error())
				}
			}
		}
		m := notifyproto.Compile(cmd)
		m.For(&notifyproto.View{Selected: "a", Delim: '/'}, "a/b")
		m.StatusFor(nil, "INBOX", true)
		for _, name := range m.Names() {
			m.For(&notifyproto.View{Delim: '/'}, name)
		}
	})
}

func requireLine(t *testing.T, s string) {
	require.False(t, strings.ContainsAny(s, "\r\n\x00"), "%q", s)
}

// FuzzAppendCommand makes commands of any strings. What is written parses to the
// same, but for the case of fetch-atts.
func FuzzAppendCommand(f *testing.F) {
	f.Add("INBOX", "Entwürfe", "UID", "MessageFoo", uint16(0x0123), false)
	f.Add("a\r\nb NOOP", `"\`, "body.peek[header.fields (from to)]", "x", uint16(0xffff), true)
	f.Add("nil", "{3}", "uid", "MessageNew", uint16(0x1357), false)
	f.Fuzz(func(t *testing.T, a, b, att, other string, shape uint16, utf8 bool) {
		filters := []notifyproto.MailboxFilter{
			notifyproto.Selected{}, notifyproto.SelectedDelayed{}, notifyproto.Inboxes{}, notifyproto.Personal{}, notifyproto.Subscribed{},
			notifyproto.Subtree{a}, notifyproto.Subtree{a, b}, notifyproto.Mailboxes{a}, notifyproto.Mailboxes{b, a},
		}
		events := []notifyproto.Event{
			notifyproto.MessageNew{Fetch: atts{notifyproto.FetchAtt(att), "UID"}}, notifyproto.MessageNew{}, notifyproto.MessageExpunge{}, notifyproto.FlagChange{},
			notifyproto.AnnotationChange{}, notifyproto.MailboxName{}, notifyproto.SubscriptionChange{}, notifyproto.MailboxMetadataChange{},
			notifyproto.ServerMetadataChange{}, notifyproto.OtherEvent(other),
		}
		set := notifyproto.Set{Status: shape&1 != 0}
		for n := shape >> 1; n > 0; n /= 11 {
			g := notifyproto.EventGroup{Mailboxes: filters[int(n)%len(filters)]}
			for k := n; k > 0; k /= 7 {
				g.Events = append(g.Events, events[int(k)%len(events)])
			}
			set.Groups = append(set.Groups, g)
		}
		o := &notifyproto.Options{UTF8: utf8}
		wire, err := notifyproto.AppendCommand([]byte("x"), set, o)
		if err != nil {
			var value *notifyproto.ValueError
			require.ErrorAs(t, err, &value)
			require.Equal(t, "x", string(wire))
			return
		}
		requireLine(t, string(wire))
		got, err := notifyproto.ParseCommand(wire[1:], o)
		require.NoError(t, err, "%q", wire)
		require.Equal(t, canonical(t, set), got)
	})
}

// canonical returns set as the parser returns it.
func canonical(t *testing.T, set notifyproto.Set) notifyproto.Command {
	inbox := func(names []string) (out []string) {
		for _, name := range names {
			if strings.ToUpper(name) == "INBOX" && len(name) == 5 {
				name = "INBOX"
			}
			out = append(out, name)
		}
		return out
	}
	for i, g := range set.Groups {
		switch f := g.Mailboxes.(type) {
		case notifyproto.Subtree:
			set.Groups[i].Mailboxes = notifyproto.Subtree(inbox(f))
		case notifyproto.Mailboxes:
			set.Groups[i].Mailboxes = notifyproto.Mailboxes(inbox(f))
		}
		for k, e := range g.Events {
			if e, ok := e.(notifyproto.MessageNew); ok && e.Fetch != nil {
				att, err := notifyproto.ParseFetchAtt(string(e.Fetch[0]))
				require.NoError(t, err)
				g.Events[k] = notifyproto.MessageNew{Fetch: atts{att, e.Fetch[1]}}
			}
		}
	}
	return set
}

// FuzzParseResponse parses any octets. What parses has a form, which parses to
// the same and is written as it is, as one frame.
func FuzzParseResponse(f *testing.F) {
	for _, tc := range responses {
		f.Add([]byte(tc.line), false)
		f.Add([]byte(tc.line), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, utf8 bool) {
		o := &notifyproto.Options{UTF8: utf8}
		r, err := notifyproto.ParseResponse(b, o)
		if err != nil {
			var syntax *notifyproto.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.LessOrEqual(t, syntax.Offset, len(b))
			return
		}
		canonical, err := notifyproto.AppendResponse(nil, r, o)
		require.NoError(t, err, "%q %#v", b, r)
		if r == (notifyproto.Overflow{}) {
			return // it is written with a text
		}
		again, err := notifyproto.ParseResponse(canonical, o)
		require.NoError(t, err, "%q", canonical)
		require.Equal(t, r, again)
		stable, err := notifyproto.AppendResponse(nil, again, o)
		require.NoError(t, err)
		require.Equal(t, string(canonical), string(stable))
		requireFrame(t, canonical)
	})
}

// requireFrame checks that a client reads b as one response.
func requireFrame(t *testing.T, b []byte) {
	client := func(fr *notifyproto.FrameReader) { fr.Responses, fr.MaxSize = true, 1<<20 }
	require.Equal(t, []string{string(b), "* 7 EXISTS", "<EOF>"}, frames(string(b)+"\r\n* 7 EXISTS\r\n", client, plain, 4096))
}

// FuzzAppendResponse makes responses of any strings. What is written is one
// frame, and parses to the same, but for what the parser makes canonical.
func FuzzAppendResponse(f *testing.F) {
	f.Add("INBOX", "MESSAGES", "(a)", uint64(5), uint8(0), false)
	f.Add("a\r\n* BYE", "UID", "{3}\r\nabc", uint64(1<<63), uint8(3), true)
	f.Add("Entwürfe", `\Seen`, "1:3", uint64(46), uint8(1), false)
	f.Add("", "/shared/comment", "\x00", uint64(0), uint8(2), false)
	f.Add("x", "BODY[HEADER.FIELDS (a)]<0>", `("a" NIL)`, uint64(1), uint8(4), false)
	f.Fuzz(func(t *testing.T, mailbox, name, value string, num uint64, kind uint8, utf8 bool) {
		all := []notifyproto.Response{
			notifyproto.Status{Mailbox: mailbox, Items: []notifyproto.StatusItem{{Name: name, Value: num}, {Name: "x", Raw: value}}},
			notifyproto.List{Attrs: []imap.MailboxAttr{imap.MailboxAttr(name)}, Delim: rune(num), Mailbox: mailbox, OldName: value},
			notifyproto.List{Mailbox: mailbox, ChildInfo: []string{name}, Extended: []notifyproto.ExtendedItem{{Tag: name, Value: []byte(value)}}},
			notifyproto.Metadata{Mailbox: mailbox, Entries: []string{name, value}},
			notifyproto.Metadata{Mailbox: mailbox, Values: []notifyproto.MetadataValue{{Entry: name, Value: []byte(value)}, {Entry: "/x"}}},
			notifyproto.Vanished{Earlier: utf8, UIDs: imap.UIDSet{{Start: imap.UID(num), Stop: imap.UID(num >> 32)}}},
			notifyproto.Fetch{Num: uint32(num), Items: []notifyproto.FetchItem{{Name: name, Value: []byte(value)}, {Name: "UID", Value: []byte("1")}}},
			notifyproto.Overflow{Text: value},
			notifyproto.Other(value),
			notifyproto.Other("* X" + value),
		}
		r := all[int(kind)%len(all)]
		o := &notifyproto.Options{UTF8: utf8}
		wire, err := notifyproto.AppendResponse([]byte("x"), r, o)
		if err != nil {
			var invalid *notifyproto.ValueError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, "x", string(wire))
			return
		}
		requireFrame(t, wire[1:])
		got, err := notifyproto.ParseResponse(wire[1:], o)
		if _, ok := r.(notifyproto.Other); ok && err != nil {
			return // it may be another response, out of its grammar
		}
		require.NoError(t, err, "%q", wire)
		again, err := notifyproto.AppendResponse([]byte("x"), got, o)
		require.NoError(t, err, "%q", wire)
		if _, ok := r.(notifyproto.Other); !ok {
			require.IsType(t, r, got)
			require.Equal(t, string(wire), string(again))
		}
	})
}
