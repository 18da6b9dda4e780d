package memstore

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/stretchr/testify/require"
)

// RFC 3501, sections 6.3.2 and 6.4.2.
func TestReadOnly(t *testing.T) {
	h := newHarness(t)
	c := h.connect(t)
	c.ok("CREATE a")
	c.appendMessage("INBOX", `(\Deleted)`, "Subject: x\r\n\r\ny")
	rs := lines(c.ok("EXAMINE INBOX"))
	require.Contains(t, rs, "OK [PERMANENTFLAGS ()] Permanent flags")
	h.takeEvents()
	for _, command := range []string{
		`STORE 1 FLAGS (\Seen)`, `UID STORE 1 +FLAGS.SILENT (\Seen)`, "STORE 1 -FLAGS ()",
		"EXPUNGE", "UID EXPUNGE 1", "MOVE 1 a", "UID MOVE 1 INBOX",
	} {
		c.fails("NO", "", command)
	}
	require.Equal(t, []string{`1 FETCH (FLAGS (\Deleted))`}, lines(c.ok("FETCH 1 FLAGS")))
	c.ok("FETCH 1 BODY[]") // does not set \Seen
	require.Empty(t, h.takeEvents())
	require.Empty(t, c.ok("CLOSE"))
	require.Empty(t, h.takeEvents())
	require.Equal(t, []string{"STATUS INBOX (MESSAGES 1 UNSEEN 1)"}, lines(c.ok("STATUS INBOX (MESSAGES UNSEEN)")))
	c.ok("EXAMINE INBOX")
	c.ok("COPY 1 a") // changes nothing here
	c.ok("SELECT INBOX")
	require.Empty(t, c.ok("CLOSE"))
	require.Equal(t, []string{"STATUS INBOX (MESSAGES 0)"}, lines(c.ok("STATUS INBOX (MESSAGES)")))
	c.ok("SELECT a")
	c.ok("UNSELECT") // RFC 3691: expunges nothing
	require.Equal(t, []string{"STATUS \"a\" (MESSAGES 1)"}, lines(c.ok("STATUS a (MESSAGES)")))
}

// A session may delete the mailbox that it has selected, and others have.
func TestDeleteSelected(t *testing.T) {
	h := newHarness(t)
	c, other, idle := h.connect(t), h.connect(t), h.connect(t)
	c.ok("CREATE a")
	c.appendMessage("a", `(\Deleted)`, "x")
	c.appendMessage("a", "", "y")
	for _, c := range []*client{c, other, idle} {
		c.ok("SELECT a")
	}
	tag := idle.idle()
	require.Equal(t, []string{"2 EXPUNGE", "1 EXPUNGE"}, lines(c.ok("DELETE a")))
	require.Equal(t, "* 2 EXPUNGE\r\n", idle.read().raw)
	require.Equal(t, "* 1 EXPUNGE\r\n", idle.read().raw)
	require.Equal(t, "OK", idle.done(tag).status)
	// Until it may be told, the other one keeps what it sees (RFC 2180,
	// section 4.1) and cannot change it.
	require.Equal(t, []string{"1 FETCH (BODY[] {1}\r\nx)"}, lines(other.ok("FETCH 1 BODY[]")))
	other.fails("NO", "EXPUNGEISSUED", `STORE 1:2 FLAGS (\Seen)`)
	other.ok(`STORE 1:2 FLAGS.SILENT (\Seen)`) // RFC 2180, section 4.2.1
	other.fails("NO", "EXPUNGEISSUED", "COPY 1 INBOX")
	require.Equal(t, []string{"SEARCH"}, lines(other.ok("SEARCH ALL")))
	h.takeEvents()
	require.Equal(t, []string{"2 EXPUNGE", "1 EXPUNGE"}, lines(other.ok("EXPUNGE")))
	require.Empty(t, h.takeEvents())
	other.ok("CLOSE")
	other.fails("NO", "NONEXISTENT", "SELECT a")
}

