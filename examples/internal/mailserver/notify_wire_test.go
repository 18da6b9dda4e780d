package mailserver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/notifyproto"
)

// wire is an IMAP client that sees all that is on the wire. Each response must
// be one that notifyproto can read.
type wire struct {
	t    *testing.T
	s    *Server
	user string
	conn net.Conn
	fr   *notifyproto.FrameReader
	o    notifyproto.Options
	tags int
	said string // last, for messages of failures
}

func dialWire(t *testing.T, s *Server) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", s.IMAPAddr())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	c := &wire{t: t, s: s, conn: conn, fr: notifyproto.NewFrameReader(bufio.NewReader(conn))}
	c.fr.Responses = true
	c.fr.MaxSize = 1 << 20
	require.Contains(t, c.next(), "* OK ")
	return c
}

// serve is start without anybody who takes the events.
func serve(t *testing.T) *Server {
	t.Helper()
	s, _ := start(t, func(c *Config) { c.Publish = nil })
	return s
}

// login returns a client that has logged in, and that hears of annotations of
// the server, which silent needs.
func login(t *testing.T, s *Server, commands ...string) *wire {
	t.Helper()
	c := dialWire(t, s)
	c.user = "alice"
	c.ok("LOGIN alice alice")
	c.ok("ENABLE METADATA-SERVER")
	for _, command := range commands {
		c.ok(command)
	}
	return c
}

// frame reads one response and checks that it is one.
func (c *wire) frame() (string, error) {
	b, err := c.fr.ReadFrame()
	if err != nil {
		return "", err
	}
	line := string(b)
	switch {
	case strings.HasPrefix(line, "* "):
		_, err = notifyproto.ParseResponse(b, &c.o)
	case strings.HasPrefix(line, "+ "):
	default:
		_, _, err = notifyproto.ParseTagged(b)
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", line, err)
	}
	return line, nil
}

// next returns the next response.
func (c *wire) next() string {
	c.t.Helper()
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now().Add(patience)))
	line, err := c.frame()
	require.NoError(c.t, err, "after %q", c.said)
	return line
}

func (c *wire) write(s string) {
	c.t.Helper()
	require.NoError(c.t, c.conn.SetWriteDeadline(time.Now().Add(patience)))
	_, err := io.WriteString(c.conn, s)
	require.NoError(c.t, err)
}

// send sends a command and returns its tag.
func (c *wire) send(command string) (tag string) {
	c.t.Helper()
	c.tags++
	tag = "T" + strconv.Itoa(c.tags)
	c.said = command
	c.write(tag + " " + command + "\r\n")
	return tag
}

// wait returns the responses up to the tagged one, and that without its tag.
func (c *wire) wait(tag string) (untagged []string, tagged string) {
	c.t.Helper()
	for {
		line := c.next()
		if rest, ok := strings.CutPrefix(line, tag+" "); ok {
			return untagged, rest
		}
		require.True(c.t, strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "+ "), "%q after %q", line, c.said)
		untagged = append(untagged, line)
	}
}

func (c *wire) do(command string) (untagged []string, tagged string) {
	c.t.Helper()
	return c.wait(c.send(command))
}

// ok is do for a command that must succeed.
func (c *wire) ok(command string) []string {
	c.t.Helper()
	untagged, tagged := c.do(command)
	require.Regexp(c.t, "^OK ", tagged, "%s: %q", command, untagged)
	return untagged
}

// gets is ok for a command whose untagged responses are known.
func (c *wire) gets(command string, want ...string) {
	c.t.Helper()
	c.same(command, c.ok(command), want)
}

// refused is do for a command that must fail with that.
func (c *wire) refused(command, want string) {
	c.t.Helper()
	untagged, tagged := c.do(command)
	require.Regexp(c.t, "^"+want, tagged, "%s", command)
	if !strings.Contains(strings.Join(untagged, ""), "[CLOSED]") {
		require.Empty(c.t, untagged, "%s", command)
	}
}

