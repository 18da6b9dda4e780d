// Package imapguard stands between a listener and go-imap's imapserver and
// keeps a session alive that a malformed command would end or confuse.
//
// imapserver v2.0.0-beta.8 closes the connection on a line without tag or
// command, loses its place in the stream after a line or a literal that it
// refuses, reads on behind the line for the end of a quoted string, ends the
// session on the first unknown command before login, does not answer an APPEND
// with more behind its message, and answers NO [SERVERBUG] where its parser
// fails on a number, a date or a mailbox name. With the guard each of these is
// a BAD, and the session goes on. Commands that imapserver understands pass
// unchanged.
//
// The guard starts no goroutine: it works in the Read and Write calls of the
// server, which come one after the other while a command is read. Only IDLE
// writes while the server reads: until it is answered, Read changes nothing
// that Write looks at before it has seen the tag.
package imapguard

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxLine bounds the line of a command, without its literals. RFC 2683,
	// section 3.2.1.5 wants at least 8,000 octets; imapserver stops at
	// 50 KiB a command, and loses its place there.
	maxLine = 48 << 10

	// maxLiteral bounds the literals of all commands but APPEND. It is
	// imapserver's own limit for literals that it keeps in memory.
	maxLiteral = 4096

	// maxContinuation bounds the lines of SASL; imapserver's buffer holds no
	// more, and the rest of a longer one would be read as a command.
	maxContinuation = 4000

	// maxUnknown is how many unknown commands a client may send before it
	// has logged in; imapserver answers the next one and hangs up, because
	// it may be a browser that was made to talk to this port.
	maxUnknown = 3

	// writeTimeout is imapserver's own for a response.
	writeTimeout = 30 * time.Second
)

// Listener returns listeners whose connections are guarded: plain with those
// of ln, for a server with config as its TLSConfig, and secure with those on
// which STARTTLS has come since, for a server with InsecureAuth and without
// TLSConfig, whose greeting is not sent. TLS ends in the guard, because what
// comes through it is as good or bad as other commands. Without config, secure
// has no connections.
func Listener(ln net.Listener, config *tls.Config) (plain, secure net.Listener) {
	s := &secureListener{ln.Addr(), config, make(chan net.Conn), make(chan struct{}), sync.Once{}}
	return listener{ln, s}, s
}

type listener struct {
	net.Listener
	secure *secureListener
}

func (ln listener) Accept() (net.Conn, error) {
	conn, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := newConn(conn)
	c.secure = ln.secure
	return c, nil
}

