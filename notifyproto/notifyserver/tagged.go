package notifyserver

import (
	"bytes"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// tagged takes the tagged response of the client's command; rest follows the
// tag.
func (c *Conn) tagged(line, rest []byte) (verdict, []byte) {
	c.cmd.answered = true
	ok := bytes.HasPrefix(rest, []byte("OK"))
	c.completed(ok, rest)
	replaced := c.editCapabilities(line)

	owed := c.owed(ok)
	if len(c.resp.flags) > 0 {
		out := c.resp.appendHeld(nil)
		if replaced == nil {
			replaced = line
		}
		replaced = append(out, replaced...)
	}
	if len(owed) == 0 {
		return pass, replaced
	}
	if replaced == nil {
		replaced = bytes.Clone(line)
	}
	c.held = replaced
	c.ops = append(c.ops, owed...)
	return drop, nil
}

// completed notes what a command of the client's has done.
func (c *Conn) completed(ok bool, rest []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.session
	switch c.cmd.name {
	case "SELECT", "EXAMINE":
		switch {
		case ok:
			c.selected(selectedName(c.cmd.arguments()))
			if s.inForce {
				// What happened between the backend's answer and this moment
				// was taken for another mailbox.
				s.queue.dirty = true
				for _, a := range s.arrived {
					if a.mailbox == s.view.Selected && len(s.notify.For(&s.view, a.mailbox).Fetch) > 0 {
						s.queue.addFresh(a.uid)
					}
				}
				c.wakeForQueue()
			}
		case bytes.HasPrefix(rest, []byte("NO")):
			c.selected("")
		}
		s.isSelecting, s.arrived = false, nil
	case "CLOSE", "UNSELECT":
		if ok {
			c.selected("")
		}
	case "LOGIN", "AUTHENTICATE":
		if ok {
			s.loggedIn, s.user = true, c.cmd.user
			if c.cmd.device != "" {
				s.device, s.deviceFromLogin = c.cmd.device, true
			}
			if c.server.Presence != nil {
				c.server.Presence(s.user, s.device, true)
			}
		}
	case "UNAUTHENTICATE":
		if ok {
			c.logout()
		}
	}
}

// selected notes that another mailbox is selected, or none. The caller holds
// both locks.
func (c *Conn) selected(mailbox string) {
	s := &c.session
	_, untold := c.takeFresh()
	untold = untold || c.cmd.untold
	old := s.view.Selected
	s.view.Selected = mailbox
	s.queue.dirty, c.batch.dirty = false, false
	c.cmd.fresh, c.cmd.untold = nil, false
	c.resp.flags, c.resp.held, c.resp.lost = nil, 0, false
	for _, q := range []*queue{&s.queue, &c.batch} {
		// SELECT has told more than its STATUS would.
		q.items = slices.DeleteFunc(q.items, func(it item) bool { return it.kind == statusItem && it.mailbox == mailbox })
	}
	if untold && old != "" && old != noMailbox && !s.queue.overflow {
		// The client was to hear of a change and did not; from here on that is
		// told with a STATUS.
		s.addStatus(old)
		c.wakeForQueue()
	}
}

// selecting notes that another mailbox is about to be selected.
func (c *Conn) selecting() {
	c.mu.Lock()
	s := &c.session
	s.isSelecting, s.arrived = s.inForce, nil
	loggedIn := s.loggedIn
	c.mu.Unlock()
	if loggedIn {
		c.watch() // a rename changes the name of the selected mailbox
	}
}

// selectedName returns the mailbox that SELECT or EXAMINE named, "" if that is
// not known. imapserver takes modified UTF-7 and UTF-8, whatever is enabled.
func selectedName(arguments []byte) string {
	name, err := mailboxArgument(arguments, false)
	if err != nil {
		name, err = mailboxArgument(arguments, true)
	}
	if err != nil {
		return ""
	}
	return name
}

// owed returns the commands of the layer's own whose responses must come
// before the tagged response of the client's command: the attributes of new
// messages that it released, and flags that were too many to be kept.
func (c *Conn) owed(ok bool) []*op {
	if c.cmd.name == "LOGOUT" {
		return nil // the server behind reads no other command
	}
	var ops []*op
	if c.resp.lost {
		c.resp.lost = false
		ops = append(ops, &op{command: "FETCH 1:* (UID FLAGS)"})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.session
	fresh, untold := c.cmd.fresh, c.cmd.untold
	c.cmd.fresh, c.cmd.untold = nil, false
	switch c.cmd.name {
	case "FETCH", "STORE", "SEARCH":
		// The server behind would tell of expunges in UID FETCH, and none may
		// come while these are answered (RFC 3501, section 7.4.1).
		ok = false
	}
	if s.view.Selected == "" {
		return ops
	}
	if !ok && (untold || len(fresh) > 0) { // it told the client of nothing, or it is for later
		s.queue.putBack(fresh, true)
		s.queue.dirty = true
		c.wakeForQueue()
		return ops
	}
	if len(fresh) == 0 || len(s.notify.For(&s.view, s.view.Selected).Fetch) == 0 {
		return ops
	}
	return append(ops, s.fetchNew(fresh))
}

// fetchNew returns the command that fetches what is owed of new messages.
func (s *session) fetchNew(uids []imap.UID) *op {
	var set imap.UIDSet
	set.AddNum(uids...)
	grant := s.notify.For(&s.view, s.view.Selected)
	b := append([]byte("UID FETCH "), set.String()...)
	b = append(b, ' ')
	b = appendPeeking(b, grant.Fetch)
	return &op{command: string(b)}
}
