package notifyserver

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"
)

// yes is a session to which everything is right.
type yes struct{ imapserver.Session }

func (yes) Close() error               { return nil }
func (yes) Login(string, string) error { return nil }
func (yes) Select(string, *imap.SelectOptions) (*imap.SelectData, error) {
	return &imap.SelectData{}, nil
}
func (yes) Unselect() error                                              { return nil }
func (yes) Copy(imap.NumSet, string) (*imap.CopyData, error)             { return nil, nil }
func (yes) Subscribe(string) error                                       { return nil }
func (yes) Delete(string) error                                          { return nil }
func (yes) Rename(string, string, *imap.RenameOptions) error             { return nil }
func (yes) Status(string, *imap.StatusOptions) (*imap.StatusData, error) { return nil, nil }
func (yes) Append(string, imap.LiteralReader, *imap.AppendOptions) (*imap.AppendData, error) {
	return nil, nil
}

// TestPublishBounded: what is kept for the locks goes with the last session
// that needs it.
func TestPublishBounded(t *testing.T) {
	var p Publisher
	a := Publish(yes{}, nil, &PublishOptions{Publisher: &p})
	b := Publish(yes{}, nil, &PublishOptions{Publisher: &p})
	require.NoError(t, a.Login("alice", ""))
	require.NoError(t, b.Login("alice", ""))
	u := p.users.users["alice"]
	require.NotNil(t, u)

	for _, s := range []imapserver.Session{a, b} {
		_, err := s.Select("x", &imap.SelectOptions{})
		require.NoError(t, err)
		for _, name := range []string{"x", "y", "z"} {
			require.NoError(t, s.Subscribe(name))
			_, err := s.Copy(imap.SeqSetNum(1), name)
			require.NoError(t, err)
		}
	}
	require.Len(t, u.mailboxes, 1)
	require.NoError(t, a.Unselect())
	require.Len(t, u.mailboxes, 1)
	_, err := a.Select("y", &imap.SelectOptions{})
	require.NoError(t, err)
	require.Len(t, u.mailboxes, 2)
	require.NoError(t, a.Delete("x"))
	require.NoError(t, b.Unselect())
	require.Len(t, u.mailboxes, 1)
	_, err = b.Select("x", &imap.SelectOptions{}) // a new one of that name
	require.NoError(t, err)
	require.NoError(t, b.Close())
	require.Len(t, u.mailboxes, 1)
	require.NoError(t, a.Close())
	require.Empty(t, u.mailboxes)
	require.Empty(t, p.users.users)
}

// TestPublishRenamed: who has a mailbox selected keeps the lock of it when its
// name changes, and those below it go with it if the server says so.
func TestPublishRenamed(t *testing.T) {
	u := new(publishUsers).enter("alice")
	hold := func(names ...string) {
		for _, n := range names {
			u.hold(n)
		}
	}
	hold("a", "a/b", "a/c", "ab", "INBOX")
	child := u.mailboxes["a/b"]
	there := map[string]bool{"a/c": true, "ab": true, "x": true, "x/b": true, "INBOX": true}
	moved := func(name, newName string) bool { return !there[name] && there[newName] }
	u.renamed("a", "x", moved)
	u.renamed("INBOX", "x", moved)
	var names []string
	for n, m := range u.mailboxes {
		require.Equal(t, n, m.name)
		names = append(names, n)
	}
	require.ElementsMatch(t, []string{"x", "x/b", "a/c", "ab", "INBOX"}, names)
	require.Same(t, child, u.mailboxes["x/b"])
}

// TestPublishFlagsBounded: a STORE of too many flags is not looked into.
func TestPublishFlagsBounded(t *testing.T) {
	var flags []imap.Flag
	for i := range 100 {
		flags = append(flags, imap.Flag("kw"+string(rune('A'+i%26))+string(rune('a'+i/26))))
	}
	require.Len(t, flagChanges(&imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: flags}, nil), maxPublishFlags+1)
	u := new(publishUsers).enter("alice")
	m := u.hold("a")
	u.learn(m, flags...)
	u.learn(m, flags...)
	require.Len(t, u.known(m), maxPublishFlags)
	require.False(t, (&published{}).expect(nil, make([]flagChange, maxPublishFlags+1)))
	require.Equal(t, []flagChange{{flag: "a", set: true}, {flag: imap.FlagSeen}},
		flagChanges(&imap.StoreFlags{Op: imap.StoreFlagsSet, Flags: []imap.Flag{"a", "A", `\Recent`}}, []imap.Flag{imap.FlagSeen, "A", `\recent`}))
}
