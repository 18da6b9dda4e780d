package notifyserver_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

// moving gives imapmemserver a MOVE that sends no wrong EXPUNGE.
type moving struct{ imapserver.Session }

func (s moving) Move(w *imapserver.MoveWriter, numSet imap.NumSet, dest string) error {
	data, err := s.Copy(numSet, dest)
	if err != nil || len(data.DestUIDs) == 0 {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	deleted := imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.Store(nil, data.SourceUIDs, &deleted, nil); err != nil {
		return err
	}
	return s.Expunge(&imapserver.ExpungeWriter{}, &data.SourceUIDs)
}

// TestPublishEvents has a session in which each command says what it publishes
// (RFC 5423, section 4).
func TestPublishEvents(t *testing.T) {
	r := newPublishRig(t, func(s imapserver.Session) imapserver.Session { return moving{s} })
	c := r.connect()
	const hi = " {22+}\nSubject: hi\n\nhello\n"
	for _, step := range []struct {
		command string
		want    []string
		answer  string // how the tagged response begins, if that is not OK
	}{
		{"NOOP", nil, ""},
		{"LOGIN alice wrong", nil, "NO [AUTHENTICATIONFAILED]"},
		{"LOGIN alice secret", []string{"Login imap://mail.example"}, ""},
		{"STATUS INBOX (MESSAGES)", nil, ""},

		{"CREATE work/2026/", []string{"MailboxCreate work/2026;UIDVALIDITY=2"}, ""},
		{"CREATE work", []string{"MailboxCreate work;UIDVALIDITY=3"}, ""},
		{"CREATE work", nil, "NO [ALREADYEXISTS]"},
		{"SUBSCRIBE work", []string{"MailboxSubscribe work"}, ""},
		{"SUBSCRIBE none", nil, "NO [NONEXISTENT]"},
		{"UNSUBSCRIBE work", []string{"MailboxUnSubscribe work"}, ""},

		{"APPEND inbox" + hi, []string{"MessageAppend INBOX;UIDVALIDITY=1/;UID=1 messages=1 uidnext=2 unseen=1 size=22"}, ""},
		{`APPEND INBOX (\Seen $Forwarded)` + hi,
			[]string{`MessageAppend INBOX;UIDVALIDITY=1/;UID=2 flags=[\Seen $Forwarded] messages=2 uidnext=3 unseen=1 size=22`}, ""},
		{"APPEND none" + hi, nil, "NO [TRYCREATE]"},
		{"APPEND INBOX" + hi, []string{"MessageAppend INBOX;UIDVALIDITY=1/;UID=3 messages=3 uidnext=4 unseen=2 size=22"}, ""},
		{"APPEND INBOX" + hi, []string{"MessageAppend INBOX;UIDVALIDITY=1/;UID=4 messages=4 uidnext=5 unseen=3 size=22"}, ""},

		{"SELECT INBOX", nil, ""},
		{"FETCH 1:* (FLAGS BODY.PEEK[] RFC822.HEADER)", nil, ""},
		{"FETCH 1:2 BODY[TEXT]", []string{"MessageRead INBOX;UIDVALIDITY=1 uids=1 messages=4 uidnext=5 unseen=2"}, ""},
		{"FETCH 1:2 BODY[TEXT]", nil, ""},
		{"UID FETCH 3:* RFC822", []string{"MessageRead INBOX;UIDVALIDITY=1 uids=3:4 messages=4 uidnext=5 unseen=0"}, ""},
		{"UID FETCH 90 RFC822", nil, ""},

		// Only what changes, and alike together.
		{`STORE 1:2 -FLAGS (\Seen \Answered)`,
			[]string{`FlagsClear INBOX;UIDVALIDITY=1 uids=1:2 flags=[\Seen] messages=4 uidnext=5 unseen=2`}, ""},
		{`STORE 1 -FLAGS.SILENT (\Seen)`, nil, ""},
		{`UID STORE 1:3 +FLAGS.SILENT (\seen)`,
			[]string{"MessageRead INBOX;UIDVALIDITY=1 uids=1:2 messages=4 uidnext=5 unseen=0"}, ""},
		{`STORE 1 +FLAGS (\Flagged kw)`,
			[]string{`FlagsSet INBOX;UIDVALIDITY=1 uids=1 flags=[\Flagged kw] messages=4 uidnext=5 unseen=0`}, ""},
		{`STORE 1:2 +FLAGS (\Deleted \Flagged)`, []string{
			"MessageTrash INBOX;UIDVALIDITY=1 uids=1 messages=4 uidnext=5 unseen=0",
			"MessageTrash INBOX;UIDVALIDITY=1 uids=2 messages=4 uidnext=5 unseen=0",
			`FlagsSet INBOX;UIDVALIDITY=1 uids=2 flags=[\Flagged] messages=4 uidnext=5 unseen=0`}, ""},
		{`STORE 1:2 FLAGS (\Draft \Flagged)`, []string{
			`FlagsSet INBOX;UIDVALIDITY=1 uids=1 flags=[\Draft] messages=4 uidnext=5 unseen=2`,
			`FlagsClear INBOX;UIDVALIDITY=1 uids=1 flags=[\Deleted \Seen kw] messages=4 uidnext=5 unseen=2`,
			`FlagsSet INBOX;UIDVALIDITY=1 uids=2 flags=[\Draft] messages=4 uidnext=5 unseen=2`,
			`FlagsClear INBOX;UIDVALIDITY=1 uids=2 flags=[\Deleted \Seen $forwarded] messages=4 uidnext=5 unseen=2`}, ""},
		{`STORE 90 +FLAGS (\Seen)`, nil, ""},
		{`STORE 1 +FLAGS ()`, nil, ""},
		{`SEARCH RETURN (SAVE) UID 4`, nil, ""},
		{`STORE $ -FLAGS.SILENT (\Seen)`,
			[]string{`FlagsClear INBOX;UIDVALIDITY=1 uids=4 flags=[\Seen] messages=4 uidnext=5 unseen=3`}, ""},
		{`UID FETCH 4 BINARY[]`, nil, ""}, // imapmemserver does not set \Seen then
		{`FETCH $ BODY[]`, []string{"MessageRead INBOX;UIDVALIDITY=1 uids=4 messages=4 uidnext=5 unseen=2"}, ""},

		{"COPY 1:3 work", []string{
			"MessageAppend work;UIDVALIDITY=3/;UID=1 messages=3 uidnext=4 unseen=2",
			"MessageAppend work;UIDVALIDITY=3/;UID=2 messages=3 uidnext=4 unseen=2",
			"MessageAppend work;UIDVALIDITY=3/;UID=3 messages=3 uidnext=4 unseen=2"}, ""},
		{"UID COPY 99 work", nil, ""},
		{"COPY 1 none", nil, "NO [TRYCREATE]"},
		{"UID MOVE 2:3 work", []string{
			"MessageAppend work;UIDVALIDITY=3/;UID=4 messages=5 uidnext=6 unseen=3",
			"MessageAppend work;UIDVALIDITY=3/;UID=5 messages=5 uidnext=6 unseen=3",
			"MessageExpunge INBOX;UIDVALIDITY=1 uids=2:3 messages=2 uidnext=5 unseen=1"}, ""},
		{"MOVE 1 none", nil, "NO [TRYCREATE]"},

		{"EXPUNGE", nil, ""},
		{`STORE 1:2 +FLAGS.SILENT (\Deleted)`,
			[]string{"MessageTrash INBOX;UIDVALIDITY=1 uids=1,4 messages=2 uidnext=5 unseen=1"}, ""},
		{"UID EXPUNGE 2:4", []string{"MessageExpunge INBOX;UIDVALIDITY=1 uids=4 messages=1 uidnext=5 unseen=1"}, ""},
		{"CLOSE", []string{"MessageExpunge INBOX;UIDVALIDITY=1 uids=1 messages=0 uidnext=5 unseen=0"}, ""},

		// The selected mailbox keeps its events when its name changes.
		{"SELECT work", nil, ""},
		{"RENAME work labour", []string{"MailboxRename labour;UIDVALIDITY=3 old=work;UIDVALIDITY=3"}, ""},
		{"RENAME none x", nil, "NO [NONEXISTENT]"},
		{`STORE 1 +FLAGS.SILENT (\Seen)`,
			[]string{"MessageRead labour;UIDVALIDITY=3 uids=1 messages=5 uidnext=6 unseen=2"}, ""},
		{"UNSELECT", nil, ""},
		{"RENAME labour A&AOQ-/", []string{"MailboxRename A%C3%A4;UIDVALIDITY=3 old=labour;UIDVALIDITY=3"}, ""},
		{"DELETE work/2026", []string{"MailboxDelete work/2026;UIDVALIDITY=2"}, ""},
		{"DELETE work/2026", nil, "NO [NONEXISTENT]"},
		{"RENAME INBOX old", []string{"MailboxRename old;UIDVALIDITY=1 old=INBOX;UIDVALIDITY=1"}, ""},
		{"UNAUTHENTICATE", nil, "BAD [CLIENTBUG]"}, // imapmemserver lacks it
		{"LOGOUT", []string{"Logout imap://mail.example"}, ""},
	} {
		_, tagged := c.do(step.command)
		if step.answer == "" {
			step.answer = "OK "
		}
		require.True(t, strings.HasPrefix(tagged, step.answer), "%s: %s", step.command, tagged)
		if step.want == nil {
			step.want = []string{}
		}
		if step.command == "LOGOUT" { // the session ends after the response
			require.Eventually(t, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.events) > 0 }, waitFor, tick)
		}
		require.Equal(t, step.want, r.described(), step.command)
	}
}

