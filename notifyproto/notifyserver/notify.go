package notifyserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/golemonade/lemonade/notifyproto"
)

// notifyInForce reports whether the client has used NOTIFY.
func (c *Conn) notifyInForce() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.inForce
}

// notify answers NOTIFY, RFC 5465, section 3.1. A command that is refused
// leaves the one before in force.
func (c *Conn) notify(tag string, text []byte) {
	c.mu.Lock()
	loggedIn, options := c.session.loggedIn, c.session.options()
	c.mu.Unlock()
	if !loggedIn {
		c.answer(tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "NOTIFY is for after login")
		return
	}
	if c.refuseUnknown(tag) {
		return
	}
	cmd, err := notifyproto.ParseCommand(text, options)
	set, isSet := cmd.(notifyproto.Set)
	if err == nil && isSet {
		err = c.check(set)
	}
	if refusal := notifyproto.StatusError(err); refusal != nil {
		c.say(appendStatus(nil, tag, (*imap.StatusResponse)(refusal)))
		return
	}
	if !isSet {
		c.mu.Lock()
		c.setNotify(cmd)
		c.takeFresh()
		c.session.queue.dirty, c.batch.dirty = false, false
		c.mu.Unlock()
		c.answer(tag, imap.StatusResponseTypeOK, "", "Nothing is told from now on")
		return
	}

	// First watch, then look: a change in between is told twice at most.
	c.mu.Lock()
	c.setNotify(cmd)
	selected := c.session.view.Selected
	c.mu.Unlock()
	c.watch()
	var ops []*op
	if selected != "" { // section 3.1: an implicit NOOP
		c.wmu.Lock()
		c.tellHeld()
		c.wmu.Unlock()
		c.mu.Lock()
		fresh, _ := c.takeFresh()
		c.session.queue.dirty, c.batch.dirty = false, false
		ops = append(ops, &op{command: "NOOP", tells: true})
		if len(fresh) > 0 && len(c.session.notify.For(&c.session.view, selected).Fetch) > 0 {
			ops = append(ops, c.session.fetchNew(fresh))
		}
		c.mu.Unlock()
	}
	ops = append(ops, c.delimOp(), c.subscribedOp())
	if set.Status {
		ops = append(ops, c.statusOp())
	}
	ops = append(ops, &op{done: func(bool) {
		c.sendOwn(appendStatus(nil, tag, &imap.StatusResponse{Type: imap.StatusResponseTypeOK, Text: "NOTIFY completed"}))
	}})
	c.wmu.Lock()
	c.ops = append(c.ops, ops...)
	c.wmu.Unlock()
}

// check applies the rules that the grammar does not have.
func (c *Conn) check(set notifyproto.Set) error {
	if err := set.Validate(); err != nil {
		return err
	}
	if err := set.CheckEvents(c.server.supported()...); err != nil {
		return err
	}
	if c.server.Source == nil {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "Nothing is known of changes here"}
	}
	for _, g := range set.Groups {
		for _, e := range g.Events {
			if n, ok := e.(notifyproto.MessageNew); ok {
				if len(appendPeeking(nil, n.Fetch)) > maxCapture {
					return &imap.Error{
						Type: imap.StatusResponseTypeBad, Code: imap.ResponseCodeTooBig,
						Text: "These are too many attributes",
					}
				}
				for _, att := range n.Fetch {
					if !fetchable(att) {
						return &imap.Error{
							Type: imap.StatusResponseTypeBad, Code: imap.ResponseCodeClientBug,
							Text: fmt.Sprintf("%s cannot be fetched here", att),
						}
					}
				}
			}
		}
	}
	return nil
}

// setNotify puts a command in force. The caller holds c.mu.
func (c *Conn) setNotify(cmd notifyproto.Command) {
	c.session.notify = notifyproto.Compile(cmd)
	c.session.inForce = true
	c.session.queue.overflow = false
	for _, q := range []*queue{&c.session.queue, &c.batch} {
		q.items = slices.DeleteFunc(q.items, func(it item) bool { return !c.session.wants(&it) })
	}
}

// wants reports whether the client still wants to hear of an item, for a
// NOTIFY that replaces another one.
func (s *session) wants(it *item) bool {
	granted := func(mailbox string, events notifyproto.EventSet) bool {
		return mailbox != "" && s.notify.For(&s.view, mailbox).Events&events != 0
	}
	switch it.kind {
	case statusItem:
		return granted(it.mailbox, notifyproto.EventMessageNew|notifyproto.EventMessageExpunge|notifyproto.EventFlagChange)
	case listItem:
		const events = notifyproto.EventMailboxName | notifyproto.EventSubscriptionChange
		return granted(it.mailbox, events) || granted(it.old, events)
	}
	return s.wantsMetadata(it.mailbox)
}

// watch begins to listen to what concerns the user, if it has not begun.
func (c *Conn) watch() {
	c.mu.Lock()
	user, watching := c.session.user, len(c.session.stop) > 0
	c.mu.Unlock()
	if watching {
		return
	}
	stop := []func(){c.server.changes.Watch(user, c.hear), c.server.changes.Watch(everybody, c.hear)}
	if c.server.Source != nil {
		stop = append(stop, c.server.Source.Watch(user, c.hear))
	}
	c.mu.Lock()
	c.session.stop = stop
	c.mu.Unlock()
}