// RFC 2177. What happened before IDLE began is not lost.
func TestIdle(t *testing.T) {
	h := newHarness(t)
	c, other := h.connect(t), h.connect(t)
	c.appendMessage("INBOX", "", "x")
	c.ok("SELECT INBOX")
	other.ok("SELECT INBOX")
	other.appendMessage("INBOX", "", "y")
	other.ok("STORE 1 FLAGS (kw)")
	tag := c.idle()
	require.Equal(t, "* 1 FETCH (UID 1 FLAGS (kw))\r\n", c.read().raw)
	require.Equal(t, "* 2 EXISTS\r\n", c.read().raw)
	_, err := h.store.Deliver(&Delivery{Rcpt: "ann@example.org", Message: []byte("z"), Service: "lmtp"})
	require.NoError(t, err)
	require.Equal(t, "* 3 EXISTS\r\n", c.read().raw)
	other.ok("NOOP")
	other.ok("STORE 1,3 FLAGS (\\Deleted)")
	require.Equal(t, "* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n", c.read().raw)
	require.Equal(t, "* 3 FETCH (UID 3 FLAGS (\\Deleted))\r\n", c.read().raw)
	other.ok("EXPUNGE")
	require.Equal(t, "* 3 EXPUNGE\r\n", c.read().raw)
	require.Equal(t, "* 1 EXPUNGE\r\n", c.read().raw)
	res := c.done(tag)
	require.Equal(t, "OK", res.status)
	require.Empty(t, res.untagged)
	// Without a mailbox there is nothing to tell.
	c.ok("UNSELECT")
	require.Empty(t, c.done(c.idle()).untagged)
}

// imapserver goes on with the next command while Idle may not even have begun
// if the client is quick and the end of IDLE is malformed, and closes the
// session behind it if the connection breaks.
func TestIdleCutShort(t *testing.T) {
	h := newHarness(t)
	for range 200 {
		c := h.connect(t)
		c.ok("SELECT INBOX")
		c.write("I IDLE\r\nNONSENSE\r\n")
		require.Equal(t, "BAD", c.wait("I").status)
		c.ok("UNAUTHENTICATE")
		c.ok("LOGIN ann secret")
		c.write("I2 IDLE\r\nNONSENSE\r\n")
		require.NoError(t, c.conn.Close())
	}
	// Idle that comes too late says and does nothing.
	stop := make(chan struct{})
	close(stop)
	require.NoError(t, (&Session{}).Idle(nil, stop))
}

// A client that asks for much and reads nothing must not hold up the others:
// no lock is held while a connection is written to.
func TestSlowReader(t *testing.T) {
	h := newHarness(t)
	big := make([]byte, 64<<20) // more than the buffers of a connection
	_, err := h.store.Deliver(&Delivery{Rcpt: "ann", Message: big})
	require.NoError(t, err)
	slow, idleSlow, c := h.connect(t), h.connect(t), h.connect(t)
	slow.ok("SELECT INBOX")
	idleSlow.ok("SELECT INBOX")
	slow.send("FETCH 1 BODY[]")
	idleSlow.send("UID FETCH 1 BODY[]")
	// The first octets of the answers are here: both are being written.
	_, err = slow.br.Peek(1)
	require.NoError(t, err)
	_, err = idleSlow.br.Peek(1)
	require.NoError(t, err)

	c.ok("SELECT INBOX")
	c.appendMessage("INBOX", "", "x")
	c.ok("STORE 2 +FLAGS (\\Deleted)")
	c.ok("CREATE a")
	c.ok("COPY 1 a")
	c.ok("EXPUNGE")
	require.Equal(t, []string{"SEARCH 1"}, lines(c.ok("SEARCH ALL")))
	c.ok(`LIST "" *`)
	_, err = h.store.Deliver(&Delivery{Rcpt: "ann", Message: []byte("y")})
	require.NoError(t, err)
	require.Equal(t, "* 2 EXISTS\r\n", c.waitLine(c.send("NOOP")))
}

// waitLine returns the one untagged response of the answer with that tag.
func (c *client) waitLine(tag string) string {
	c.tb.Helper()
	res := c.wait(tag)
	require.Len(c.tb, res.untagged, 1)
	return res.untagged[0].raw
}