// TestPublishParameters has what all events have (RFC 5423, section 5).
func TestPublishParameters(t *testing.T) {
	r := newPublishRig(t, nil)
	c := r.connect()
	c.ok("LOGIN alice secret")
	c.add("INBOX", `\Flagged`)
	events := r.take()
	require.Len(t, events, 2)
	client, server := netip.MustParseAddrPort(c.conn.LocalAddr().String()), netip.MustParseAddrPort(r.addr)
	for _, e := range events {
		require.Equal(t, "alice", e.User)
		require.Equal(t, "imap", e.Service)
		require.Equal(t, "mail.example", e.ServerFQDN)
		require.Equal(t, client, netip.AddrPortFrom(e.ClientIP, e.ClientPort))
		require.NotZero(t, e.PID)
		require.NotZero(t, e.Timestamp)
		_, err := e.AppendJSON(nil)
		require.NoError(t, err)
	}
	require.Equal(t, server, netip.AddrPortFrom(netip.MustParseAddr(events[0].ServerDomain), events[0].ServerPort))
	require.Equal(t, msgevent.TypeMessageAppend, events[1].Type)
	require.Equal(t, "imap://alice@mail.example/INBOX;UIDVALIDITY=1", events[1].MailboxID)
}

// TestPublishResponses: STORE and FETCH answer what they answer without
// Publish, though STORE is done in two steps. (imapmemserver writes flags in
// lower case.)
func TestPublishResponses(t *testing.T) {
	r := newPublishRig(t, nil)
	c := r.login()
	c.add("INBOX", `\Seen`)
	c.add("INBOX", ``)
	c.ok("SELECT INBOX")
	require.Equal(t, []string{`* 1 FETCH (UID 1 FLAGS (\seen))`, `* 2 FETCH (UID 2 FLAGS (\seen))`}, c.ok(`STORE 1:* +FLAGS (\Seen)`))
	require.Equal(t, []string{`* 2 FETCH (UID 2 FLAGS ())`}, c.ok(`UID STORE 2 -FLAGS (\Seen)`))
	require.Empty(t, c.ok(`STORE 1:2 +FLAGS.SILENT (\Deleted)`))
	require.Equal(t, []string{"* 2 EXPUNGE", "* 1 EXPUNGE"}, c.ok("EXPUNGE"))
}
