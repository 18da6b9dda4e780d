package notifyserver

import (
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto"
)

// queue has what a client is to be notified of. Changes of the same mailbox
// are merged, so that it grows with the number of mailboxes that change, and
// not with that of the changes.
type queue struct {
	items []item
	size  int // octets, about

	// For the selected mailbox:
	dirty bool       // the session behind has something to tell
	fresh []imap.UID // new messages whose attributes are owed

	overflow bool
}

// item is a notification about a mailbox that is not selected, or about a name.
type item struct {
	kind    itemKind
	mailbox string
	old     string   // of a list, the name before a rename
	entries []string // of metadata
	counts  counts   // of a status
}

type itemKind int

const (
	statusItem itemKind = iota
	listItem
	metadataItem
)

// counts are the data of a STATUS response: those that events brought.
type counts struct {
	uidValidity, uidNext uint32
	messages, unseen     *uint32
	all                  bool // MESSAGES and UIDNEXT are owed beside UNSEEN
}

// complete reports whether nothing that is owed is missing.
func (n *counts) complete() bool {
	return n.uidValidity != 0 && n.unseen != nil && (!n.all || n.messages != nil && n.uidNext != 0)
}

// itemSize is what an item costs beside its names.
const itemSize = 128

func (q *queue) empty() bool {
	return len(q.items) == 0 && !q.dirty && len(q.fresh) == 0 && !q.overflow
}

// add adds an item, or merges it with one that it makes obsolete.
func (q *queue) add(it item) {
	for i := len(q.items) - 1; i >= 0; i-- {
		have := &q.items[i]
		if have.kind == listItem && it.kind == statusItem && have.mailbox == it.mailbox {
			break // a name is told before the news of its mailbox
		}
		if have.kind == it.kind && have.mailbox == it.mailbox && have.merge(&it) {
			return
		}
	}
	q.size += itemSize + len(it.mailbox) + len(it.old)
	for _, e := range it.entries {
		q.size += len(e)
	}
	if q.size > MaxQueue {
		*q = queue{overflow: true}
		return
	}
	q.items = append(q.items, it)
}

// freshSize is what a new message costs. It keeps the command that fetches as
// many as the queue has room for within what imapserver takes.
const freshSize = 16

// addFresh adds a new message of the selected mailbox.
func (q *queue) addFresh(uid imap.UID) {
	if q.size += freshSize; q.size > MaxQueue {
		*q = queue{overflow: true}
		return
	}
	q.fresh = append(q.fresh, uid)
}

// merge makes it part of have, if the client then misses nothing.
func (have *item) merge(it *item) bool {
	switch it.kind {
	case statusItem:
		// The later numbers hold; an event without them leaves a gap that
		// the server behind fills.
		it.counts.all = it.counts.all || have.counts.all
		have.counts = it.counts
		return true
	case listItem:
		// What the name stands for is looked up when it is told.
		return have.old == it.old
	case metadataItem:
		for _, e := range it.entries {
			if !slices.Contains(have.entries, e) {
				have.entries = append(have.entries, e)
			}
		}
		return true
	}
	return false
}

// hear takes a notice. It runs on the publisher's goroutine.
func (c *Conn) hear(n *Notice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.session
	s.follow(n)
	if s.queue.overflow {
		return
	}
	own := n.origin == c
	switch n.kind {
	case notifyproto.EventMailboxName:
		s.hearName(n, own)
	case notifyproto.EventSubscriptionChange:
		if !own && s.notify.For(&s.view, n.mailbox).Events.Has(n.kind) {
			s.queue.add(item{kind: listItem, mailbox: n.mailbox})
		}
	case notifyproto.EventMailboxMetadataChange, notifyproto.EventServerMetadataChange:
		s.hearMetadata(n)
	case notifyproto.EventMessageNew, notifyproto.EventMessageExpunge, notifyproto.EventFlagChange:
		grant := s.notify.For(&s.view, n.mailbox)
		switch {
		case own || !grant.Events.Has(n.kind):
		case n.mailbox == s.view.Selected:
			s.queue.dirty = true
			if n.uid != 0 && len(grant.Fetch) > 0 {
				s.queue.addFresh(n.uid)
			}
		case n.kind != notifyproto.EventFlagChange || n.seen:
			s.queue.add(item{kind: statusItem, mailbox: n.mailbox, counts: n.counts()})
		}
	}
	c.wakeForQueue()
}

// counts returns what the event says of its mailbox.
func (n *Notice) counts() counts {
	return counts{
		uidValidity: n.uidValidity,
		uidNext:     uint32(n.Event.UIDNext),
		messages:    n.Event.Messages,
		unseen:      n.unseen,
		all:         n.kind != notifyproto.EventFlagChange,
	}
}

// hearName takes a MailboxName event: it concerns the mailbox and, when one
// comes or goes, the one above it (RFC 5465, section 5.4).
func (s *session) hearName(n *Notice, own bool) {
	if own {
		return
	}
	granted := func(mailbox string) bool {
		return mailbox != "" && s.notify.For(&s.view, mailbox).Events.Has(notifyproto.EventMailboxName)
	}
	if granted(n.mailbox) || granted(n.old) {
		s.queue.add(item{kind: listItem, mailbox: n.mailbox, old: n.old})
	}
	if parent := s.parent(n.mailbox); n.old == "" && granted(parent) {
		s.queue.add(item{kind: listItem, mailbox: parent})
	}
}

// parent returns the name above one, "" at the top.
func (s *session) parent(mailbox string) string {
	for i := len(mailbox) - 1; i > 0 && s.view.Delim != 0; i-- {
		if rune(mailbox[i]) == s.view.Delim {
			return mailbox[:i]
		}
	}
	return ""
}

// follow keeps up with what the notice says of names, whoever did it.
func (s *session) follow(n *Notice) {
	switch {
	case n.kind == notifyproto.EventSubscriptionChange && s.subscribed != nil:
		if n.Event.Type == msgevent.TypeMailboxSubscribe {
			s.subscribed[n.mailbox] = true
		} else {
			delete(s.subscribed, n.mailbox)
		}
	case n.old != "" && s.view.Selected != "" && n.old != "INBOX":
		// The session behind stays in the mailbox when it is renamed; INBOX
		// keeps its name when its messages move.
		if rest, ok := cutLevel(s.view.Selected, n.old, s.view.Delim); ok {
			s.view.Selected = n.mailbox + rest
		}
	}
}

// cutLevel returns what follows prefix in a name that is prefix or below it.
func cutLevel(name, prefix string, delim rune) (rest string, ok bool) {
	if len(name) < len(prefix) || name[:len(prefix)] != prefix {
		return "", false
	}
	rest = name[len(prefix):]
	return rest, rest == "" || delim != 0 && rune(rest[0]) == delim
}

// toldOfSelected reports whether the client is told of the selected mailbox
// without asking. With SELECTED-DELAYED that is only so in IDLE.
func (s *session) toldOfSelected() bool {
	if s.view.Selected == "" {
		return false
	}
	grant := s.notify.For(&s.view, s.view.Selected)
	return grant.Events != 0 && (!grant.Delayed || s.idle)
}

// wakeForQueue makes Read look into the queue if there is something to tell
// now. The caller holds c.mu.
func (c *Conn) wakeForQueue() {
	s := &c.session
	if len(s.queue.items) == 0 && !s.queue.overflow && (!s.queue.dirty || !s.toldOfSelected()) {
		return
	}
	if now := time.Now(); s.notUntil.Before(now) {
		c.wake(now)
	} else {
		c.wake(s.notUntil)
	}
}
