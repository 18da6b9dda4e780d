package notifyserver

import (
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/notifyproto"
)

// advance does what is due between commands: it gives the server behind the
// layer's own commands, and writes notifications.
func (c *Conn) advance() {
	for c.err == nil {
		if c.startOp() || !c.tell(true) {
			return
		}
	}
}

// tellWhatNeedsNoServer writes notifications while the client is in the middle
// of a command: those before which nothing has to be asked.
func (c *Conn) tellWhatNeedsNoServer() {
	for c.err == nil && c.tell(false) {
	}
}

// tell writes the next notifications, or has the server behind asked for what
// they need. It reports whether it did something.
func (c *Conn) tell(serverIdle bool) bool {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.resp.begun() {
		c.resp.waits = true // until the server behind has written it whole
		return false
	}
	c.mu.Lock()
	s := &c.session
	if c.batch.empty() {
		if s.queue.empty() {
			c.mu.Unlock()
			return false
		}
		if now := time.Now(); s.notUntil.After(now) {
			c.wakeForQueue()
			c.mu.Unlock()
			return false
		} else if len(s.queue.items) > 0 || s.queue.overflow || s.queue.dirty && s.toldOfSelected() {
			s.notUntil = now.Add(coalesce)
		}
		c.takeBatch()
	}
	q := &c.batch
	var b []byte
	for len(q.items) > 0 {
		more, ok := s.append(b, &q.items[0])
		if !ok {
			break
		}
		b = more
		q.items = q.items[1:]
	}
	if q.overflow {
		*q = queue{}
		b, _ = notifyproto.AppendResponse(b, notifyproto.Overflow{Text: "Too much happened at once; nothing more is told until the next NOTIFY"}, nil)
		b = append(b, "\r\n"...)
		s.notify = nothing
	}
	var next *op
	if len(b) == 0 && serverIdle {
		next = c.ask(q)
	}
	c.mu.Unlock()
	switch {
	case len(b) > 0:
		c.sendOwn(b)
	case next != nil:
		c.ops = append(c.ops, next)
	default:
		return false
	}
	return true
}

// takeBatch takes from the queue what can be told now. The caller holds c.mu.
func (c *Conn) takeBatch() {
	q := &c.session.queue
	c.batch = queue{items: q.items, overflow: q.overflow}
	q.items, q.size, q.overflow = nil, freshSize*len(q.fresh), false
	if c.session.toldOfSelected() {
		c.batch.dirty, c.batch.untold, c.batch.fresh = q.dirty, q.untold, q.fresh
		q.dirty, q.untold, q.fresh, q.size = false, false, nil, 0
	}
}

// ask takes the first thing from the batch for which the server behind must be
// asked. The caller holds c.mu.
func (c *Conn) ask(q *queue) *op {
	s := &c.session
	switch {
	case len(q.items) > 0:
		it := q.items[0]
		q.items = q.items[1:]
		if it.kind == listItem {
			return c.listOp(it)
		}
		return &op{command: "STATUS " + astring(it.mailbox) + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"}
	case q.dirty:
		q.dirty, q.untold = false, false
		hold := !s.notify.For(&s.view, s.view.Selected).Events.Has(notifyproto.EventFlagChange)
		return &op{command: "NOOP", tells: true, holdFlags: hold}
	case len(q.fresh) > 0:
		fresh := q.fresh
		q.fresh = nil
		if len(s.notify.For(&s.view, s.view.Selected).Fetch) > 0 { // still
			return s.fetchNew(fresh)
		}
	}
	return nil
}

// append appends a notification that needs nothing of the server behind.
func (s *session) append(b []byte, it *item) ([]byte, bool) {
	var r notifyproto.Response
	switch it.kind {
	case metadataItem:
		r = notifyproto.Metadata{Mailbox: it.mailbox, Entries: it.entries}
	case statusItem:
		if !it.counts.complete() {
			return b, false
		}
		r = it.status()
	default:
		return b, false
	}
	more, err := notifyproto.AppendResponse(b, r, s.options())
	if err != nil {
		return b, true // a name that cannot be written: nobody can have it
	}
	return append(more, "\r\n"...), true
}

// status returns the STATUS response of an item. RFC 5465, sections 5.1 to 5.3
// ask for the first two where messages came or went; UIDVALIDITY tells whether
// they are what they were, and UNSEEN what most clients show.
func (it *item) status() notifyproto.Status {
	var items []notifyproto.StatusItem
	if it.counts.all {
		items = append(items,
			notifyproto.StatusItem{Name: "MESSAGES", Value: uint64(*it.counts.messages)},
			notifyproto.StatusItem{Name: "UIDNEXT", Value: uint64(it.counts.uidNext)})
	}
	return notifyproto.Status{Mailbox: it.mailbox, Items: append(items,
		notifyproto.StatusItem{Name: "UIDVALIDITY", Value: uint64(it.counts.uidValidity)},
		notifyproto.StatusItem{Name: "UNSEEN", Value: uint64(*it.counts.unseen)})}
}

// listOp looks a name up and tells what it stands for.
func (c *Conn) listOp(it item) *op {
	var found *notifyproto.List
	options := c.session.options()
	return &op{
		command:  `LIST "" ` + astring(it.mailbox) + " RETURN (SUBSCRIBED CHILDREN)",
		captures: "LIST",
		captured: func(frame []byte) {
			r, err := notifyproto.ParseResponse(frame, options)
			l, ok := r.(notifyproto.List)
			if options.UTF8 {
				// QUIRK: imapserver beta.8 writes "&" as "&-" in UTF-8, too.
				l.Mailbox = strings.ReplaceAll(l.Mailbox, "&-", "&")
			}
			if ok && err == nil && l.Mailbox == it.mailbox {
				found = &l
			}
		},
		done: func(bool) {
			if found == nil {
				found = &notifyproto.List{Mailbox: it.mailbox, Delim: c.delim()}
				found.Attrs = []imap.MailboxAttr{imap.MailboxAttrNonExistent}
			} else if hasAttr(found.Attrs, imap.MailboxAttrNoSelect) && !hasAttr(found.Attrs, imap.MailboxAttrNonExistent) {
				// A name that only has children is no mailbox (RFC 5465,
				// section 5.4).
				found.Attrs = append(found.Attrs, imap.MailboxAttrNonExistent)
			}
			found.OldName = it.old
			if b, err := notifyproto.AppendResponse(nil, *found, options); err == nil {
				c.sendOwn(append(b, "\r\n"...))
			}
		},
	}
}

func hasAttr(attrs []imap.MailboxAttr, attr imap.MailboxAttr) bool {
	for _, a := range attrs {
		if a == attr {
			return true
		}
	}
	return false
}

// delim returns the hierarchy delimiter.
func (c *Conn) delim() rune {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.view.Delim
}

// options returns how names are written on this connection.
func (s *session) options() *notifyproto.Options {
	return &notifyproto.Options{UTF8: s.utf8}
}
