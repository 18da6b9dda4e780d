package notifyserver

import (
	"net"
	"net/netip"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// PublishOptions says how Publish names what it publishes, and where to.
type PublishOptions struct {
	// Publisher gets the events. All sessions that can reach the same
	// mailboxes must have the same one: it also keeps their changes apart.
	Publisher *Publisher

	// Host names the server in the URLs of events: a registered name or an
	// address, without a port. Empty means "localhost".
	Host string

	// Port is the server's port in URLs; 0 leaves it out.
	Port uint16

	// User returns the name of the user whose mailboxes a session has after a
	// login; nil takes what was given with LOGIN or SASL PLAIN. It must be the
	// name that the layer knows the user by. login is empty where Publish
	// cannot know it: after another SASL mechanism that the session brings,
	// and for a session that is authenticated from the beginning. The events
	// of a session whose user has no name are not published.
	User func(login string) string

	// OnEvent, if set, gets every event as well, under the locks that keep
	// events in order: it must neither block nor use the session. The event
	// may not be changed.
	OnEvent func(e *msgevent.Event)
}

// Publish returns a session that does what session does and publishes the
// message store events (RFC 5423) of it. It is called in
// imapserver.Options.NewSession; conn is the argument of that, and the layer
// does not tell a client of what came through its own connection. It panics
// if options.Host can stand in no URL.
//
// # What is published
//
// Login and Logout; MailboxCreate, MailboxDelete, MailboxRename,
// MailboxSubscribe and MailboxUnSubscribe; MessageAppend for APPEND and for
// each message of a COPY or MOVE, MessageExpunge for EXPUNGE, CLOSE and MOVE;
// MessageRead, MessageTrash, FlagsSet and FlagsClear for STORE, and
// MessageRead for a FETCH that sets \Seen. Events say how many messages the
// mailbox has after the change, how many of them are unseen
// ([UnseenParameter]), and its next UID and UIDVALIDITY. Publish asks the
// session for these with its Status method, and for the messages that a change
// concerns with its Search method. If these fail the command goes on, and the
// event lacks what they would have told. While nobody listens neither is called,
// but for RENAME.
//
// The UIDs of appended and copied messages are those that the session returns;
// those of moved ones follow from UIDNEXT before and after. Whether a name was
// subscribed already cannot be seen, so that every SUBSCRIBE and UNSUBSCRIBE
// that succeeds is published.
//
// # Order
//
// The events of a mailbox leave in the order of its changes. To that end all
// sessions of one Publisher change a user's mailbox one after another, from the
// search before a change until its events are published. Names change alone:
// while a mailbox is created, deleted or renamed nothing else of that user
// does. What changes mailboxes in another way, such as a delivery agent, has to
// publish it itself.
//
// No lock is held while a client is waited for, with these exceptions and
// consequences. A message is read whole before it is appended if it has no more
// than 128 KiB; a longer one is appended without the lock, so that the events
// of two that are appended at once to the same mailbox may change places. STORE
// is given to the session as silent, and its FETCH responses are then written
// with the session's Fetch method. FETCH runs without the lock and is published
// when it has ended. Sessions should leave EXPUNGE responses to Poll, as most
// do: those that Expunge and Move write, they write under the lock, and so is
// the COPYUID response of MOVE.
//
// # Optional interfaces
//
// The session that is returned has all the optional interfaces that imapserver
// looks for. What the session behind lacks is answered as imapserver answers
// it, so imapserver does not notice when Options.Caps announces MOVE,
// NAMESPACE, UNAUTHENTICATE or IMAP4rev2 for a session that lacks them. It has
// AppendLimit only if the session behind does.
func Publish(session imapserver.Session, conn *imapserver.Conn, options *PublishOptions) imapserver.Session {
	s := &published{Session: session, conn: conn, options: *options}
	if s.options.Host == "" {
		s.options.Host = "localhost"
	}
	s.server = imapurl.URL{Host: s.options.Host, Port: s.options.Port}
	if _, err := s.server.AppendText(nil); err != nil {
		panic("notifyserver: PublishOptions.Host: " + err.Error())
	}
	if c := s.origin(); c != nil {
		s.client, s.local = addrPort(c.RemoteAddr()), addrPort(c.LocalAddr())
	}
	if limit, ok := session.(imapserver.SessionAppendLimit); ok {
		return &publishedLimit{s, limit}
	}
	return s
}

// published is a session that Publish returned. What it does not override the
// session behind does; imapserver calls Idle beside other methods, so that one
// must not use any field.
type published struct {
	imapserver.Session

	conn          *imapserver.Conn
	options       PublishOptions
	server        imapurl.URL
	client, local netip.AddrPort

	user        *publishUser    // nil before login
	selected    *publishMailbox // nil when none is
	uidValidity uint32          // of selected
	readOnly    bool            // selected is
}

// publishedLimit is a published with an APPEND limit: imapserver takes a
// default for sessions that do not have the method.
type publishedLimit struct {
	*published
	limit imapserver.SessionAppendLimit
}

var (
	_ imapserver.SessionIMAP4rev2      = (*published)(nil)
	_ imapserver.SessionUnauthenticate = (*published)(nil)
	_ imapserver.SessionSASL           = (*published)(nil)
	_ imapserver.SessionAppendLimit    = (*publishedLimit)(nil)
)

// AppendLimit implements imapserver.SessionAppendLimit.
func (s *publishedLimit) AppendLimit() uint32 { return s.limit.AppendLimit() }

// Namespace implements imapserver.SessionNamespace.
func (s *published) Namespace() (*imap.NamespaceData, error) {
	if session, ok := s.Session.(imapserver.SessionNamespace); ok {
		return session.Namespace()
	}
	return nil, notSupported("NAMESPACE")
}

// notSupported is imapserver's answer to a command that a session has no
// method for.
func notSupported(command string) error {
	return &imap.Error{
		Type: imap.StatusResponseTypeBad,
		Code: imap.ResponseCodeClientBug,
		Text: command + " is not supported",
	}
}

// origin returns the connection of the client.
func (s *published) origin() net.Conn {
	if s.conn == nil {
		return nil
	}
	return s.conn.NetConn()
}

func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