var (
	uidValidityPattern = regexp.MustCompile(`UIDVALIDITY [0-9]+`)
	quotedPattern      = regexp.MustCompile(`^\* STATUS "([A-Za-z/]+)" `) // imapserver quotes always
)

func (c *wire) same(when string, got, want []string) {
	c.t.Helper()
	for i := range got {
		got[i] = uidValidityPattern.ReplaceAllString(got[i], "UIDVALIDITY 1")
		got[i] = quotedPattern.ReplaceAllString(got[i], "* STATUS $1 ")
	}
	if len(got)+len(want) > 0 {
		require.Equal(c.t, want, got, "%s", when)
	}
}

// hears reads that many responses, which must come without a command.
func (c *wire) hears(want ...string) {
	c.t.Helper()
	var got []string
	for range want {
		got = append(got, c.next())
	}
	c.same("unasked, after "+c.said, got, want)
}

var probes atomic.Int64

// silent checks that nothing else is told. An annotation of the server that
// changes is told behind all that waits, but for what the session behind must
// be asked: a second one comes after that.
func (c *wire) silent() {
	c.t.Helper()
	require.Empty(c.t, c.rest(), "after %q", c.said)
}

// rest returns what else is told.
func (c *wire) rest() (told []string) {
	c.t.Helper()
	for range 2 {
		value := strconv.FormatInt(probes.Add(1), 10)
		require.NoError(c.t, c.s.Annotations.Set(annotations.Subject{User: "bob"}, "",
			[]annotations.EntryValue{{Name: "/shared/vendor/test/probe", Value: []byte(value)}}))
		for line := c.next(); line != `* METADATA "" /shared/vendor/test/probe`; line = c.next() {
			told = append(told, line)
		}
	}
	return told
}

// idle begins IDLE.
func (c *wire) idle() (tag string) {
	c.t.Helper()
	tag = c.send("IDLE")
	require.Regexp(c.t, `^\+ `, c.next())
	return tag
}

// done ends IDLE.
func (c *wire) done(tag string) {
	c.t.Helper()
	c.write("DONE\r\n")
	untagged, tagged := c.wait(tag)
	require.Empty(c.t, untagged)
	require.Regexp(c.t, "^OK ", tagged)
}

const testMessage = "Subject: one\r\n\r\ntext\r\n"

// add appends a message and returns what came before the tagged response.
func (c *wire) add(mailbox string, flags ...string) []string {
	c.t.Helper()
	tag := c.send(fmt.Sprintf("APPEND %s (%s) {%d+}\r\n%s", mailbox, strings.Join(flags, " "), len(testMessage), testMessage))
	untagged, tagged := c.wait(tag)
	require.Regexp(c.t, "^OK ", tagged)
	return untagged
}

// deliver delivers a message by LMTP.
func deliver(t *testing.T, s *Server) {
	t.Helper()
	c := dialLMTP(t, s)
	c.say("MAIL FROM:<sender@example.org>", "250")
	c.say("RCPT TO:<alice>", "250")
	c.say("DATA", "354")
	c.say("Subject: one\r\n\r\ntext\r\n.", "250")
	c.say("QUIT", "221")
}

func itoa(n int) string { return strconv.Itoa(n) }

// silent0 is silent for a client in the middle of a command, where the server
// behind cannot be asked: what waits for that holds back what comes later.
func (c *wire) silent0() {
	c.t.Helper()
	require.True(c.t, c.quietFor(50))
}

// quietFor reports whether nothing comes for some milliseconds.
func (c *wire) quietFor(ms int) bool {
	c.t.Helper()
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now().Add(time.Duration(ms)*time.Millisecond)))
	_, err := c.fr.ReadFrame()
	if err == nil {
		return false
	}
	require.ErrorIs(c.t, err, os.ErrDeadlineExceeded)
	return true
}
