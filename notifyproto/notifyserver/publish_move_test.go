package notifyserver_test

import (
	"errors"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// movingMemory has a MOVE that can be told to do less, or to be disturbed.
type movingMemory struct {
	*memory
	keep   imap.UIDSet // is not moved
	deduct func()      // runs in the middle
	err    error       // in the end
}

func (m *movingMemory) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	uids := set.(imap.UIDSet)
	var moved imap.UIDSet
	nums, _ := uids.Nums()
	for _, uid := range nums {
		if !m.keep.Contains(uid) {
			moved.AddNum(uid)
		}
	}
	if _, err := m.Session.Copy(moved, dest); err != nil {
		return err
	}
	if m.deduct != nil {
		m.deduct()
	}
	if err := m.Session.Store(nil, moved, trash(), nil); err != nil {
		return err
	}
	return errors.Join(m.Session.Expunge(nil, &moved), m.err)
}

// TestPublishMove: the UIDs of moved messages are published if they are
// certain, and what a MOVE did that fails in the end.
func TestPublishMove(t *testing.T) {
	broken := errors.New("broken")
	user := memoryUser(t)
	deliver := func() {
		_, err := user.Append("other", message(5), &imap.AppendOptions{})
		require.NoError(t, err)
	}
	for _, tt := range []struct {
		name     string
		inner    movingMemory
		search   error
		fails    bool
		messages []string // what is published of other and INBOX
	}{
		{"all", movingMemory{}, nil, false, []string{
			"alice: MessageAppend other;UIDVALIDITY=2/;UID=1 messages=2 uidnext=3 unseen=2",
			"alice: MessageAppend other;UIDVALIDITY=2/;UID=2 messages=2 uidnext=3 unseen=2",
			"alice: MessageExpunge INBOX;UIDVALIDITY=1 uids=1:2 messages=0 uidnext=3 unseen=0"}},
		{"a delivery at the same time", movingMemory{deduct: deliver}, nil, false, []string{
			"alice: MessageAppend other;UIDVALIDITY=2 messages=3 uidnext=4 unseen=3",
			"alice: MessageExpunge INBOX;UIDVALIDITY=1 uids=1:2 messages=0 uidnext=3 unseen=0"}},
		{"half", movingMemory{keep: imap.UIDSetNum(2), err: broken}, nil, true, []string{
			"alice: MessageAppend other;UIDVALIDITY=2/;UID=1 messages=1 uidnext=2 unseen=1",
			"alice: MessageExpunge INBOX;UIDVALIDITY=1 uids=1 messages=1 uidnext=3 unseen=1"}},
		{"nothing", movingMemory{keep: imap.UIDSetNum(1, 2), err: broken}, nil, true, nil},
		{"unknown", movingMemory{}, broken, false, []string{
			"alice: MessageAppend other;UIDVALIDITY=2 messages=2 uidnext=3 unseen=2",
			"alice: MessageExpunge INBOX;UIDVALIDITY=1 messages=0 uidnext=3 unseen=0"}},
		{"unknown and failed", movingMemory{err: broken}, broken, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			user = memoryUser(t)
			var lines []string
			inner := tt.inner
			inner.memory = &memory{user: user}
			s := notifyserver.Publish(&inner, nil, sink(&lines)).(imapserver.SessionMove)
			require.NoError(t, s.Login("alice", "secret"))
			_, err := s.Select("INBOX", &imap.SelectOptions{})
			require.NoError(t, err)
			for range 2 {
				_, err := s.Append("INBOX", message(5), &imap.AppendOptions{})
				require.NoError(t, err)
			}
			lines, inner.search = nil, tt.search
			err = s.Move(nil, imap.UIDSetNum(1, 2), "other")
			require.Equal(t, tt.fails, err != nil)
			require.Equal(t, tt.messages, lines)
		})
	}
}
