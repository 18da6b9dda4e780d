package mailserver

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/emersion/go-smtp"
)

// lmtpListener lets clients name a recipient by its user name alone, which
// go-smtp's parser refuses: it completes <user> to <user@localhost> in the
// lines of MAIL and RCPT.
type lmtpListener struct{ net.Listener }

func newLMTPListener(ln net.Listener) net.Listener { return lmtpListener{ln} }

// Accept implements net.Listener.
func (ln lmtpListener) Accept() (net.Conn, error) {
	conn, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lmtpConn{Conn: conn, r: bufio.NewReader(conn)}, nil
}

// lmtpConn reads line by line, so that the server has read no further than
// the line it answers, and only commands are changed.
type lmtpConn struct {
	net.Conn
	r     *bufio.Reader
	out   []byte // to give to the server before anything else is read
	data  bool   // the server reads a message
	chunk int64  // octets of a BDAT chunk to come
}

var (
	bareAddress = regexp.MustCompile(`(?i)^((?:MAIL FROM|RCPT TO):[ \t]*<[^@<>\r\n]+)(>[^\r\n]*\r?\n)$`)
	bdat        = regexp.MustCompile(`(?i)^BDAT[ \t]+([0-9]{1,18})(?:[ \t]|\r?\n)`)
)

// Read implements net.Conn.
func (c *lmtpConn) Read(p []byte) (int, error) {
	if len(c.out) == 0 && c.chunk > 0 {
		n, err := c.r.Read(p[:min(int64(len(p)), c.chunk)])
		c.chunk -= int64(n)
		return n, err
	}
	if len(c.out) == 0 {
		// The line of a message may come in parts.
		line, err := c.r.ReadSlice('\n')
		if err == bufio.ErrBufferFull && !c.data {
			return 0, smtp.ErrTooLongLine
		}
		if len(line) == 0 || err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return 0, err
		}
		c.out = line
		if !c.data {
			if m := bareAddress.FindSubmatch(line); m != nil {
				c.out = bytes.Join([][]byte{m[1], m[2]}, []byte("@localhost"))
			} else if m := bdat.FindSubmatch(line); m != nil {
				c.chunk, _ = strconv.ParseInt(string(m[1]), 10, 64)
			}
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

// Write implements net.Conn.
func (c *lmtpConn) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("354")) {
		c.data = true
	}
	return c.Conn.Write(p)
}

// SetReadDeadline implements net.Conn. go-smtp calls it before it reads a
// command, and only then: the message before it is over, even one that was
// refused and answered while the client still sent it.
func (c *lmtpConn) SetReadDeadline(t time.Time) error {
	c.data, c.chunk = false, 0
	return c.Conn.SetReadDeadline(t)
}