// The same for an idle client that does not read: its session waits in Idle.
func TestSlowIdle(t *testing.T) {
	h := newHarness(t)
	c := h.connect(t)
	c.ok("SELECT INBOX")
	for range 2000 {
		_, err := h.store.Deliver(&Delivery{Rcpt: "ann", Message: []byte("x")})
		require.NoError(t, err)
	}
	// A pipe has no buffer: the first word to it waits for a reader.
	server, conn := net.Pipe()
	t.Cleanup(func() { _ = conn.Close() })
	slow := &client{tb: t, conn: conn, br: bufio.NewReader(conn)}
	servePipe(t, h, server)
	slow.read()
	slow.ok("LOGIN ann secret")
	slow.ok("SELECT INBOX")
	slow.idle()
	c.ok("NOOP")
	for _, flag := range []string{"a", "b", "c"} {
		c.ok("STORE 1:* +FLAGS.SILENT (" + flag + ")")
		c.appendMessage("INBOX", "", "y")
	}
	require.Contains(t, slow.read().raw, "* 1 FETCH")
}

func servePipe(tb testing.TB, h *harness, conn net.Conn) {
	tb.Helper()
	ln := &pipeListener{conns: make(chan net.Conn, 1), done: make(chan struct{})}
	ln.conns <- conn
	serveOn(tb, ln, Caps(), h.session)
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (ln *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-ln.conns:
		return conn, nil
	case <-ln.done:
		return nil, net.ErrClosed
	}
}

func (ln *pipeListener) Close() error   { close(ln.done); return nil }
func (ln *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// EXPUNGE responses are withheld in FETCH, STORE and SEARCH, RFC 3501, section
// 7.4.1, and what is new meanwhile comes after the messages that are gone.
func TestWithheldExpunge(t *testing.T) {
	h := newHarness(t)
	c, other := h.connect(t), h.connect(t)
	for range 3 {
		c.appendMessage("INBOX", "", "x")
	}
	c.ok("SELECT INBOX")
	other.ok("SELECT INBOX")
	other.ok(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
	other.ok("EXPUNGE")
	other.appendMessage("INBOX", "", "new")
	require.Equal(t, []string{`2 FETCH (FLAGS ())`, "4 EXISTS"}, lines(c.ok("FETCH 2 FLAGS")))
	require.Equal(t, []string{`4 FETCH (UID 4)`}, lines(c.ok("FETCH * UID")))
	require.Equal(t, []string{"SEARCH 2 4"}, lines(c.ok("SEARCH ALL")))
	require.Equal(t, []string{`2 FETCH (FLAGS (kw))`}, lines(c.ok("STORE 2 +FLAGS (kw)")))
	require.Equal(t, []string{"3 EXPUNGE", "1 EXPUNGE"}, lines(c.ok("NOOP")))
	require.Equal(t, []string{`1 FETCH (UID 2)`, `2 FETCH (UID 4)`}, lines(c.ok("FETCH 1:* UID")))
}

// RFC 9051: the LIST response in SELECT, and ESEARCH without RETURN.
func TestIMAP4rev2(t *testing.T) {
	c := newHarness(t).connect(t)
	c.ok("ENABLE IMAP4rev2")
	require.Contains(t, lines(c.ok("SELECT inbox")), `LIST (\HasNoChildren) "/" INBOX`)
	c.appendMessage("INBOX", "", "x")
	require.Equal(t, []string{`ESEARCH (TAG "T5") ALL 1`}, lines(c.ok("SEARCH ALL")))
}

func TestLogin(t *testing.T) {
	h := newHarness(t)
	c := h.connect(t)
	events := h.takeEvents()
	require.Len(t, events, 1)
	require.Equal(t, msgevent.TypeLogin, events[0].Type)
	require.Equal(t, "imap://mail.example.org/", strings.TrimSuffix(events[0].URI, "/")+"/")
	require.Equal(t, c.conn.LocalAddr().String(), (&net.TCPAddr{IP: events[0].ClientIP.AsSlice(), Port: int(events[0].ClientPort)}).String())
	c.ok("SELECT INBOX")
	c.ok("UNAUTHENTICATE") // RFC 8437
	c.fails("NO", "AUTHENTICATIONFAILED", "LOGIN ann wrong")
	c.fails("NO", "AUTHENTICATIONFAILED", "LOGIN nobody secret")
	c.ok("LOGIN ann secret")
	c.fails("BAD", "CLIENTBUG", "FETCH 1 FLAGS")
	c.ok("LOGOUT")
	_, err := c.br.ReadByte() // until the server has closed the session
	require.Error(t, err)
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.events) == 3
	}, deadline, time.Millisecond)
	events = h.takeEvents()
	require.Equal(t, []msgevent.Type{msgevent.TypeLogout, msgevent.TypeLogin, msgevent.TypeLogout},
		[]msgevent.Type{events[0].Type, events[1].Type, events[2].Type})
}

