package notifyserver

import (
	"encoding/json"
	"net"
	"strconv"
	"sync"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
	"github.com/golemonade/lemonade/notifyproto"
)

// Source says what happens in users' mailboxes.
type Source interface {
	// Watch calls f for each event that concerns user, in the order of the
	// changes, from the time that it returns until stop is called, and never
	// after stop has returned. f does not block, and keeps what it gets.
	Watch(user string, f func(*Notice)) (stop func())
}

// Notice is an event with what the layer needs to know of it, worked out once
// for all connections. Nothing in it may be changed.
type Notice struct {
	Event *msgevent.Event

	origin      *Conn // the connection that caused it, nil if that is not known
	kind        notifyproto.EventSet
	mailbox     string // decoded name
	old         string // for MailboxRename
	uidValidity uint32
	uid         imap.UID // for an event about one new message
	unseen      *uint32  // messages without \Seen, if the event says
	seen        bool     // the number of messages without \Seen may have changed

	change *annotations.Change // of annotations; Event is nil
}

// UnseenParameter is the name of the extension parameter that gives the number
// of messages without \Seen in the mailbox after the event. Cyrus sends it.
// With messages and uidnext (RFC 5423, section 5) an event is complete, and no
// connection has to ask the server behind for a STATUS.
const UnseenParameter = "vnd.cmu.unseenMessages"

// NewNotice works out the notice of an event. origin is the connection that
// caused it, as imapserver.Conn's NetConn returns it, or nil; it is found
// within connections that have a method NetConn.
func NewNotice(e *msgevent.Event, origin net.Conn) *Notice {
	n := &Notice{Event: e, origin: within(origin), kind: notifyproto.EventOf(e.Type)}
	mailbox, err := e.Mailbox()
	if err != nil {
		n.kind = 0
		return n
	}
	n.mailbox, n.uidValidity = mailbox.Mailbox, mailbox.UIDValidity
	switch e.Type {
	case msgevent.TypeMessageNew, msgevent.TypeMessageAppend:
		n.seen = true
		if uri, err := imapurl.Parse(e.URI); err == nil {
			n.uid = uri.UID
		}
	case msgevent.TypeMailboxRename:
		if old, err := imapurl.Parse(e.OldMailboxID); err == nil {
			n.old = old.Mailbox
		}
	case msgevent.TypeMessageExpunge, msgevent.TypeMessageExpire, msgevent.TypeMessageRead:
		n.seen = true
	case msgevent.TypeFlagsSet, msgevent.TypeFlagsClear:
		for _, f := range e.Flags {
			n.seen = n.seen || f == imap.FlagSeen
		}
	}
	for _, x := range e.Extensions {
		if x.Name == UnseenParameter {
			n.unseen = parseCount(x.Value)
		}
	}
	return n
}

func parseCount(value json.RawMessage) *uint32 {
	v, err := strconv.ParseUint(string(value), 10, 32)
	if err != nil {
		return nil
	}
	count := uint32(v)
	return &count
}

// within finds the layer's connection in one that wraps it.
func within(conn net.Conn) *Conn {
	for conn != nil {
		switch c := conn.(type) {
		case *Conn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
	return nil
}

// Publisher is a Source in the process of the server. The zero value is ready
// to use.
type Publisher struct {
	mu       sync.RWMutex
	watchers map[string]map[*watcher]struct{} // by user

	users publishUsers // whose sessions Publish decorates
}

// watcher is one call of Watch.
type watcher struct {
	mu   sync.Mutex // held while f runs, so that stop can wait for it
	f    func(*Notice)
	done bool
}

// Publish tells those who watch the user. It returns when all were told, which
// does not wait for any client, so it may be called under the lock under which
// the change was made; calls for one user must not overlap, for the order of
// the events to be kept.
func (p *Publisher) Publish(user string, e *msgevent.Event, origin net.Conn) {
	p.mu.RLock()
	watched := len(p.watchers[user]) > 0
	p.mu.RUnlock()
	if watched {
		p.publish(user, NewNotice(e, origin))
	}
}

func (p *Publisher) publish(user string, n *Notice) {
	p.mu.RLock()
	watchers := make([]*watcher, 0, len(p.watchers[user]))
	for w := range p.watchers[user] {
		watchers = append(watchers, w)
	}
	p.mu.RUnlock()
	for _, w := range watchers {
		w.mu.Lock()
		if !w.done {
			w.f(n)
		}
		w.mu.Unlock()
	}
}

// Watch implements Source.
func (p *Publisher) Watch(user string, f func(*Notice)) (stop func()) {
	w := &watcher{f: f}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchers == nil {
		p.watchers = make(map[string]map[*watcher]struct{})
	}
	if p.watchers[user] == nil {
		p.watchers[user] = make(map[*watcher]struct{})
	}
	p.watchers[user][w] = struct{}{}
	return func() {
		p.mu.Lock()
		delete(p.watchers[user], w)
		if len(p.watchers[user]) == 0 {
			delete(p.watchers, user)
		}
		p.mu.Unlock()
		w.mu.Lock()
		w.done = true
		w.mu.Unlock()
	}
}
