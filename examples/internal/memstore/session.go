package memstore

import (
	"fmt"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// Caps are the capabilities that a Session supports, for imapserver.Options.
func Caps() imap.CapSet {
	return imap.CapSet{
		imap.CapIMAP4rev1:      {},
		imap.CapIMAP4rev2:      {},
		imap.CapNamespace:      {},
		imap.CapUIDPlus:        {},
		imap.CapESearch:        {},
		imap.CapSearchRes:      {},
		imap.CapListExtended:   {},
		imap.CapListStatus:     {},
		imap.CapMove:           {},
		imap.CapStatusSize:     {},
		imap.CapBinary:         {},
		imap.CapChildren:       {},
		imap.CapUnauthenticate: {},
	}
}

// Session is one client's session with the store. Its errors are all
// *imap.Error.
type Session struct {
	store  *Store
	conn   *imapserver.Conn
	origin *origin

	// busy serializes the commands of this session with its own Idle:
	// imapserver goes on while Idle still returns when the client's DONE is
	// malformed or its connection breaks. Nobody else waits for it.
	busy sync.Mutex
	user *user // nil before login; guarded by busy
	view *view // nil when no mailbox is selected; guarded by the user's lock
}

var (
	_ imapserver.SessionIMAP4rev2      = (*Session)(nil)
	_ imapserver.SessionUnauthenticate = (*Session)(nil)
)

// NewSession returns the session of a connection that was just accepted.
func (s *Store) NewSession(conn *imapserver.Conn) *Session {
	return &Session{store: s, conn: conn, origin: originOf("imap", conn.NetConn())}
}

// guard is what imapguard knows of the command at hand.
type guard interface {
	Command() string
	CommandError() string
}

// guard returns the guard of the connection, if it has one.
func (s *Session) guard() (guard, bool) {
	g, ok := s.conn.NetConn().(guard)
	return g, ok
}

// begin locks the session, and its user if it has one, until the function that
// it returns is called.
func (s *Session) begin() (end func()) {
	s.busy.Lock()
	u := s.user
	u.mu.Lock()
	return func() {
		u.mu.Unlock()
		s.busy.Unlock()
	}
}

// Login implements imapserver.Session.
func (s *Session) Login(username, password string) error {
	u := s.store.authenticate(username, password)
	if u == nil {
		return imapserver.ErrAuthFailed
	}
	s.busy.Lock()
	s.user = u
	s.busy.Unlock()
	defer s.begin()()
	s.store.publish(u.accessEvent(msgevent.TypeLogin, s.origin), s.origin)
	return nil
}

// Close implements imapserver.Session.
func (s *Session) Close() error {
	if s.user == nil {
		return nil
	}
	return s.Unauthenticate()
}

// Unauthenticate implements imapserver.SessionUnauthenticate.
func (s *Session) Unauthenticate() error {
	defer s.begin()()
	s.store.publish(s.user.accessEvent(msgevent.TypeLogout, s.origin), s.origin)
	s.user, s.view = nil, nil
	return nil
}

// Select implements imapserver.Session.
func (s *Session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	defer s.begin()()
	mbox, err := s.user.selectable(name)
	if err != nil {
		return nil, err
	}
	s.view = mbox.newView(options.ReadOnly)
	data := &imap.SelectData{
		Flags:         mbox.flagsInUse(),
		NumMessages:   uint32(len(mbox.msgs)),
		UIDNext:       mbox.uidNext,
		UIDValidity:   mbox.uidValidity,
		HighestModSeq: mbox.modSeq,
	}
	if !options.ReadOnly {
		data.PermanentFlags = append(mbox.flagsInUse(), imap.FlagWildcard)
	}
	for i, m := range mbox.msgs {
		if !hasFlag(m.flags, imap.FlagSeen) {
			data.FirstUnseenSeqNum = uint32(i + 1)
			break
		}
	}
	if s.conn.EnabledCaps().Has(imap.CapIMAP4rev2) {
		data.List = s.user.listData(mbox.name, s.user.hasChildren(mbox.name))
	}
	return data, nil
}

// Unselect implements imapserver.Session.
func (s *Session) Unselect() error {
	defer s.begin()()
	s.view = nil
	return nil
}

// Poll implements imapserver.Session.
func (s *Session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if notifyserver.Quiet(s.conn.NetConn()) {
		return nil // the client has not asked for anything
	}
	s.busy.Lock()
	defer s.busy.Unlock()
	return s.tell(w, allowExpunge)
}

// tell writes what the client has not been told. The caller holds s.busy.
func (s *Session) tell(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.user == nil {
		return nil
	}
	s.user.mu.Lock()
	if s.view == nil {
		s.user.mu.Unlock()
		return nil
	}
	up := s.view.sync(allowExpunge)
	s.user.mu.Unlock()
	return up.write(w)
}

// Idle implements imapserver.Session.
func (s *Session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.busy.Lock()
	defer s.busy.Unlock()
	select {
	case <-stop:
		// imapserver may be at another command by now, in which nothing that
		// Idle says would be right.
		return nil
	default:
	}

	wake := make(chan struct{}, 1)
	s.user.mu.Lock()
	view := s.view
	if view != nil {
		if view.mbox.idle == nil {
			view.mbox.idle = make(map[chan struct{}]struct{})
		}
		view.mbox.idle[wake] = struct{}{}
	}
	s.user.mu.Unlock()
	if view != nil {
		defer func() {
			s.user.mu.Lock()
			delete(view.mbox.idle, wake)
			s.user.mu.Unlock()
		}()
	}
	for {
		// Look before waiting: what happened before this command counts too.
		if err := s.tell(w, true); err != nil {
			return err
		}
		select {
		case <-wake:
		case <-stop:
			return nil
		}
	}
}

// writable returns the view for a command that changes the mailbox.
func (s *Session) writable() (*view, error) {
	if s.view.readOnly {
		return nil, no("", "the mailbox is selected read-only")
	}
	return s.view, nil
}

// bad is the answer to a command that makes no sense.
func bad(format string, args ...any) error {
	return &imap.Error{
		Type: imap.StatusResponseTypeBad,
		Code: imap.ResponseCodeClientBug,
		Text: printable(fmt.Sprintf(format, args...)),
	}
}

// no is the answer to a command that cannot be done.
func no(code imap.ResponseCode, format string, args ...any) error {
	return &imap.Error{
		Type: imap.StatusResponseTypeNo,
		Code: code,
		Text: printable(fmt.Sprintf(format, args...)),
	}
}

// printable replaces what may not stand in a response's text, so that a name
// in it cannot end the line.
func printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}
