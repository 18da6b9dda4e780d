package notifyserver

import (
	"bytes"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/notifyproto"
)

// AnnotationsChanged tells those who want to know that annotations changed. It
// is the OnChange of the store that s has.
func (s *Server) AnnotationsChanged(change annotations.Change) {
	if change.Kind != annotations.ChangeSet {
		return // the mailbox is told of
	}
	n := &Notice{kind: notifyproto.EventMailboxMetadataChange, mailbox: change.Mailbox, change: &change}
	user := change.Subject.User
	if change.Mailbox == "" {
		n.kind = notifyproto.EventServerMetadataChange
		for _, e := range change.Entries {
			if e.Entry.Scope() == annotations.ScopeShared && !annotations.PerDevice(e.Entry) {
				user = everybody
			}
		}
	}
	s.changes.publish(user, n)
}

// everybody stands for all users among those who watch changes. It is no
// user's name.
const everybody = ""

// hearMetadata takes a change of annotations. It is told if NOTIFY asks for it
// (RFC 5465, sections 5.6 and 5.7), or ENABLE did (RFC 5464, section 4.1).
func (s *session) hearMetadata(n *Notice) {
	subject := annotations.Subject{User: s.user, Device: s.device}
	var entries []string
	for _, e := range n.change.Entries {
		if annotations.Visible(e.Entry, n.change.Subject, subject) {
			entries = append(entries, string(e.Entry))
		}
	}
	if len(entries) == 0 || !s.wantsMetadata(n.mailbox) {
		return
	}
	if w := s.writes; w != nil && n.change.Subject == subject && n.mailbox == w.mailbox {
		// This may be what this connection is about to do.
		w.heard = append(w.heard, entries)
		return
	}
	s.queue.add(item{kind: metadataItem, mailbox: n.mailbox, entries: entries})
}

// wantsMetadata reports whether the client wants to hear of the annotations of
// a mailbox, or of the server.
func (s *session) wantsMetadata(mailbox string) bool {
	if mailbox == "" {
		return s.enabled.metadata || s.enabled.server || s.notify.ServerMetadata()
	}
	return s.enabled.metadata || s.notify.For(&s.view, mailbox).Events.Has(notifyproto.EventMailboxMetadataChange)
}

// writes is a SETMETADATA at work.
type writes struct {
	mailbox string
	heard   [][]string // changes by the same user and device meanwhile
}

// enable answers ENABLE METADATA and ENABLE METADATA-SERVER (RFC 5464, section
// 4.1) and leaves the rest of ENABLE to the server behind.
func (c *Conn) enable(cmd *command, text []byte) {
	c.mu.Lock()
	loggedIn := c.session.loggedIn
	c.mu.Unlock()
	var ours, theirs []string
	for _, name := range bytes.Fields(text)[1:] {
		switch upper := strings.ToUpper(string(name)); upper {
		case "METADATA", "METADATA-SERVER":
			ours = append(ours, upper)
		default:
			theirs = append(theirs, string(name))
		}
	}
	if !loggedIn || len(ours) == 0 {
		c.pass(cmd.text)
		return
	}
	if c.refuseUnknown(cmd.tag) {
		return
	}
	if bytes.IndexByte(text, '{') >= 0 {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "ENABLE has no literals")
		return
	}
	c.mu.Lock()
	c.session.enabled.metadata = c.session.enabled.metadata || slices.Contains(ours, "METADATA")
	c.session.enabled.server = true
	c.mu.Unlock()
	c.watch()
	if len(theirs) == 0 {
		c.say([]byte("* ENABLED " + strings.Join(ours, " ") + "\r\n"))
		c.answer(cmd.tag, imap.StatusResponseTypeOK, "", "ENABLE completed")
		return
	}
	c.wmu.Lock()
	c.cmd.enables = ours
	c.wmu.Unlock()
	c.pass([]byte(cmd.tag + " ENABLE " + strings.Join(theirs, " ") + "\r\n"))
}

