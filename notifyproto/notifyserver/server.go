package notifyserver

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/golemonade/lemonade/annotations"
)

// Limits of a connection.
const (
	// MaxCommand bounds a command that the layer answers itself, literals
	// included, in octets. RFC 2683, section 3.2.1.5 wants 8,000 at least;
	// METADATA values need more.
	MaxCommand = 128 << 10

	// MaxQueue bounds the notifications that wait for a client, in octets.
	// Beyond it the client gets NOTIFICATIONOVERFLOW (RFC 5465, section 5.8).
	MaxQueue = 64 << 10

	// maxHeldFlags bounds the FETCH responses that are kept for a client that
	// did not ask for FlagChange, until it sends a command. Beyond it they are
	// fetched again then.
	maxHeldFlags = 1000

	// coalesce is how long after one notification the next ones are
	// gathered. The first is never delayed.
	coalesce = 20 * time.Millisecond

	// writeTimeout is how long a client may take no octets while some wait.
	writeTimeout = 30 * time.Second

	// handshakeTimeout bounds the TLS handshake after STARTTLS.
	handshakeTimeout = 30 * time.Second

	// commandTimeout is how long a client may be silent in the middle of a
	// command that the layer answers.
	commandTimeout = 30 * time.Second

	// loginTimeout is how long a client may be silent before it has logged in.
	loginTimeout = time.Minute
)

// DefaultIdleTimeout is how long a client without NOTIFY may be silent. RFC
// 3501, section 5.4 wants 30 minutes at least.
const DefaultIdleTimeout = 30 * time.Minute

// events are the events that a client can be notified of. AnnotationChange
// needs ANNOTATE (RFC 5257), which no server behind has.
var (
	events         = []string{"MessageNew", "MessageExpunge", "FlagChange", "MailboxName", "SubscriptionChange"}
	metadataEvents = []string{"MailboxMetadataChange", "ServerMetadataChange"}
)

// Server is what the connections of its listeners have in common. Its fields
// must not change once a listener accepts.
type Server struct {
	// Source says what happens in the users' mailboxes. Without one only
	// NOTIFY NONE and METADATA are of use.
	Source Source

	// Store holds annotations; it turns METADATA on. Clients hear of changes
	// if AnnotationsChanged is called for each: it is made to be the OnChange
	// of an annotations.MemoryStore. What a user may set is up to the store; a
	// MemoryStore lets every user set shared entries of the server.
	Store annotations.Store

	// TLSConfig turns STARTTLS on.
	TLSConfig *tls.Config

	// AllowInsecureAuth allows logins without TLS. Otherwise LOGIN and
	// AUTHENTICATE are refused before TLS, and never reach the server behind.
	AllowInsecureAuth bool

	// DeviceFromLogin takes the part of a login name after "+" as the name of
	// the client's device, and only what stands before it as the user's. A
	// device that does not do so, or without DeviceFromLogin, names itself by
	// the field "device-id" of ID (RFC 2971).
	DeviceFromLogin bool

	// Presence, if set, is told when the connection of a device logs in and
	// when it ends. It must not block.
	Presence func(user, device string, connected bool)

	// IdleTimeout is how long a client may be silent while no NOTIFY is in
	// force; while one is there is no limit. Zero means DefaultIdleTimeout.
	IdleTimeout time.Duration

	changes Publisher // metadata changes, for all connections of a user
}

// Listener returns a listener whose connections have the layer. It is the one
// for imapserver's Serve. If ln accepts *tls.Conn, these are protected from the
// beginning.
func (s *Server) Listener(ln net.Listener) net.Listener { return &listener{ln, s} }

type listener struct {
	net.Listener
	server *Server
}

// Accept implements net.Listener.
func (ln *listener) Accept() (net.Conn, error) {
	conn, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(ln.server, conn), nil
}

// supported returns the names of the events a client may ask for.
func (s *Server) supported() []string {
	if s.Store != nil {
		return append(events[:len(events):len(events)], metadataEvents...)
	}
	return events
}

func (s *Server) idleTimeout() time.Duration {
	if s.IdleTimeout != 0 {
		return s.IdleTimeout
	}
	return DefaultIdleTimeout
}
