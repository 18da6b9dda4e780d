package notifyserver

import (
	"bytes"

	"github.com/emersion/go-imap/v2"
)

// idle answers IDLE while a NOTIFY is in force: the client is told exactly
// what NOTIFY asked for (RFC 5465, section 4), and with SELECTED-DELAYED what
// was held back (section 6.1.2). The server behind never sees it, because its
// IDLE would tell more.
func (c *Conn) idle(cmd *command) {
	c.mu.Lock()
	loggedIn := c.session.loggedIn
	c.session.idle = loggedIn
	if loggedIn {
		c.session.queue.dirty = true // tell what is there already
	}
	c.mu.Unlock()
	if !loggedIn {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "IDLE is for after login")
		return
	}
	c.state = inIdle
	c.say([]byte("+ idling\r\n"))
}

// done takes the line that ends IDLE.
func (c *Conn) done(line []byte) {
	done := bytes.EqualFold(bytes.TrimRight(line, "\r\n"), []byte("DONE"))
	c.use(len(line))
	c.state = atCommand
	c.mu.Lock()
	c.session.idle = false
	c.mu.Unlock()
	if !done {
		c.answer(c.cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "IDLE ends with DONE")
		return
	}
	c.answer(c.cmd.tag, imap.StatusResponseTypeOK, "", "IDLE completed")
}
