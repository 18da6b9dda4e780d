package notifyserver

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/notifyproto"
)

// Conn is a client's connection as the server behind sees it. The backend gets
// it from imapserver.Conn's NetConn.
//
// Read is called by one goroutine. What it works on without a lock is used by
// Write too, which runs on the same goroutine but for the IDLE of the server
// behind; that part is guarded by wmu.
type Conn struct {
	server *Server
	raw    net.Conn // as it was accepted

	// Reading from the client.
	in    []byte // what came and is not used yet; nil most of the time
	out   []byte // what the server behind reads next
	state state
	cmd   command // the client's command at hand
	lit   int64   // octets of its literal to come
	err   error   // ends the connection
	batch queue   // what is being told; guarded by mu

	wmu  sync.Mutex
	resp response // what the server behind writes
	ops  []*op    // commands of the layer's own, the first one at work if busy
	busy bool     // the server behind is at work on ops[0]
	held []byte   // tagged response that waits until ops are done

	mu       sync.Mutex
	client   net.Conn  // raw, or TLS on it
	wakeAt   time.Time // when Read is to look for notifications; zero: not
	waiting  bool      // Read waits for the client
	deadline time.Time // the server behind's, for the rest of a command
	session  session
}

// state says what the client is about to send.
type state int

const (
	atCommand      state = iota // a command
	inCommand                   // the line after a literal
	awaitLiteral                // a literal, if the server behind wants it
	inLiteral                   // a literal
	inLongLine                  // the rest of a line that is too long to be kept
	atContinuation              // SASL or DONE for the server behind
	inIdle                      // DONE for the layer
)

// session is what the client has made of its connection; guarded by Conn.mu.
type session struct {
	user, device    string
	deviceFromLogin bool
	loggedIn        bool
	utf8            bool                            // names are UTF-8
	enabled         struct{ metadata, server bool } // by ENABLE METADATA and METADATA-SERVER
	writes          *writes
	notify          *notifyproto.Matcher
	inForce         bool // some NOTIFY was successful
	view            notifyproto.View
	subscribed      map[string]bool // nil until somebody asks
	learning        bool            // LSUB is at work
	idle            bool            // in an IDLE that the layer answers
	isSelecting     bool            // the client's SELECT is at work
	arrived         []arrival       // new messages meanwhile
	stop            []func()        // ends watching
	queue           queue
	notUntil        time.Time // when the next notifications may go out
}

// arrival is a new message.
type arrival struct {
	mailbox string
	uid     imap.UID
}

// nothing grants nothing.
var nothing = notifyproto.Compile(notifyproto.None{})

func newConn(s *Server, conn net.Conn) *Conn {
	c := &Conn{server: s, raw: conn, client: conn}
	c.session.notify = nothing
	c.session.view.Subscribed = func(mailbox string) bool { return c.session.subscribed[mailbox] }
	return c
}

// TLS returns the state of the connection's TLS, nil without it.
func (c *Conn) TLS() *tls.ConnectionState {
	c.mu.Lock()
	conn, ok := c.client.(*tls.Conn)
	c.mu.Unlock()
	if !ok {
		return nil
	}
	state := conn.ConnectionState()
	return &state
}

// User returns the user who is logged in, and the name of the client's device
// if it is known. Both are empty before login.
func (c *Conn) User() (user, device string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.session.loggedIn {
		return "", ""
	}
	return c.session.user, c.session.device
}

// NetConn returns the connection that the listener accepted.
func (c *Conn) NetConn() net.Conn { return c.raw }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.endSession()
	c.mu.Lock()
	conn := c.client
	c.mu.Unlock()
	return conn.Close()
}

// SetDeadline implements net.Conn; see SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn. The deadline holds only while the
// client is in the middle of a command: how long it may be silent between
// commands is up to the layer.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

// SetWriteDeadline implements net.Conn. It does nothing: the layer has its own
// limit for a client that does not read.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// errWake ends a wait for the client because there is something else to do.
var errWake = errors.New("notifyserver: wake")

