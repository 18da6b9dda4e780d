package notifyserver

import (
	"slices"
	"strings"
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
	dirty  bool       // the session behind has something to tell
	untold bool       // it has something that an event said
	fresh  []imap.UID // new messages whose attributes are owed

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

// What an item, and each of its entries, costs beside its names.
const (
	itemSize  = 128
	entrySize = 16
)

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
		if have.kind == it.kind && have.mailbox == it.mailbox {
			before := have.size()
			if have.merge(&it) {
				q.grow(have.size() - before)
				return
			}
		}
		if have.old != "" {
			break // what was called so before a rename may be called otherwise now
		}
	}
	if q.grow(it.size()) {
		q.items = append(q.items, it)
	}
}

// size returns what an item costs, in octets, about.
func (it *item) size() int {
	n := itemSize + len(it.mailbox) + len(it.old)
	for _, e := range it.entries {
		n += entrySize + len(e)
	}
	return n
}

// grow makes room for n octets. It returns false if there is none: then the
// queue has overflowed.
func (q *queue) grow(n int) bool {
	if q.size += n; q.size > MaxQueue {
		*q = queue{overflow: true}
		return false
	}
	return true
}

// freshSize is what a new message costs. It keeps the command that fetches what
// the queue and the batch have room for within what imapserver takes.
const freshSize = 32

// addFresh adds a new message of the selected mailbox.
func (q *queue) addFresh(uid imap.UID) {
	if q.grow(freshSize) {
		q.fresh = append(q.fresh, uid)
	}
}

// putBack undoes takeFresh.
func (q *queue) putBack(fresh []imap.UID, untold bool) {
	if q.grow(freshSize * len(fresh)) {
		q.fresh = append(fresh, q.fresh...)
		q.untold = q.untold || untold
	}
}

// merge makes later part of it, if the client then misses nothing.
func (it *item) merge(later *item) bool {
	switch later.kind {
	case statusItem:
		// The later numbers hold; an event without them leaves a gap that
		// the server behind fills.
		later.counts.all = later.counts.all || it.counts.all
		it.counts = later.counts
		return true
	case listItem:
		// What the name stands for is looked up when it is told.
		return it.old == later.old
	case metadataItem:
		for _, e := range later.entries {
			if !slices.Contains(it.entries, e) {
				it.entries = append(it.entries, e)
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
	before := s.notify.For(&s.view, n.mailbox).Events
	s.follow(n)
	if s.queue.overflow {
		return
	}
	own := n.origin == c
	switch n.kind {
	case notifyproto.EventMailboxName:
		s.hearName(n, own)
	case notifyproto.EventSubscriptionChange:
		// SUBSCRIBED may have had the mailbox only before the change.
		if !own && (before | s.notify.For(&s.view, n.mailbox).Events).Has(n.kind) {
			s.queue.add(item{kind: listItem, mailbox: n.mailbox})
		}
	case notifyproto.EventMailboxMetadataChange, notifyproto.EventServerMetadataChange:
		s.hearMetadata(n)
	case notifyproto.EventMessageNew, notifyproto.EventMessageExpunge, notifyproto.EventFlagChange:
		grant := s.notify.For(&s.view, n.mailbox)
		if s.isSelecting && n.uid != 0 && !own {
			s.arrived = append(s.arrived, arrival{n.mailbox, n.uid})
		}
		switch {
		case !grant.Events.Has(n.kind):
		case own && (n.mailbox == s.view.Selected || !s.queue.hasStatus(n.mailbox) && !c.batch.hasStatus(n.mailbox)):
		case n.mailbox == s.view.Selected:
			s.queue.dirty, s.queue.untold = true, true
			if n.uid != 0 && len(grant.Fetch) > 0 {
				s.queue.addFresh(n.uid)
			}
		case n.kind != notifyproto.EventFlagChange || n.seen:
			// With an own change too, if a STATUS waits: it would be told
			// after the change, with numbers from before.
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
	if n.Event.Type == msgevent.TypeMailboxDelete && n.mailbox == s.view.Selected {
		// The session behind tells that its messages are gone, and stays
		// there; the name may come back for another mailbox.
		s.view.Selected = noMailbox
		s.hearGone(noMailbox)
	}
	if own {
		return
	}
	granted := func(mailbox string) bool {
		return mailbox != "" && s.notify.For(&s.view, mailbox).Events.Has(notifyproto.EventMailboxName)
	}
	if granted(n.mailbox) || granted(n.old) {
		s.queue.add(item{kind: listItem, mailbox: n.mailbox, old: n.old})
	}
	if n.old == "INBOX" {
		// It is still there: its messages have moved (RFC 3501, section 6.3.5).
		s.hearGone(n.old)
		s.addStatus(n.mailbox)
	}
	if parent := s.parent(n.mailbox); n.old == "" && granted(parent) {
		s.queue.add(item{kind: listItem, mailbox: parent})
	}
}

// noMailbox is the selected mailbox once it was deleted.
const noMailbox = "\x00"

// hearGone takes it that all messages of a mailbox are gone.
func (s *session) hearGone(mailbox string) {
	switch {
	case mailbox != s.view.Selected:
		s.addStatus(mailbox)
	case s.notify.For(&s.view, mailbox).Events.Has(notifyproto.EventMessageExpunge):
		s.queue.dirty, s.queue.untold = true, true
	}
}

// addStatus has the server behind asked for the STATUS of a mailbox, if the
// client wants to hear of its messages.
func (s *session) addStatus(mailbox string) {
	if mailbox != s.view.Selected && s.notify.For(&s.view, mailbox).Events.Has(notifyproto.EventMessageNew) {
		s.queue.add(item{kind: statusItem, mailbox: mailbox, counts: counts{all: true}})
	}
}

// hasStatus reports whether the STATUS of a mailbox waits.
func (q *queue) hasStatus(mailbox string) bool {
	return slices.ContainsFunc(q.items, func(it item) bool { return it.kind == statusItem && it.mailbox == mailbox })
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
	for _, name := range []string{n.mailbox, n.old} {
		if sel := s.view.Selected; len(sel) == len(name) && sel != name && strings.EqualFold(sel, name) && s.isInboxChild(name) {
			s.view.Selected = name // as the server behind spells it
		}
	}
	switch {
	case n.kind == notifyproto.EventSubscriptionChange && s.subscribed != nil:
		switch {
		case n.Event.Type == msgevent.TypeMailboxSubscribe:
			s.subscribed[n.mailbox] = true
		case s.learning:
			s.subscribed[n.mailbox] = false // newer than what LSUB will say
		default:
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

// isInboxChild reports whether a name is that of a mailbox below INBOX, which
// is INBOX in any case there, too, and of which only that differs from the
// name of the selected mailbox.
func (s *session) isInboxChild(name string) bool {
	const inbox = "INBOX"
	rest, ok := cutLevel(name, inbox, s.view.Delim)
	return ok && strings.HasSuffix(s.view.Selected, rest)
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
	// It may have other events by its name, beside "(selected NONE)".
	return grant.Events.Has(notifyproto.EventMessageNew) && (!grant.Delayed || s.idle)
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
