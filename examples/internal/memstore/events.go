package memstore

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// origin says through what a change came: a client's connection, or a
// delivery.
type origin struct {
	service        string
	conn           net.Conn // nil for a delivery
	client, server netip.AddrPort
}

func originOf(service string, conn net.Conn) *origin {
	addr := func(a net.Addr) netip.AddrPort {
		tcp, ok := a.(*net.TCPAddr)
		if !ok {
			return netip.AddrPort{}
		}
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return &origin{service: service, conn: conn, client: addr(conn.RemoteAddr()), server: addr(conn.LocalAddr())}
}

var pid = os.Getpid()

// event returns an event with the parameters that all of them have.
func (u *user) event(t msgevent.Type, uri imapurl.URL, o *origin) *msgevent.Event {
	return &msgevent.Event{
		Type:       t,
		URI:        uri.String(),
		Timestamp:  time.Now().Truncate(time.Millisecond),
		User:       u.name,
		Service:    o.service,
		PID:        pid,
		ServerFQDN: u.store.host,
		ClientIP:   o.client.Addr(),
		ClientPort: o.client.Port(),
	}
}

// accessEvent returns a Login or Logout event, RFC 5423, section 4.3.
func (u *user) accessEvent(t msgevent.Type, o *origin) *msgevent.Event {
	e := u.event(t, imapurl.URL{Host: u.store.host, Port: u.store.port}, o)
	if o.server.IsValid() {
		e.ServerDomain, e.ServerPort = o.server.Addr().String(), o.server.Port()
	}
	return e
}

// url returns the URL of a mailbox. It names the user, because the names of
// mailboxes are the user's own.
func (u *user) url(mailbox string, uidValidity uint32) imapurl.URL {
	return imapurl.URL{
		User: u.name, Host: u.store.host, Port: u.store.port,
		Mailbox: mailbox, UIDValidity: uidValidity,
	}
}

// mailboxEvent returns an event about a mailbox, RFC 5423, section 4.4.
func (u *user) mailboxEvent(t msgevent.Type, mbox *mailbox, o *origin) *msgevent.Event {
	uri := u.url(mbox.name, mbox.uidValidity)
	e := u.event(t, uri, o)
	e.MailboxID = uri.String()
	return e
}

// subscriptionEvent is mailboxEvent for a name that may have no mailbox.
func (u *user) subscriptionEvent(t msgevent.Type, name string, o *origin) *msgevent.Event {
	uri := u.url(name, 0)
	e := u.event(t, uri, o)
	e.MailboxID = uri.String()
	return e
}

// messageEvent returns an event about one message that was added, RFC 5423,
// section 4.1.
func (u *user) messageEvent(t msgevent.Type, mbox *mailbox, m *message, o *origin) *msgevent.Event {
	e := u.mailboxEvent(t, mbox, o)
	uri := u.url(mbox.name, mbox.uidValidity)
	uri.UID = m.uid
	e.URI = uri.String()
	counts(e, mbox)
	e.ModSeq = m.modSeq
	e.Flags = slices.Clone(m.flags)
	size := int64(len(m.body))
	e.MessageSize = &size
	return e
}

// messagesEvent returns an event about a set of messages, RFC 5423, sections
// 4.1 and 4.2. A mod-sequence goes only with one message (section 5).
func (u *user) messagesEvent(t msgevent.Type, mbox *mailbox, msgs []*message, o *origin) *msgevent.Event {
	e := u.mailboxEvent(t, mbox, o)
	for _, m := range msgs {
		e.UIDs.AddNum(m.uid)
	}
	counts(e, mbox)
	if len(msgs) == 1 {
		e.ModSeq = msgs[0].modSeq
	}
	return e
}

func counts(e *msgevent.Event, mbox *mailbox) {
	n := uint32(len(mbox.msgs))
	e.Messages, e.UIDNext = &n, mbox.uidNext
	e.Extensions = append(e.Extensions, msgevent.Extension{
		Name:  notifyserver.UnseenParameter,
		Value: strconv.AppendUint(nil, uint64(mbox.unseen), 10),
	})
}

// flagChange is what STORE did to one message.
type flagChange struct {
	m          *message
	set, unset []imap.Flag
}

// publishFlags publishes the changes of one command: one event for all
// messages that changed alike, and MessageTrash and MessageRead in place of
// FlagsSet for \Deleted and \Seen, RFC 5423, section 4.2.
func (u *user) publishFlags(mbox *mailbox, changes []flagChange, o *origin) {
	for len(changes) > 0 {
		first := changes[0]
		var alike []*message
		changes = slices.DeleteFunc(changes, func(c flagChange) bool {
			same := slices.EqualFunc(c.set, first.set, sameFlag) && slices.EqualFunc(c.unset, first.unset, sameFlag)
			if same {
				alike = append(alike, c.m)
			}
			return same
		})
		publish := func(t msgevent.Type, flags []imap.Flag) {
			e := u.messagesEvent(t, mbox, alike, o)
			e.Flags = flags
			u.store.publish(e, o)
		}
		if hasFlag(first.set, imap.FlagDeleted) {
			publish(msgevent.TypeMessageTrash, nil)
		}
		if hasFlag(first.set, imap.FlagSeen) {
			publish(msgevent.TypeMessageRead, nil)
		}
		if set := withoutFlags(first.set, []imap.Flag{imap.FlagDeleted, imap.FlagSeen}); len(set) > 0 {
			publish(msgevent.TypeFlagsSet, set)
		}
		if len(first.unset) > 0 {
			publish(msgevent.TypeFlagsClear, first.unset)
		}
	}
}

func sameFlag(a, b imap.Flag) bool { return compareFlags(a, b) == 0 }