// Read implements net.Conn. It gives the server behind no more than one line of
// the client's, so that a Read at the beginning of a command means that all
// before it are answered.
func (c *Conn) Read(p []byte) (int, error) {
	for {
		if len(c.out) > 0 {
			n := copy(p, c.out)
			if c.out = c.out[n:]; len(c.out) == 0 {
				c.out = nil
			}
			return n, nil
		}
		if c.err != nil {
			return 0, c.err
		}
		c.settle()
		if c.state == atCommand || c.state == inIdle {
			if c.advance(); len(c.out) > 0 || c.err != nil {
				continue
			}
		} else if c.state != atContinuation || c.cmd.name == "IDLE" {
			c.tellWhatNeedsNoServer()
		}
		switch {
		case c.state == inLiteral && len(c.in) == 0:
			n, err := c.receive(p[:min(int64(len(p)), c.lit)])
			if err == errWake {
				continue
			}
			c.err = err // imapserver would take the rest for commands
			c.literal(p[:n])
			return n, err
		case c.state == inLiteral:
			n := int(min(int64(len(c.in)), c.lit, int64(len(p))))
			copy(p, c.in[:n])
			c.use(n)
			c.literal(p[:n])
			return n, nil
		case c.line():
			continue
		}
		n, err := c.receive(p)
		if err != nil && err != errWake {
			if err == io.EOF && len(c.in) > 0 {
				err = io.ErrUnexpectedEOF
			}
			c.err = err
		}
		c.in = append(c.in, p[:n]...)
	}
}

// settle brings the state up to what the server behind has answered meanwhile.
func (c *Conn) settle() {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.busy {
		// It reads on without having answered the layer's own command: that
		// will not come any more.
		c.finish(false)
	}
	switch {
	case c.state == awaitLiteral && c.cmd.answered && !c.cmd.nonSync:
		c.state = atCommand // refused; the client will not send it
	case c.state == awaitLiteral:
		if c.state = inLiteral; c.lit == 0 {
			c.state = inCommand
		}
	case c.state == atContinuation && c.cmd.answered:
		c.state = atCommand
	}
}

// use drops n octets of what came.
func (c *Conn) use(n int) {
	if c.in = c.in[n:]; len(c.in) == 0 {
		c.in = nil
	}
}

// literal counts octets of a literal that went to the server behind.
func (c *Conn) literal(octets []byte) {
	c.cmd.capture(octets)
	if c.lit -= int64(len(octets)); c.lit == 0 {
		c.state = inCommand
	}
}

// line uses a line of what came, and reports whether there was one.
func (c *Conn) line() bool {
	i := bytes.IndexByte(c.in, '\n')
	if i < 0 {
		return len(c.in) > maxLine && c.longLine()
	}
	line := c.in[:i+1]
	switch c.state {
	case atContinuation:
		c.continuation(line)
	case inIdle:
		c.done(line)
	case atCommand:
		c.begin(line)
	default:
		c.goOn(line)
	}
	return true
}

// longLine uses what came of a line whose end is far, and reports whether it
// did. The server behind gets it in pieces; what the layer answers itself is
// kept up to MaxCommand.
func (c *Conn) longLine() bool {
	if c.state == atCommand {
		c.newCommand(c.in)
	}
	switch {
	case c.state == inIdle:
		c.use(len(c.in) - maxSuffix) // not DONE
	case c.cmd.collect && (c.state == atCommand || c.state == inCommand):
		if len(c.in)+len(c.cmd.text) <= MaxCommand {
			return false
		}
		c.discard(0)
		c.tooLong()
	default:
		if c.state != atContinuation {
			c.state = inLongLine
		}
		c.forward(c.in[:len(c.in)-maxSuffix])
	}
	return true
}

// tooLong answers a command that is refused for its length.
func (c *Conn) tooLong() {
	c.state, c.cmd.text = atCommand, nil
	c.answer(c.cmd.tag, imap.StatusResponseTypeBad, "TOOBIG", "The command is too long")
}