// delimOp learns the hierarchy delimiter.
func (c *Conn) delimOp() *op {
	if c.delim() != 0 {
		return &op{}
	}
	return &op{command: `LIST "" ""`, captures: "LIST", captured: func(frame []byte) {
		if r, err := notifyproto.ParseResponse(frame, nil); err == nil {
			if l, ok := r.(notifyproto.List); ok {
				c.mu.Lock()
				c.session.view.Delim = l.Delim
				c.mu.Unlock()
			}
		}
	}}
}

// subscribedOp learns the subscriptions; from then on events change them.
func (c *Conn) subscribedOp() *op {
	c.mu.Lock()
	known, options := c.session.subscribed != nil, c.session.options()
	if !known {
		c.session.subscribed, c.session.learning = make(map[string]bool), true
	}
	c.mu.Unlock()
	if known {
		return &op{}
	}
	return &op{command: `LSUB "" "*"`, captures: "LSUB", captured: func(frame []byte) {
		// The data are those of LIST (RFC 3501, section 7.2.3).
		frame = append([]byte("* LIST"), strings.TrimPrefix(string(frame), "* LSUB")...)
		r, err := notifyproto.ParseResponse(frame, options)
		if l, ok := r.(notifyproto.List); ok && err == nil {
			c.mu.Lock()
			if _, heard := c.session.subscribed[l.Mailbox]; !heard { // an event is newer
				c.session.subscribed[l.Mailbox] = true
			}
			c.mu.Unlock()
		}
	}, done: func(bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.session.learning = false
		maps.DeleteFunc(c.session.subscribed, func(_ string, is bool) bool { return !is })
	}}
}

// statusOp asks for STATUS of the mailboxes that the client wants to hear of
// (RFC 5465, section 3.1). The responses go to the client as they come.
func (c *Conn) statusOp() *op {
	var names []string
	c.mu.Lock()
	options := c.session.options()
	c.mu.Unlock()
	return &op{
		command: `LIST "" "*"`, captures: "LIST",
		captured: func(frame []byte) {
			r, err := notifyproto.ParseResponse(frame, options)
			l, ok := r.(notifyproto.List)
			if ok && err == nil && !hasAttr(l.Attrs, imap.MailboxAttrNoSelect) && !hasAttr(l.Attrs, imap.MailboxAttrNonExistent) {
				names = append(names, l.Mailbox)
			}
		},
		done: func(bool) {
			c.mu.Lock()
			defer c.mu.Unlock()
			s := &c.session
			var ops []*op
			for _, name := range names {
				if items := s.notify.StatusFor(&s.view, name, false); items != nil {
					ops = append(ops, &op{command: "STATUS " + astring(name) + " (" + strings.Join(items, " ") + ")"})
				}
			}
			c.ops = append(ops, c.ops...)
		},
	}
}

// astring returns a mailbox name as imapserver reads it, which is in modified
// UTF-7 whatever is enabled. Names come from it, so that they can be written.
func astring(mailbox string) string {
	b, err := imapsyntax.AppendMailbox(nil, mailbox, false)
	if err != nil {
		return `""`
	}
	return string(b)
}

// mailboxArgument returns the mailbox that a command's arguments name first.
// arguments begin with the command's name.
func mailboxArgument(arguments []byte, utf8 bool) (string, error) {
	s := imapsyntax.NewScanner(arguments)
	s.UTF8 = utf8
	if _, err := s.Atom(); err != nil {
		return "", err
	}
	if err := s.SP(); err != nil {
		return "", err
	}
	return s.Mailbox()
}

// fetchable reports whether imapserver can fetch an attribute.
func fetchable(att notifyproto.FetchAtt) bool {
	name, _, section := strings.Cut(string(att), "[")
	switch name {
	case "ENVELOPE", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "UID", "BODY", "BODYSTRUCTURE", "RFC822", "RFC822.HEADER", "RFC822.TEXT":
		return true
	case "BODY.PEEK", "BINARY", "BINARY.PEEK", "BINARY.SIZE":
		return section
	}
	return false
}

// appendPeeking appends a list of attributes of which none sets \Seen (RFC
// 5465, section 5.2).
func appendPeeking(b []byte, atts []notifyproto.FetchAtt) []byte {
	b = append(b, '(')
	for i, att := range atts {
		if i > 0 {
			b = append(b, ' ')
		}
		s := string(att)
		switch {
		case s == "RFC822":
			s = "BODY.PEEK[]"
		case s == "RFC822.TEXT":
			s = "BODY.PEEK[TEXT]"
		case strings.HasPrefix(s, "BODY["):
			s = "BODY.PEEK" + s[len("BODY"):]
		case strings.HasPrefix(s, "BINARY["):
			s = "BINARY.PEEK" + s[len("BINARY"):]
		}
		b = append(b, s...)
	}
	return append(b, ')')
}
