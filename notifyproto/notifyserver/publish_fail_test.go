package notifyserver_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// publishedMemory is alice's session with two unseen messages in INBOX, which
// is selected.
func publishedMemory(t testing.TB, inner *memory, options *notifyserver.PublishOptions) imapserver.Session {
	s := notifyserver.Publish(inner, nil, options)
	require.NoError(t, s.Login("alice", "secret"))
	_, err := s.Select("INBOX", &imap.SelectOptions{})
	require.NoError(t, err)
	return s
}

func message(size int) imap.LiteralReader {
	return bytes.NewReader(bytes.Repeat([]byte("x"), size))
}

var body = &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}

func trash() *imap.StoreFlags {
	return &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
}

// TestPublishFailures: when the questions that Publish asks fail the command
// does not, and what is known is published.
func TestPublishFailures(t *testing.T) {
	failed := errors.New("no answer")
	one := imap.UIDSetNum(1)
	commands := []func(s imapserver.Session) error{
		func(s imapserver.Session) error {
			_, err := s.Append("INBOX", message(5), &imap.AppendOptions{Flags: []imap.Flag{`\Recent`, "kw"}})
			return err
		},
		func(s imapserver.Session) error { return s.Store(nil, one, trash(), nil) },
		func(s imapserver.Session) error { return s.Store(nil, one, seen(imap.StoreFlagsDel), nil) },
		func(s imapserver.Session) error { return s.Fetch(nil, one, body) },
		func(s imapserver.Session) error { _, err := s.Copy(one, "other"); return err },
		func(s imapserver.Session) error { return s.Expunge(&imapserver.ExpungeWriter{}, nil) },
		func(s imapserver.Session) error { return s.Rename("other", "another", nil) },
		func(s imapserver.Session) error { return s.Delete("another") },
	}
	for name, tt := range map[string]struct {
		inner memory
		want  []string
	}{
		"STATUS": {memory{status: failed}, []string{
			`MessageAppend INBOX;UIDVALIDITY=1/;UID=3 flags=[kw] size=5`,
			`MessageTrash INBOX;UIDVALIDITY=1 uids=1`,
			`MessageRead INBOX;UIDVALIDITY=1 uids=1`, // it was unseen before the -FLAGS
			`MessageAppend other;UIDVALIDITY=2/;UID=1`,
			`MessageExpunge INBOX;UIDVALIDITY=1 uids=1`,
			`MailboxRename another old=other`,
			`MailboxDelete another`,
		}},
		"SEARCH": {memory{search: failed}, []string{
			`MessageAppend INBOX;UIDVALIDITY=1/;UID=3 flags=[kw] messages=3 uidnext=4 unseen=3 size=5`,
			`MessageTrash INBOX;UIDVALIDITY=1 messages=3 uidnext=4 unseen=3`,
			`FlagsClear INBOX;UIDVALIDITY=1 flags=[\Seen] messages=3 uidnext=4 unseen=3`,
			`MessageRead INBOX;UIDVALIDITY=1 messages=3 uidnext=4 unseen=2`,
			`MessageAppend other;UIDVALIDITY=2/;UID=1 messages=1 uidnext=2 unseen=0`,
			`MessageExpunge INBOX;UIDVALIDITY=1 messages=2 uidnext=4 unseen=2`,
			`MailboxRename another;UIDVALIDITY=2 old=other;UIDVALIDITY=2`,
			`MailboxDelete another;UIDVALIDITY=2`,
		}},
		"no UIDPLUS": {memory{noUIDs: true}, []string{
			`MessageAppend INBOX;UIDVALIDITY=1 flags=[kw] messages=3 uidnext=4 unseen=3 size=5`,
			`MessageTrash INBOX;UIDVALIDITY=1 uids=1 messages=3 uidnext=4 unseen=3`,
			`MessageRead INBOX;UIDVALIDITY=1 uids=1 messages=3 uidnext=4 unseen=2`,
			`MessageAppend other;UIDVALIDITY=2 messages=1 uidnext=2 unseen=0`,
			`MessageExpunge INBOX;UIDVALIDITY=1 uids=1 messages=2 uidnext=4 unseen=2`,
			`MailboxRename another;UIDVALIDITY=2 old=other;UIDVALIDITY=2`,
			`MailboxDelete another;UIDVALIDITY=2`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			inner := tt.inner
			inner.user = memoryUser(t)
			s := publishedMemory(t, &inner, sink(&lines))
			for range 2 {
				_, err := inner.user.Append("INBOX", message(5), &imap.AppendOptions{})
				require.NoError(t, err)
			}
			lines = nil
			for _, command := range commands {
				require.NoError(t, command(s))
			}
			want := []string{}
			for _, line := range tt.want {
				want = append(want, "alice: "+line)
			}
			require.Equal(t, want, lines)
		})
	}
}

