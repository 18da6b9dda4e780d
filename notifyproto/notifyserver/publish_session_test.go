package notifyserver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// plainest has only what every session has.
type plainest struct{ imapserver.Session }

func (s plainest) Close() error                  { return nil }
func (s plainest) Login(user, pass string) error { return loginOf(pass) }

func loginOf(password string) error {
	if password != "secret" {
		return imapserver.ErrAuthFailed
	}
	return nil
}

// limited has an APPEND limit as well.
type limited struct{ plainest }

func (s limited) AppendLimit() uint32 { return 4711 }

// richest has everything but that.
type richest struct {
	plainest
	moved, left *bool
}

func (s richest) Namespace() (*imap.NamespaceData, error) { return &imap.NamespaceData{}, nil }

func (s richest) Move(*imapserver.MoveWriter, imap.NumSet, string) error {
	*s.moved = true
	return nil
}

func (s richest) Unauthenticate() error {
	*s.left = true
	return nil
}

func (s richest) AuthenticateMechanisms() []string { return []string{"PLAIN", "XOAUTH2"} }

func (s richest) Authenticate(mech string) (sasl.Server, error) {
	switch mech {
	case "PLAIN":
		return sasl.NewPlainServer(func(identity, username, password string) error { return loginOf(password) }), nil
	case "XOAUTH2":
		return &oneStep{}, nil
	}
	return nil, errors.New("mechanism")
}

// oneStep is a mechanism that takes anything.
type oneStep struct{}

func (*oneStep) Next(response []byte) ([]byte, bool, error) { return nil, response != nil, nil }

type full interface {
	imapserver.SessionIMAP4rev2
	imapserver.SessionUnauthenticate
	imapserver.SessionSASL
}

// sink is options that put events into lines.
func sink(lines *[]string) *notifyserver.PublishOptions {
	return &notifyserver.PublishOptions{
		Publisher: new(notifyserver.Publisher),
		Host:      "mail.example",
		OnEvent:   func(e *msgevent.Event) { *lines = append(*lines, e.User+": "+describe(e)) },
	}
}

// TestPublishInterfaces: imapserver finds every optional interface but
// AppendLimit, which is there if it is there behind, and what is not behind is
// answered as imapserver answers it.
func TestPublishInterfaces(t *testing.T) {
	var lines []string
	bug := func(err error, text string) {
		t.Helper()
		require.Equal(t, &imap.Error{Type: imap.StatusResponseTypeBad, Code: imap.ResponseCodeClientBug, Text: text}, err)
	}

	s := notifyserver.Publish(plainest{}, nil, sink(&lines)).(full)
	_, ok := s.(imapserver.SessionAppendLimit)
	require.False(t, ok)
	_, err := s.Namespace()
	bug(err, "NAMESPACE is not supported")
	bug(s.Move(nil, nil, "x"), "MOVE is not supported")
	bug(s.Unauthenticate(), "UNAUTHENTICATE is not supported")
	require.Equal(t, []string{"PLAIN"}, s.AuthenticateMechanisms())
	_, err = s.Authenticate("XOAUTH2")
	require.Equal(t, &imap.Error{Type: imap.StatusResponseTypeNo, Text: "SASL mechanism not supported"}, err)

	s = notifyserver.Publish(limited{}, nil, sink(&lines)).(full)
	require.EqualValues(t, 4711, s.(imapserver.SessionAppendLimit).AppendLimit())

	var moved, left bool
	s = notifyserver.Publish(richest{moved: &moved, left: &left}, nil, sink(&lines)).(full)
	_, ok = s.(imapserver.SessionAppendLimit)
	require.False(t, ok)
	_, err = s.Namespace()
	require.NoError(t, err)
	require.NoError(t, s.Move(nil, nil, "x"))
	require.NoError(t, s.Unauthenticate())
	require.True(t, moved && left)
	require.Equal(t, []string{"PLAIN", "XOAUTH2"}, s.AuthenticateMechanisms())
	_, err = s.Authenticate("X")
	require.EqualError(t, err, "mechanism")
	require.Empty(t, lines)
}