const (
	// maxLine bounds the line that is kept until its end came. Longer lines
	// are passed on in pieces; the layer has no use for them.
	maxLine = 16 << 10

	// maxSuffix is more than the announcement of a literal is long.
	maxSuffix = 32
)

// forward gives a line, or as much of it, to the server behind.
func (c *Conn) forward(octets []byte) {
	c.cmd.capture(octets)
	c.out = append(c.out, octets...)
	c.use(len(octets))
}

// receive reads from the client. It returns errWake when notifications are
// due, and an error when the client was silent for too long.
func (c *Conn) receive(p []byte) (int, error) {
	c.mu.Lock()
	now := time.Now()
	if !c.wakeAt.IsZero() && !c.wakeAt.After(now) {
		c.wakeAt = time.Time{}
		c.mu.Unlock()
		return 0, errWake
	}
	limit := c.limit(now)
	until := limit
	if !c.wakeAt.IsZero() && (until.IsZero() || c.wakeAt.Before(until)) {
		until = c.wakeAt
	}
	conn := c.client
	c.waiting = true
	conn.SetReadDeadline(until)
	c.mu.Unlock()

	n, err := conn.Read(p)

	c.mu.Lock()
	c.waiting = false
	c.mu.Unlock()
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		if !limit.IsZero() && !time.Now().Before(limit) {
			if c.state == atCommand || c.state == inIdle {
				c.say([]byte("* BYE You were silent for too long\r\n"))
			}
			return 0, err
		}
		return 0, errWake
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// limit returns until when the client may be silent; zero is for ever. The
// caller holds c.mu.
func (c *Conn) limit(now time.Time) time.Time {
	switch {
	case c.state == inCommand && c.cmd.collect:
		return now.Add(commandTimeout) // the server behind has set none for it
	case c.state != atCommand && c.state != inIdle && c.state != atContinuation:
		return c.deadline
	case !c.session.loggedIn:
		return now.Add(loginTimeout)
	case c.session.inForce || c.session.idle:
		return time.Time{}
	}
	return now.Add(c.server.idleTimeout())
}

// wake makes Read look for notifications at t. The caller holds c.mu.
func (c *Conn) wake(t time.Time) {
	if !c.wakeAt.IsZero() && !c.wakeAt.After(t) {
		return
	}
	c.wakeAt = t
	if c.waiting {
		c.client.SetReadDeadline(t)
	}
}

// say writes to the client what is the layer's own.
func (c *Conn) say(b []byte) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.sendOwn(b)
}

// sendOwn is say for those who hold c.wmu.
func (c *Conn) sendOwn(b []byte) {
	if err := c.send(b); err != nil && c.err == nil {
		c.err = err
	}
}

// send writes to the client. A client that takes nothing for writeTimeout has
// its connection closed. The caller holds c.wmu.
func (c *Conn) send(b []byte) error {
	c.mu.Lock()
	conn := c.client
	c.mu.Unlock()
	const piece = 16 << 10
	for len(b) > 0 {
		n := min(len(b), piece)
		conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := conn.Write(b[:n]); err != nil {
			conn.Close()
			return err
		}
		b = b[n:]
	}
	return nil
}

// answer writes a tagged response of the layer's own; an untagged one to a
// command without a tag.
func (c *Conn) answer(tag string, typ imap.StatusResponseType, code imap.ResponseCode, text string) {
	c.say(appendStatus(nil, cmp.Or(tag, "*"), &imap.StatusResponse{Type: typ, Code: code, Text: text}))
}

// appendStatus appends a status response; its text is the layer's own.
func appendStatus(b []byte, tag string, r *imap.StatusResponse) []byte {
	b = append(b, tag...)
	b = append(b, ' ')
	b = append(b, r.Type...)
	if r.Code != "" {
		b = append(b, " ["...)
		b = append(b, r.Code...)
		b = append(b, ']')
	}
	b = append(b, ' ')
	b = append(b, r.Text...)
	return append(b, "\r\n"...)
}