// getMetadata answers GETMETADATA, RFC 5464, section 4.2.
func (c *Conn) getMetadata(tag string, text []byte) {
	options, subject, ok := c.metadataSubject(tag)
	if !ok {
		return
	}
	get, err := annotations.ParseGetMetadata(text, options)
	if err == nil {
		err = get.Validate()
	}
	if c.refuseMetadata(tag, err) {
		return
	}
	c.withMailbox(tag, get.Mailbox, func() []byte {
		values, err := c.server.Store.Get(subject, get.Mailbox, get.Entries, get.Depth)
		if err != nil {
			return metadataFailure(tag, err)
		}
		values, longest := get.Select(values)
		var b []byte
		if len(values) > 0 {
			if b, err = annotations.AppendMetadataResponse(nil, get.Mailbox, values, options); err != nil {
				return metadataFailure(tag, err)
			}
			b = append(b, "\r\n"...)
		}
		ok := imap.StatusResponse{Type: imap.StatusResponseTypeOK, Text: "GETMETADATA completed"}
		if longest > 0 {
			ok.Code = annotations.LongEntries(longest).ResponseCode()
		}
		return appendStatus(b, tag, &ok)
	})
}

// setMetadata answers SETMETADATA, RFC 5464, section 4.3.
func (c *Conn) setMetadata(tag string, text []byte) {
	options, subject, ok := c.metadataSubject(tag)
	if !ok {
		return
	}
	set, err := annotations.ParseSetMetadata(text, options)
	if err == nil {
		err = set.Validate()
	}
	if c.refuseMetadata(tag, err) {
		return
	}
	c.withMailbox(tag, set.Mailbox, func() []byte {
		c.mu.Lock()
		w := &writes{mailbox: set.Mailbox}
		c.session.writes = w
		c.mu.Unlock()

		err := c.server.Store.Set(subject, set.Mailbox, set.Entries)

		c.mu.Lock()
		c.session.writes = nil
		if err != nil || len(w.heard) != 1 {
			// Not all of it can be this connection's own: better to say too
			// much than to keep somebody else's change back.
			for _, entries := range w.heard {
				c.session.queue.add(item{kind: metadataItem, mailbox: set.Mailbox, entries: entries})
			}
			c.wakeForQueue()
		}
		c.mu.Unlock()
		if err != nil {
			return metadataFailure(tag, err)
		}
		return appendStatus(nil, tag, &imap.StatusResponse{Type: imap.StatusResponseTypeOK, Text: "SETMETADATA completed"})
	})
}

// metadataSubject returns how to read the command and whose it is. Before
// login the command is refused.
func (c *Conn) metadataSubject(tag string) (*annotations.Options, annotations.Subject, bool) {
	c.mu.Lock()
	s := &c.session
	loggedIn := s.loggedIn
	options := &annotations.Options{UTF8: s.utf8}
	subject := annotations.Subject{User: s.user, Device: s.device}
	c.mu.Unlock()
	if !loggedIn {
		c.answer(tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "METADATA is for after login")
	}
	return options, subject, loggedIn && !c.refuseUnknown(tag)
}

func (c *Conn) refuseMetadata(tag string, err error) bool {
	if err == nil {
		return false
	}
	c.say(metadataFailure(tag, err))
	return true
}

func metadataFailure(tag string, err error) []byte {
	e := annotations.StatusError(err)
	if e == nil {
		e = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "Annotations are not available"}
	}
	return appendStatus(nil, tag, (*imap.StatusResponse)(e))
}

// withMailbox writes what answer returns, if the user has the mailbox or it is
// empty, for the server; otherwise the command is refused (RFC 5464, section
// 3.3).
func (c *Conn) withMailbox(tag, mailbox string, answer func() []byte) {
	if mailbox == "" {
		c.say(answer())
		return
	}
	c.mu.Lock()
	options := c.session.options()
	c.mu.Unlock()
	found := false
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.ops = append(c.ops, &op{
		command: `LIST "" ` + astring(mailbox), tells: true, captures: "LIST",
		captured: func(frame []byte) {
			r, err := notifyproto.ParseResponse(frame, options)
			l, ok := r.(notifyproto.List)
			found = found || ok && err == nil && l.Mailbox == mailbox &&
				!hasAttr(l.Attrs, imap.MailboxAttrNonExistent) && !hasAttr(l.Attrs, imap.MailboxAttrNoSelect)
		},
		done: func(bool) {
			if found {
				c.sendOwn(answer())
				return
			}
			c.sendOwn(appendStatus(nil, tag, &imap.StatusResponse{
				Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "There is no such mailbox",
			}))
		},
	})
}