func TestStore(t *testing.T) {
	_, err := New(&Options{Host: "[bad"})
	require.Error(t, err)
	s, err := New(nil)
	require.NoError(t, err)
	require.NoError(t, s.AddUser("ann", ""))
	for _, name := range []string{"ann", "", "a b", "a@b", "a/b", "a\nb", "\x7f"} {
		require.Error(t, s.AddUser(name, ""), name)
	}
	require.True(t, s.HasUser("ann@example.org"))
	require.False(t, s.HasUser("bob@example.org"))
	_, err = s.Deliver(&Delivery{Rcpt: "bob@example.org"})
	require.ErrorIs(t, err, ErrNoUser)
	for want := range 3 {
		uid, err := s.Deliver(&Delivery{Rcpt: "ann"})
		require.NoError(t, err)
		require.Equal(t, imap.UID(want+1), uid)
	}
}

// RFC 5423, sections 4.1 and 4.2: what the receiver of an event does with it
// is its own business.
func TestEvents(t *testing.T) {
	h := newHarness(t)
	c := h.connect(t)
	c.appendMessage("INBOX", `(b \Seen a)`, "x")
	c.appendMessage("INBOX", "", "y")
	events := h.takeEvents()
	require.Len(t, events, 3)
	e := events[1]
	require.Equal(t, flags{`\Seen`, "a", "b"}, e.Flags)
	require.Equal(t, int64(1), *e.MessageSize)
	require.Equal(t, "imap", e.Service)
	clear(e.Flags)
	c.ok("SELECT INBOX")
	require.Equal(t, []string{`1 FETCH (FLAGS (\Seen a b))`}, lines(c.ok("FETCH 1 FLAGS")))

	c.ok(`STORE 1:2 FLAGS (\Seen \Deleted \Answered)`)
	var got []string
	for _, e := range h.takeEvents() {
		got = append(got, string(e.Type)+" "+e.UIDs.String()+" "+flagSetOfFlags(e.Flags).String())
	}
	// One event for all messages that changed alike; MessageRead and
	// MessageTrash stand for \Seen and \Deleted.
	require.Equal(t, []string{
		"MessageTrash 1 ", `FlagsSet 1 \answered`, "FlagsClear 1 a b",
		"MessageTrash 2 ", "MessageRead 2 ", `FlagsSet 2 \answered`,
	}, got)
	c.ok(`STORE 1:2 -FLAGS.SILENT (\Deleted)`)
	events = h.takeEvents()
	require.Len(t, events, 1)
	require.Equal(t, msgevent.TypeFlagsClear, events[0].Type)
	require.Equal(t, "1:2", events[0].UIDs.String())
	require.Zero(t, events[0].ModSeq, "RFC 5423, section 5: only with one message")
	c.ok("CREATE a")
	c.ok("COPY 1:2 a")
	c.ok("MOVE 1 a")
	got = nil
	for _, e := range h.takeEvents() {
		got = append(got, string(e.Type)+" "+flagSetOfFlags(e.Flags).String())
	}
	require.Equal(t, []string{
		"MailboxCreate ", `MessageAppend \answered \seen`, `MessageAppend \answered \seen`,
		`MessageAppend \answered \seen`, "MessageExpunge ",
	}, got)
}