// TestPublishUser: the user is who logged in, however that was.
func TestPublishUser(t *testing.T) {
	lower := func(login string) string { return strings.ToLower(login) }
	authenticate := func(mech, response string) func(full) error {
		return func(s full) error {
			server, err := s.Authenticate(mech)
			if err != nil {
				return err
			}
			_, _, err = server.Next([]byte(response))
			return err
		}
	}
	login := func(password string) func(full) error {
		return func(s full) error { return s.Login("Alice", password) }
	}
	var moved, left bool
	rich := richest{moved: &moved, left: &left}
	for name, tt := range map[string]struct {
		session imapserver.Session
		login   func(full) error
		user    func(string) string
		want    string
		err     string
	}{
		"LOGIN":              {plainest{}, login("secret"), nil, "Alice", ""},
		"LOGIN refused":      {plainest{}, login("x"), nil, "", "Authentication failed"},
		"User":               {plainest{}, login("secret"), lower, "alice", ""},
		"PLAIN":              {plainest{}, authenticate("PLAIN", "\x00bob\x00secret"), nil, "bob", ""},
		"PLAIN refused":      {plainest{}, authenticate("PLAIN", "\x00bob\x00x"), nil, "", "Authentication failed"},
		"PLAIN for another":  {plainest{}, authenticate("PLAIN", "eve\x00bob\x00secret"), nil, "", "SASL identity not supported"},
		"own PLAIN":          {rich, authenticate("PLAIN", "\x00bob\x00secret"), nil, "bob", ""},
		"own PLAIN refused":  {rich, authenticate("PLAIN", "\x00bob\x00x"), nil, "", "Authentication failed"},
		"own PLAIN for":      {rich, authenticate("PLAIN", "eve\x00bob\x00secret"), nil, "eve", ""},
		"XOAUTH2":            {rich, authenticate("XOAUTH2", "token"), func(string) string { return "carol" }, "carol", ""},
		"XOAUTH2, no User":   {rich, authenticate("XOAUTH2", "token"), nil, "", ""},
		"from the beginning": {&memory{user: memoryUser(t)}, func(s full) error { return s.Create("x", nil) }, func(string) string { return "carol" }, "carol", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			options := sink(&lines)
			options.User = tt.user
			s := notifyserver.Publish(tt.session, nil, options).(full)
			err := tt.login(s)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
			} else {
				require.NoError(t, err)
			}
			require.NoError(t, s.Close())
			require.NoError(t, s.Close(), "twice, as after UNAUTHENTICATE")
			if tt.want == "" {
				require.Empty(t, lines)
				return
			}
			require.Equal(t, tt.want+": Login imap://mail.example", lines[0])
			require.Equal(t, tt.want+": Logout imap://mail.example", lines[len(lines)-1])
			require.LessOrEqual(t, len(lines), 3)
		})
	}
}

func TestPublishHost(t *testing.T) {
	require.PanicsWithValue(t, `notifyserver: PublishOptions.Host: imapurl: field Host: expected a registered name, an IPv4 address or an IPv6 address without brackets`,
		func() {
			notifyserver.Publish(plainest{}, nil, &notifyserver.PublishOptions{Host: "mail.example:143"})
		})
}

// memory is a session of imapmemserver that can be told to fail, and to wait.
type memory struct {
	user *imapmemserver.User
	imapserver.Session
	search, status, change error
	duringFetch            func()
	duringStore            func()
	noUIDs                 bool // as without UIDPLUS
}

func memoryUser(t testing.TB) *imapmemserver.User {
	u := imapmemserver.NewUser("alice", "secret")
	for _, name := range []string{"INBOX", "other"} {
		require.NoError(t, u.Create(name, nil))
	}
	return u
}

func (m *memory) Login(username, password string) error {
	m.Session = imapmemserver.NewUserSession(m.user)
	return nil
}

func (m *memory) Create(name string, options *imap.CreateOptions) error {
	return m.user.Create(name, options)
}

func (m *memory) Close() error { return nil }

func (m *memory) Search(kind imapserver.NumKind, c *imap.SearchCriteria, o *imap.SearchOptions) (*imap.SearchData, error) {
	if m.search != nil {
		return nil, m.search
	}
	return m.Session.Search(kind, c, o)
}

func (m *memory) Status(name string, o *imap.StatusOptions) (*imap.StatusData, error) {
	if m.status != nil {
		return nil, m.status
	}
	return m.user.Status(name, o)
}

func (m *memory) Append(name string, r imap.LiteralReader, o *imap.AppendOptions) (*imap.AppendData, error) {
	data, err := m.Session.Append(name, r, o)
	if m.noUIDs {
		return nil, err
	}
	return data, err
}

func (m *memory) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	data, err := m.Session.Copy(set, dest)
	if m.noUIDs {
		return nil, err
	}
	return data, err
}

// Fetch sets \Seen, and writes nothing.
func (m *memory) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	if len(o.BodySection) > 0 {
		if err := m.Session.Store(nil, set, seen(imap.StoreFlagsAdd), nil); err != nil {
			return err
		}
	}
	if m.duringFetch != nil {
		m.duringFetch()
	}
	return m.change
}

// Store does what is asked for even when it fails.
func (m *memory) Store(w *imapserver.FetchWriter, set imap.NumSet, f *imap.StoreFlags, o *imap.StoreOptions) error {
	if m.duringStore != nil {
		m.duringStore()
	}
	return errors.Join(m.Session.Store(w, set, f, o), m.change)
}

func (m *memory) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	return errors.Join(m.Session.Expunge(w, uids), m.change)
}

func seen(op imap.StoreFlagsOp) *imap.StoreFlags {
	return &imap.StoreFlags{Op: op, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
}