// TestPublishPartial: what a command has changed that fails in the end is
// published, and nothing else.
func TestPublishPartial(t *testing.T) {
	failed := errors.New("broken")
	var lines []string
	inner := &memory{user: memoryUser(t)}
	s := publishedMemory(t, inner, sink(&lines))
	for range 2 {
		_, err := s.Append("INBOX", message(5), &imap.AppendOptions{})
		require.NoError(t, err)
	}
	all := imap.UIDSet{{Start: 1}}
	lines, inner.change = nil, failed
	require.ErrorIs(t, s.Store(nil, all, trash(), nil), failed)
	require.ErrorIs(t, s.Store(nil, all, trash(), nil), failed)
	require.ErrorIs(t, s.Fetch(nil, all, body), failed)
	require.ErrorIs(t, s.Expunge(nil, nil), failed)
	require.ErrorIs(t, s.Expunge(nil, nil), failed)
	inner.search = failed
	require.ErrorIs(t, s.Store(nil, all, trash(), nil), failed)
	require.ErrorIs(t, s.Expunge(nil, nil), failed)
	require.Equal(t, []string{
		"alice: MessageTrash INBOX;UIDVALIDITY=1 uids=1:2 messages=2 uidnext=3 unseen=2",
		"alice: MessageRead INBOX;UIDVALIDITY=1 uids=1:2 messages=2 uidnext=3 unseen=0",
		"alice: MessageExpunge INBOX;UIDVALIDITY=1 uids=1:2 messages=0 uidnext=3 unseen=0",
	}, lines)
}

// TestPublishFetchUnlocked: while a client takes its time to read what it
// fetches others go on, and each reading is published once.
func TestPublishFetchUnlocked(t *testing.T) {
	var lines []string
	options := sink(&lines)
	user := memoryUser(t)
	slow, fast := &memory{user: user}, &memory{user: user}
	a, b := publishedMemory(t, slow, options), publishedMemory(t, fast, options)
	for range 4 {
		_, err := b.Append("INBOX", message(5), &imap.AppendOptions{})
		require.NoError(t, err)
	}
	lines = nil
	slow.duringFetch = func() {
		// 1 was read by the slow client, which is not published yet; 2 is
		// cleared again; 3 is cleared, and read by the other one.
		require.NoError(t, b.Store(nil, imap.UIDSetNum(1), seen(imap.StoreFlagsAdd), nil))
		require.NoError(t, b.Store(nil, imap.UIDSetNum(2, 3), seen(imap.StoreFlagsDel), nil))
		require.NoError(t, b.Fetch(nil, imap.UIDSetNum(3), body))
	}
	require.NoError(t, a.Fetch(nil, imap.UIDSet{{Start: 1}}, body))
	require.Equal(t, []string{
		`alice: FlagsClear INBOX;UIDVALIDITY=1 uids=2:3 flags=[\Seen] messages=4 uidnext=5 unseen=2`,
		`alice: MessageRead INBOX;UIDVALIDITY=1 uids=3 messages=4 uidnext=5 unseen=1`,
		`alice: MessageRead INBOX;UIDVALIDITY=1 uids=1,4 messages=4 uidnext=5 unseen=1`,
	}, lines)
}

// TestPublishStoreUnlocked: nor does a client that is slow to read what STORE
// answers stop others.
func TestPublishStoreUnlocked(t *testing.T) {
	var lines []string
	options := sink(&lines)
	user := memoryUser(t)
	slow := &memory{user: user}
	a, b := publishedMemory(t, slow, options), publishedMemory(t, &memory{user: user}, options)
	_, err := b.Append("INBOX", message(5), &imap.AppendOptions{})
	require.NoError(t, err)
	lines = nil
	slow.duringFetch = func() { require.NoError(t, b.Store(nil, imap.UIDSetNum(1), seen(imap.StoreFlagsDel), nil)) }
	require.NoError(t, a.Store(nil, imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsSet, Flags: []imap.Flag{imap.FlagSeen}}, nil))
	require.Equal(t, []string{
		"alice: MessageRead INBOX;UIDVALIDITY=1 uids=1 messages=1 uidnext=2 unseen=0",
		`alice: FlagsClear INBOX;UIDVALIDITY=1 uids=1 flags=[\Seen] messages=1 uidnext=2 unseen=1`,
	}, lines)
}

