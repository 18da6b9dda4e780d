// Package memstore is the in-memory mail store of the examples: users,
// mailboxes with hierarchy and subscriptions, messages with UIDs, flags and
// mod-sequences, and the message store events of RFC 5423 for all that happens
// to them. [Session] puts it behind go-imap's imapserver.
//
// Each user has one lock. It is held only while memory is read or changed,
// never while a connection is written to: a session copies out what it is
// about to say and says it after unlocking, so that a client that does not
// read delays nobody else. Events are published under that lock, in the order
// of the changes they describe.
package memstore

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// Delimiter separates the levels of a mailbox name.
const Delimiter = '/'

// Inbox is the name of the mailbox that every user has, RFC 3501, section 5.1.
const Inbox = "INBOX"

// ErrNoUser is returned by Deliver for a recipient that the store does not have.
var ErrNoUser = errors.New("no such user")

// Options configures a Store.
type Options struct {
	// Host is the name of the server in the URLs of events, with its port if
	// that is not 143. Empty means "localhost".
	Host string

	// Publish gets every event, in order for each user, under that user's
	// lock: it must neither block nor call back into the store. The event is
	// the receiver's; conn is the connection through which it came, as
	// imapserver.Conn's NetConn returns it, nil for deliveries. Nil drops them.
	Publish func(e *msgevent.Event, conn net.Conn)
}

// Store holds the users and their mail. It is safe for concurrent use.
type Store struct {
	host    string
	port    uint16
	options Options

	mu    sync.RWMutex
	users map[string]*user
}

// New returns an empty store. It fails if options.Host has an invalid port.
func New(options *Options) (*Store, error) {
	if options == nil {
		options = &Options{}
	}
	s := &Store{host: "localhost", options: *options, users: make(map[string]*user)}
	if options.Host != "" {
		u, err := imapurl.Parse("imap://" + options.Host + "/")
		if err != nil {
			return nil, fmt.Errorf("memstore: host %q: %w", options.Host, err)
		}
		s.host, s.port = u.Host, u.Port
	}
	return s, nil
}

func (s *Store) publish(e *msgevent.Event, o *origin) {
	if s.options.Publish != nil {
		s.options.Publish(e, o.conn)
	}
}

// AddUser adds a user with an empty INBOX. It fails if the name is taken,
// empty, or has characters that a login or an address cannot carry plainly.
func (s *Store) AddUser(name, password string) error {
	if name == "" {
		return errors.New("a user name is empty")
	}
	for _, r := range name {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`@:,<>"/\()`, r) {
			return fmt.Errorf("user name %q: %q is not allowed in it", name, r)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[name] != nil {
		return fmt.Errorf("user %q is there already", name)
	}
	u := &user{
		store:      s,
		name:       name,
		password:   password,
		mailboxes:  make(map[string]*mailbox),
		subscribed: make(map[string]struct{}),
	}
	u.addMailbox(Inbox)
	s.users[name] = u
	return nil
}

// lookup returns the user of that name, or nil.
func (s *Store) lookup(name string) *user {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.users[name]
}

// HasUser reports whether Deliver knows the recipient: a user's name, or an
// address with it before the "@".
func (s *Store) HasUser(rcpt string) bool {
	return s.recipient(rcpt) != nil
}

func (s *Store) recipient(rcpt string) *user {
	local, _, _ := strings.Cut(rcpt, "@")
	return s.lookup(local)
}

func (s *Store) authenticate(name, password string) *user {
	u := s.lookup(name)
	if u == nil || subtle.ConstantTimeCompare([]byte(u.password), []byte(password)) != 1 {
		return nil
	}
	return u
}

// Delivery is a message on its way into a mailbox.
type Delivery struct {
	Rcpt     string // a user's name or address
	Envelope string // MAIL FROM and RCPT TO lines, RFC 5423, section 5
	Service  string // the protocol it came by, such as "lmtp"
	Message  []byte // RFC 5322 message with CRLF line ends; the store's from now on
}

// Deliver puts a message into the recipient's INBOX and publishes MessageNew.
// The error is ErrNoUser for an unknown recipient.
func (s *Store) Deliver(d *Delivery) (imap.UID, error) {
	u := s.recipient(d.Rcpt)
	if u == nil {
		return 0, fmt.Errorf("%w: %q", ErrNoUser, d.Rcpt)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	m := u.mailboxes[Inbox].add(d.Message, time.Now(), nil)
	o := &origin{service: d.Service}
	e := u.messageEvent(msgevent.TypeMessageNew, u.mailboxes[Inbox], m, o)
	e.Envelope = d.Envelope
	u.store.publish(e, o)
	return m.uid, nil
}

// user holds one user's mail. Its lock guards everything below it.
type user struct {
	store          *Store
	name, password string // immutable

	mu          sync.Mutex
	mailboxes   map[string]*mailbox
	subscribed  map[string]struct{} // names, also of mailboxes that are gone
	uidValidity uint32              // last one given out
}

// uidValidityEpoch is when counting UIDVALIDITY began.
var uidValidityEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// addMailbox adds a mailbox with a UIDVALIDITY that no mailbox of the user had
// before. This store forgets everything when it ends, and what it says after a
// restart must be larger (RFC 3501, section 2.3.1.1), so the time is counted,
// in sixteenths of a second, which 32 bits hold until 2033.
func (u *user) addMailbox(name string) *mailbox {
	now := uint32(time.Since(uidValidityEpoch) / (time.Second / 16))
	u.uidValidity = max(u.uidValidity+1, now)
	mbox := &mailbox{name: name, uidValidity: u.uidValidity, uidNext: 1, modSeq: 1}
	u.mailboxes[name] = mbox
	return mbox
}
