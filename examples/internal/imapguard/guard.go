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
	"errors"
	"fmt"
	"io"
	"math"
	"net"
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

	// writeTimeout is imapserver's own for a response.
	writeTimeout = 30 * time.Second
)

// Listener returns a listener whose connections are guarded, for imapserver's
// Serve. TLS must have ended before it.
func Listener(ln net.Listener) net.Listener { return listener{ln} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (ln listener) Accept() (net.Conn, error) {
	conn, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(conn), nil
}

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
	binary    bool   // the literal is a literal8, RFC 3516
	nul       bool   // another one has a NUL
	ahead     []byte // the next line, if CommandError has read it
}

// bufferSize is small because most connections are idle most of the time;
// literals are read past the buffer.
const bufferSize = 512

func newConn(conn net.Conn) *Conn {
	return &Conn{Conn: conn, r: bufio.NewReaderSize(conn, bufferSize)}
}

// NetConn returns the connection that is guarded.
func (c *Conn) NetConn() net.Conn { return c.Conn }

// Command returns the name of the command at hand, upper-cased. imapserver
// does not tell its sessions LSUB from LIST.
func (c *Conn) Command() string { return c.name }

// CommandError returns what is wrong with the end of an APPEND, empty if
// nothing is. A session asks when it has read the message and before it keeps
// it: imapserver looks only after that.
func (c *Conn) CommandError() string {
	if c.nul {
		return "A message with NUL must be a literal8"
	}
	if c.ahead == nil {
		line, err := c.readLine()
		if err != nil && err != errLineTooLong {
			return "The command has no end"
		}
		c.ahead = line
	}
	if end := cutLineEnd(c.ahead); len(end) > 0 && string(end) != ")" { // of UTF8 (~{...}
		return "Expected the end of the command"
	}
	return ""
}

// errLineTooLong is returned by readLine for a line that was thrown away.
var errLineTooLong = errors.New("line too long")

// Read implements net.Conn. It never returns octets of more than one line, so
// that the server has none of the next command while it answers this one.
func (c *Conn) Read(p []byte) (int, error) {
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
	c.nul = c.nul || !c.binary && bytes.IndexByte(p[:n], 0) >= 0
	if c.literal -= int64(n); c.literal == 0 {
		c.state = inCommand
	}
	return n, err
}

// readLine returns a line with its line end. Of a line that is longer than
// maxLine it returns errLineTooLong with its beginning and its end, which are
// enough to see the tag and a literal.
func (c *Conn) readLine() ([]byte, error) {
	if line := c.ahead; line != nil {
		c.ahead = nil
		if len(line) > maxLine {
			return line, errLineTooLong
		}
		return line, nil
	}
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
		c.size, c.nul = 0, false
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
	case first && !known[c.name] && !isHTTP(text):
		problem = "Unknown command"
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
	c.binary = bytes.HasSuffix(text[:bytes.LastIndexByte(text, '{')], []byte("~"))
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
		switch {
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

const serverBug = " NO [SERVERBUG] Internal server error\r\n"