// TestPublishExamine: CLOSE of a mailbox that was examined removes nothing if
// the server does as RFC 3501, section 6.4.2 says.
func TestPublishExamine(t *testing.T) {
	var lines []string
	inner := &memory{user: memoryUser(t)}
	s := publishedMemory(t, inner, sink(&lines))
	_, err := s.Append("INBOX", message(5), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagDeleted}})
	require.NoError(t, err)
	_, err = s.Select("INBOX", &imap.SelectOptions{ReadOnly: true})
	require.NoError(t, err)
	lines = nil
	none := imap.UIDSetNum(99) // imapmemserver does not know of read-only
	inner.Session = expungesNone{inner.Session, &none}
	require.NoError(t, s.Expunge(&imapserver.ExpungeWriter{}, nil))
	require.Empty(t, lines)
}

type expungesNone struct {
	imapserver.Session
	none *imap.UIDSet
}

func (s expungesNone) Expunge(w *imapserver.ExpungeWriter, _ *imap.UIDSet) error {
	return s.Session.Expunge(w, s.none)
}

// TestPublishLongMessage: a message that is too long to be read whole is
// streamed, and one that does not come whole is not appended.
func TestPublishLongMessage(t *testing.T) {
	var lines []string
	s := publishedMemory(t, &memory{user: memoryUser(t)}, sink(&lines))
	lines = nil
	_, err := s.Append("other", message(300<<10), &imap.AppendOptions{})
	require.NoError(t, err)
	_, err = s.Append("other", cut{strings.NewReader("short")}, &imap.AppendOptions{})
	require.Error(t, err)
	require.Equal(t, []string{"alice: MessageAppend other;UIDVALIDITY=2/;UID=1 messages=1 uidnext=2 unseen=1 size=307200"}, lines)
}

type cut struct{ *strings.Reader }

func (cut) Size() int64 { return 100 }

// inboxMoves renames INBOX as RFC 3501, section 6.3.5 wants it.
type inboxMoves struct{ *memory }

func (m inboxMoves) Rename(name, newName string, options *imap.RenameOptions) error {
	all := imap.UIDSet{{Start: 1}}
	if err := m.user.Create(newName, nil); err != nil {
		return err
	}
	if _, err := m.Session.Copy(all, newName); err != nil {
		return err
	}
	if err := m.Session.Store(nil, all, trash(), nil); err != nil {
		return err
	}
	return m.Session.Expunge(nil, nil)
}

// TestPublishRenameInbox: INBOX stays, and has lost its messages.
func TestPublishRenameInbox(t *testing.T) {
	var lines []string
	s := notifyserver.Publish(inboxMoves{&memory{user: memoryUser(t)}}, nil, sink(&lines))
	require.NoError(t, s.Login("alice", "secret"))
	_, err := s.Select("INBOX", &imap.SelectOptions{})
	require.NoError(t, err)
	_, err = s.Append("INBOX", message(5), &imap.AppendOptions{})
	require.NoError(t, err)
	lines = nil
	require.NoError(t, s.Rename("INBOX", "archive", nil))
	require.NoError(t, s.Rename("INBOX", "empty", nil))
	_, err = s.Append("INBOX", message(5), &imap.AppendOptions{})
	require.NoError(t, err)
	require.NoError(t, s.Store(nil, imap.UIDSetNum(2), trash(), nil))
	require.Equal(t, []string{
		"alice: MailboxRename archive;UIDVALIDITY=3 old=INBOX;UIDVALIDITY=1",
		"alice: MessageExpunge INBOX;UIDVALIDITY=1 messages=0 uidnext=2 unseen=0",
		"alice: MailboxRename empty;UIDVALIDITY=4 old=INBOX;UIDVALIDITY=1",
		"alice: MessageAppend INBOX;UIDVALIDITY=1/;UID=2 messages=1 uidnext=3 unseen=1 size=5",
		"alice: MessageTrash INBOX;UIDVALIDITY=1 uids=2 messages=1 uidnext=3 unseen=1",
	}, lines)
}
