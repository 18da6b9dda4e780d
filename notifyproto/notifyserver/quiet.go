package notifyserver

import (
	"net"

	"github.com/emersion/go-imap/v2/imapserver"
)

// Quiet reports whether the server behind is at work on a command of the
// layer's own, by which the client must not be told of its selected mailbox: it
// did not ask for that, or for that only with its own commands (RFC 5465,
// section 6.1.2). The Poll method of a backend does nothing then; that of a
// session which [Publish] returned sees to it. conn is what imapserver.Conn's
// NetConn returns.
func Quiet(conn net.Conn) bool {
	c := within(conn)
	if c == nil {
		return false
	}
	c.wmu.Lock()
	defer c.wmu.Unlock()
	return c.busy && !c.ops[0].tells
}

// Poll implements imapserver.Session.
func (s *published) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if Quiet(s.origin()) {
		return nil
	}
	return s.Session.Poll(w, allowExpunge)
}