// secureListener accepts the connections that upgrade puts into conns.
type secureListener struct {
	addr   net.Addr
	config *tls.Config
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Accept implements net.Listener.
func (ln *secureListener) Accept() (net.Conn, error) {
	select {
	case conn := <-ln.conns:
		return conn, nil
	case <-ln.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (ln *secureListener) Close() error {
	ln.once.Do(func() { close(ln.closed) })
	return nil
}

// Addr implements net.Listener.
func (ln *secureListener) Addr() net.Addr { return ln.addr }

// state says what the server waits for when it reads.
type state int

const (
	atCommand      state = iota // the first line of a command
	inCommand                   // the line after a literal
	awaitLiteral                // the server's word on a literal it was shown
	inLiteral                   // the octets of a literal
	atContinuation              // lines that are no commands: SASL, or DONE
)

// Conn is a guarded connection.
type Conn struct {
	net.Conn
	r     *bufio.Reader
	state state
	out   []byte // to give to the server before anything else is read

	tag, name string // of the current command
	size      int    // octets of the current command's lines
	literal   int64  // octets of the literal that is announced or read
	nonSync   bool   // the client sends it without waiting
	answered  bool   // the current command has its tagged response
	badDone   bool   // IDLE was ended by another line than DONE
	unknown   int    // unknown commands before login
	loggedIn  bool

	secure   *secureListener // for STARTTLS; nil after it
	silent   bool            // drop the greeting: this is the one after STARTTLS
	upgraded atomic.Bool     // the connection belongs to the other server
}

func newConn(conn net.Conn) *Conn {
	return &Conn{Conn: conn, r: bufio.NewReader(conn)}
}

// errLineTooLong is returned by readLine for a line that was thrown away.
var errLineTooLong = errors.New("line too long")

// Read implements net.Conn. It never returns octets of more than one line, so
// that the server has none of the next command while it answers this one.
func (c *Conn) Read(p []byte) (int, error) {
	if c.upgraded.Load() {
		return 0, io.EOF
	}
	for len(c.out) == 0 {
		switch c.state {
		case inLiteral:
			return c.readLiteral(p)
		case awaitLiteral:
			// The server answered the command instead of taking the literal
			// that it was shown.
			if err := c.discardRest(); err != nil {
				return 0, err
			}
			c.state = atCommand
		case atContinuation:
			line, err := c.readLine()
			if err != nil && err != errLineTooLong {
				return 0, err
			}
			switch {
			case c.name == "IDLE":
				// imapserver does not wait for its session's Idle to return
				// after a line that is not DONE.
				c.badDone = !bytes.EqualFold(cutLineEnd(line), []byte("DONE"))
				line = []byte("DONE\r\n")
			case len(line) > maxContinuation:
				line = []byte("*\r\n") // cancels
			}
			c.out = line
		case inCommand:
			if c.answered {
				// QUIRK: imapserver beta.8 takes the end of a literal's line
				// for that of the command where it refuses the literal's value.
				c.literal, c.nonSync = 0, true
				if err := c.discardRest(); err != nil {
					return 0, err
				}
				c.state = atCommand
				continue
			}
			if err := c.nextLine(false); err != nil {
				return 0, err
			}
		default:
			if c.tag != "" && !c.answered {
				// QUIRK: imapserver beta.8 forgets it where more follows on
				// the message of an APPEND.
				if err := c.answerBad("Expected the end of the command"); err != nil {
					return 0, err
				}
			}
			if err := c.nextLine(true); err != nil {
				return 0, err
			}
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

func (c *Conn) readLiteral(p []byte) (int, error) {
	if int64(len(p)) > c.literal {
		p = p[:c.literal]
	}
	n, err := c.r.Read(p)
	if c.literal -= int64(n); c.literal == 0 {
		c.state = inCommand
	}
	return n, err
}

// readLine returns a line with its line end. Of a line that is longer than
// maxLine it returns errLineTooLong with its beginning and its end, which are
// enough to see the tag and a literal.
func (c *Conn) readLine() ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := c.r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			if err == io.EOF && len(line)+len(part) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if len(line)+len(part) > maxLine {
			tooLong = true
			line = append(line[:min(len(line), 256)], line[max(256, len(line)-64):]...)
		}
		line = append(line, part...)
		if err == nil {
			break
		}
	}
	if tooLong {
		return line, errLineTooLong
	}
	return line, nil
}

// nextLine reads a line of a command, the first one or one after a literal,
// and either has it ready in c.out or answers it itself.
func (c *Conn) nextLine(first bool) error {
	line, err := c.readLine()
	if err != nil && err != errLineTooLong {
		return err
	}
	text := cutLineEnd(line)
	size, nonSync, hasLiteral := literal(text)
	limit := int64(maxLiteral)
	if first {
		c.size = 0
		c.tag, c.name = cutCommand(text)
	}
	c.size += len(line)
	if c.name == "APPEND" && !(first && len(bytes.Fields(text)) < 4) {
		limit = math.MaxInt64 // the message; the name of the mailbox is no exception
	}

	problem := ""
	switch {
	case err == errLineTooLong || c.size > maxLine:
		problem = fmt.Sprintf("A command may have %d octets beside its literals", maxLine)
	case first && c.tag == "":
		problem = "A command begins with a tag"
	case first && (c.name == "" || c.name == "UID"):
		problem = "There is no command after " + cmp.Or(c.name, "the tag")
	case bytes.ContainsAny(text, "\x00\r"):
		problem = "A command cannot have a NUL, or a CR without LF"
	case !quotesClosed(text):
		problem = "A quoted string has no end"
	case first && !known[c.name] && (c.loggedIn || c.unknown < maxUnknown):
		problem = "Unknown command"
		c.unknown++
	case hasLiteral && size > limit:
		problem = fmt.Sprintf("A literal may have %d octets here", limit)
	}
	if problem == "" {
		c.answered = c.answered && !first
		c.pass(line, text, size, nonSync, hasLiteral)
		return nil
	}

	// The client sends a literal of its own accord, or waits to be asked for
	// it and gets an answer instead.
	if hasLiteral && nonSync {
		c.literal, c.nonSync = size, nonSync
		if err := c.discardRest(); err != nil {
			return err
		}
	}
	c.state = atCommand
	if !first {
		// The server has the first part: give it what is never right behind
		// a literal.
		c.out = []byte("}\r\n")
		return nil
	}
	return c.answerBad(problem)
}

// answerBad answers the current command.
func (c *Conn) answerBad(text string) error {
	c.answered = true
	c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	defer c.Conn.SetWriteDeadline(time.Time{})
	_, err := fmt.Fprintf(c.Conn, "%s BAD %s\r\n", cmp.Or(c.tag, "*"), text)
	return err
}

// pass gives a line to the server. A literal that the client does not wait
// with is announced as one that it does: only so does the server say that it
// wants it, before it reads.
func (c *Conn) pass(line, text []byte, size int64, nonSync, hasLiteral bool) {
	c.out, c.state = line, atCommand
	if !hasLiteral {
		if c.name == "IDLE" || c.name == "AUTHENTICATE" {
			c.state = atContinuation
		}
		return
	}
	c.state, c.literal, c.nonSync = awaitLiteral, size, nonSync
	if nonSync {
		c.out = append(text[:bytes.LastIndexByte(text, '+')], "}\r\n"...)
	}
}

// discardRest reads the rest of a command that the server will not read: a
// literal that comes unasked, and the lines and literals after it.
func (c *Conn) discardRest() error {
	for nonSync := c.nonSync; nonSync; {
		if _, err := io.CopyN(io.Discard, c.r, c.literal); err != nil {
			return err
		}
		line, err := c.readLine()
		if err != nil && err != errLineTooLong {
			return err
		}
		c.literal, nonSync, _ = literal(cutLineEnd(line))
	}
	return nil
}

// Write implements net.Conn. imapserver flushes after each response, so that
// one that matters here is at the beginning of p.
func (c *Conn) Write(p []byte) (int, error) {
	if c.silent || c.upgraded.Load() {
		c.silent = false
		return len(p), nil
	}
	tagged := bytes.HasPrefix(p, []byte(c.tag+" "))
	switch c.state {
	case awaitLiteral:
		if bytes.HasPrefix(p, []byte("+ ")) {
			c.state = inLiteral
			if c.literal == 0 {
				c.state = inCommand
			}
			if c.nonSync {
				return len(p), nil // the client does not expect it
			}
		}
	case atContinuation:
		if tagged {
			c.state = atCommand
		}
	}
	if tagged {
		c.answered = true
		ok := bytes.HasPrefix(p, []byte(c.tag+" OK"))
		switch {
		case ok && (c.name == "LOGIN" || c.name == "AUTHENTICATE"):
			c.loggedIn = true
		case ok && c.name == "STARTTLS":
			return len(p), c.upgrade(p)
		case c.badDone:
			c.badDone = false
			return len(p), c.answerBad("Expected DONE to end IDLE")
		case string(p) == c.tag+serverBug:
			// QUIRK: imapserver beta.8 says this where its parser returns an
			// error of another type; the sessions behind have no such errors.
			return len(p), c.answerBad("Syntax error in the arguments of " + c.name)
		}
	}
	return c.Conn.Write(p)
}

// upgrade sends the answer to STARTTLS and gives the connection to the other
// server.
func (c *Conn) upgrade(answer []byte) error {
	// What came before the handshake was not protected by it.
	c.r.Discard(c.r.Buffered())
	if _, err := c.Conn.Write(answer); err != nil {
		return err
	}
	c.Conn.SetDeadline(time.Time{})
	c.upgraded.Store(true)
	conn := newConn(tls.Server(c.Conn, c.secure.config))
	conn.silent = true
	select {
	case c.secure.conns <- conn:
	case <-c.secure.closed:
		c.Conn.Close()
	}
	return nil
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	if c.upgraded.Load() {
		return nil
	}
	return c.Conn.Close()
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if c.upgraded.Load() {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.upgraded.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

const serverBug = " NO [SERVERBUG] Internal server error\r\n"

// cutCommand returns the tag and the upper-cased name of a command line, as in
// "UID FETCH"; both are empty if there is no valid tag.
//
//	tag = 1*<any ASTRING-CHAR except "+">
//
// RFC 3501, section 9; but imapserver takes no "]" in it.
func cutCommand(line []byte) (tag, name string) {
	t, rest, _ := bytes.Cut(line, []byte(" "))
	if len(t) == 0 || bytes.ContainsFunc(t, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\+]`, r)
	}) {
		return "", ""
	}
	n, rest, _ := bytes.Cut(rest, []byte(" "))
	name = strings.ToUpper(string(n))
	if name == "UID" {
		sub, _, _ := bytes.Cut(rest, []byte(" "))
		name = strings.TrimSpace(name + " " + strings.ToUpper(string(sub)))
	}
	return string(t), name
}

// literal returns the size of the literal that a line ends with.
//
//	literal = "{" number ["+"] "}" CRLF *CHAR8
//
// RFC 3501, section 9, and RFC 7888, section 8; but imapserver takes a space
// before the line end.
func literal(line []byte) (size int64, nonSync, ok bool) {
	line = bytes.TrimSuffix(line, []byte(" "))
	if !bytes.HasSuffix(line, []byte("}")) {
		return 0, false, false
	}
	i := bytes.LastIndexByte(line, '{')
	if i < 0 {
		return 0, false, false
	}
	digits, nonSync := bytes.CutSuffix(line[i+1:len(line)-1], []byte("+"))
	n, err := strconv.ParseUint(string(digits), 10, 63) // takes no sign
	if err != nil {
		return 0, false, false
	}
	return int64(n), nonSync, true
}

// cutLineEnd returns a line without its line end.
func cutLineEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// quotesClosed reports whether all quoted strings of a line end in it.
func quotesClosed(line []byte) bool {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == '\\' && quoted:
			i++
		}
	}
	return !quoted
}

// known has the commands of imapserver.
var known = map[string]bool{
	"APPEND": true, "AUTHENTICATE": true, "CAPABILITY": true, "CHECK": true, "CLOSE": true,
	"COPY": true, "CREATE": true, "DELETE": true, "ENABLE": true, "EXAMINE": true,
	"EXPUNGE": true, "FETCH": true, "IDLE": true, "LIST": true, "LOGIN": true,
	"LOGOUT": true, "LSUB": true, "MOVE": true, "NAMESPACE": true, "NOOP": true,
	"RENAME": true, "SEARCH": true, "SELECT": true, "STARTTLS": true, "STATUS": true,
	"STORE": true, "SUBSCRIBE": true, "UNAUTHENTICATE": true, "UNSELECT": true,
	"UNSUBSCRIBE": true,
	"UID COPY":    true, "UID EXPUNGE": true, "UID FETCH": true, "UID MOVE": true,
	"UID SEARCH": true, "UID STORE": true,
}
