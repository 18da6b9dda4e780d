package imapguard_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/examples/internal/imapguard"
	"github.com/golemonade/lemonade/examples/internal/memstore"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

const patience = 20 * time.Second

// serverLog collects what imapserver logs, to find panics in it.
type serverLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *serverLog) Printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *serverLog) requireNoPanic(t testing.TB) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		require.NotContains(t, line, "panic")
	}
}

// serve starts an imapserver with the user alice (password "secret").
func serve(t testing.TB, guarded bool, config *tls.Config) (addr string, log *serverLog) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return ln.Addr().String(), serveOn(t, ln, guarded, config)
}

func serveOn(t testing.TB, ln net.Listener, guarded bool, config *tls.Config) *serverLog {
	store, err := memstore.New(nil)
	require.NoError(t, err)
	require.NoError(t, store.AddUser("alice", "secret"))
	log := &serverLog{}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return store.NewSession(conn), nil, nil
		},
		Caps:         memstore.Caps(),
		InsecureAuth: true,
		Logger:       log,
	})
	if config != nil {
		// TLS ends before the guard.
		ln = (&notifyserver.Server{TLSConfig: config}).Listener(ln)
	}
	if guarded {
		ln = imapguard.Listener(ln)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		ln.Close()
		require.NoError(t, <-served)
		log.requireNoPanic(t)
	})
	return log
}

// client is a client that says what it is told to, right or wrong.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	return newClient(t, conn)
}

func newClient(t testing.TB, conn net.Conn) *client {
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	c := &client{t, conn, bufio.NewReader(conn)}
	require.Contains(t, c.line(), "* OK [CAPABILITY ")
	return c
}

func (c *client) send(s string) {
	_, err := io.WriteString(c.conn, s)
	require.NoError(c.t, err)
}

// line reads a line, with the literals in it.
func (c *client) line() string {
	var sb strings.Builder
	for {
		part, err := c.r.ReadString('\n')
		require.NoError(c.t, err, "after %q", sb.String()+part)
		sb.WriteString(part)
		m := literalAtEnd.FindStringSubmatch(part)
		if m == nil {
			return sb.String()
		}
		n, err := strconv.Atoi(m[1])
		require.NoError(c.t, err)
		_, err = io.CopyN(&sb, c.r, int64(n))
		require.NoError(c.t, err)
	}
}

var literalAtEnd = regexp.MustCompile(`\{(\d+)\}\r\n$`)

// until reads responses up to the tagged one, and returns all of them.
func (c *client) until(tag string) []string {
	var lines []string
	for {
		line := c.line()
		lines = append(lines, line)
		if strings.HasPrefix(line, tag+" ") {
			return lines
		}
	}
}

// ok sends a command that must succeed, and returns the responses.
func (c *client) ok(command string) []string {
	tag, _, _ := strings.Cut(command, " ")
	c.send(command + "\r\n")
	lines := c.until(tag)
	require.Contains(c.t, lines[len(lines)-1], tag+" OK", "%.200q", command)
	return lines
}

// state is how far a session is before a case.
type state int

const (
	connected state = iota
	loggedIn
	selected
)

func dialIn(t testing.TB, addr string, s state) *client {
	c := dial(t, addr)
	c.enter(s)
	return c
}

func (c *client) enter(s state) {
	if s >= loggedIn {
		c.ok("l1 LOGIN alice secret")
	}
	if s >= selected {
		c.ok("l2 SELECT INBOX")
	}
}

// malformed has one malformed command in each case, with the tag "a" or none,
// and all of it that a client would send: a literal that the client waits with
// is not followed by anything.
var malformed = []struct {
	name  string
	state state
	input string
}{
	{"blank line", connected, "\r\n"},
	{"blank line after login", loggedIn, "\r\n"},
	{"blank line with LF only", loggedIn, "\n"},
	{"spaces", loggedIn, "   \r\n"},
	{"only a tag", loggedIn, "a\r\n"},
	{"only a tag and a space", connected, "a \r\n"},
	{"two spaces", loggedIn, "a  NOOP\r\n"},
	{"tab", loggedIn, "a\tNOOP\r\n"},
	{"no tag", loggedIn, " NOOP\r\n"},
	{"tag *", loggedIn, "* NOOP\r\n"},
	{"tag +", loggedIn, "+ NOOP\r\n"},
	{"tag with +", loggedIn, "a+ NOOP\r\n"},
	{"tag (", loggedIn, "( NOOP\r\n"},
	{"tag with parenthesis", loggedIn, "a) NOOP\r\n"},
	{"tag with brace", loggedIn, "a{ NOOP\r\n"},
	{"tag with percent", loggedIn, "a% NOOP\r\n"},
	{"tag with quote", loggedIn, "\"a\" NOOP\r\n"},
	{"tag with backslash", loggedIn, "a\\ NOOP\r\n"},
	{"tag with bracket", loggedIn, "a] NOOP\r\n"},
	{"tag with 8 bit", loggedIn, "\xe9 NOOP\r\n"},
	{"tag with NUL", loggedIn, "a\x00 NOOP\r\n"},

	{"unknown command", connected, "a FOO\r\n"},
	{"unknown command after login", loggedIn, "a FOO bar (baz\r\n"},
	{"unknown command with a literal", loggedIn, "a FOO {3}\r\n"},
	{"unknown command with a non-synchronizing literal", loggedIn, "a FOO {3+}\r\nabc {4+}\r\n\r\n\r\n\r\n"},
	{"command with brace", loggedIn, "a NO{OP\r\n"},
	{"UID alone", selected, "a UID\r\n"},
	{"UID and space", selected, "a UID \r\n"},
	{"UID FOO", selected, "a UID FOO\r\n"},
	{"UID NOOP", selected, "a UID NOOP\r\n"},
	{"argument of NOOP", loggedIn, "a NOOP foo\r\n"},
	{"wrong state", connected, "a SELECT INBOX\r\n"},
	{"no mailbox selected", loggedIn, "a FETCH 1 FLAGS\r\n"},
	{"login again", loggedIn, "a LOGIN alice secret\r\n"},

	{"LOGIN without arguments", connected, "a LOGIN\r\n"},
	{"LOGIN without password", connected, "a LOGIN alice\r\n"},
	{"LOGIN with more", connected, "a LOGIN alice secret secret\r\n"},
	{"quoted string without end", connected, "a LOGIN alice \"secret\r\n"},
	{"quoted string ending in a backslash", connected, "a LOGIN alice \"secret\\\"\r\n"},
	{"quoted name without end", loggedIn, "a CREATE \"foo\r\n"},
	{"quote inside of an atom", loggedIn, "a CREATE foo\"bar\r\n"},
	{"quoted search key without end", selected, "a SEARCH SUBJECT \"foo\r\n"},
	{"quoted string without end behind a literal", connected, "a LOGIN {5+}\r\nalice \"secret\r\n"},
	{"quoted string and no space", connected, "a LOGIN \"alice\"\"secret\"\r\n"},

	{"parenthesis without end", selected, "a FETCH 1 (FLAGS\r\n"},
	{"parenthesis without beginning", selected, "a FETCH 1 FLAGS)\r\n"},
	{"parenthesis twice", selected, "a FETCH 1 (FLAGS))\r\n"},
	{"empty parentheses", selected, "a STATUS INBOX (\r\n"},
	{"search parenthesis", selected, "a SEARCH (SEEN\r\n"},
	{"append flags without end", loggedIn, "a APPEND INBOX (\\Seen {3+}\r\nabc\r\n"},
	{"store flags without end", selected, "a STORE 1 FLAGS (\\Seen\r\n"},
	{"store without flags", selected, "a STORE 1 FLAGS\r\n"},
	{"store of something else", selected, "a STORE 1 BODY (\\Seen)\r\n"},
	{"status of nothing known", selected, "a STATUS INBOX (FOO)\r\n"},
	{"fetch of nothing known", selected, "a FETCH 1 FOO\r\n"},
	{"fetch section without end", selected, "a FETCH 1 BODY[HEADER\r\n"},
	{"fetch partial without end", selected, "a FETCH 1 BODY[]<0.\r\n"},
	{"deep nesting", selected, "a SEARCH " + strings.Repeat("(", 5000) + "SEEN" + strings.Repeat(")", 5000) + "\r\n"},

	{"sequence number 0", selected, "a FETCH 0 FLAGS\r\n"},
	{"no sequence set", selected, "a FETCH abc FLAGS\r\n"},
	{"sequence number out of range", selected, "a FETCH 1 FLAGS\r\n"},
	{"sequence number too large", selected, "a FETCH 4294967296 FLAGS\r\n"},
	{"sequence range without end", selected, "a FETCH 1: FLAGS\r\n"},
	{"sequence set with two commas", selected, "a FETCH 1,,2 FLAGS\r\n"},
	{"UID 0", selected, "a UID FETCH 0 FLAGS\r\n"},
	{"UID set of letters", selected, "a UID STORE x FLAGS (\\Seen)\r\n"},
	{"search set", selected, "a SEARCH 0\r\n"},
	{"search UID set", selected, "a UID SEARCH UID 0:*x\r\n"},
	{"unknown search key", selected, "a SEARCH FOO\r\n"},
	{"search without key", selected, "a SEARCH\r\n"},
	{"search for no number", selected, "a SEARCH LARGER x\r\n"},
	{"search for a number too large", selected, "a SEARCH LARGER 99999999999999999999\r\n"},
	{"bad date", selected, "a SEARCH SINCE 32-Jan-2020\r\n"},
	{"date without year", selected, "a SEARCH SINCE 1-Jan\r\n"},
	{"no date", selected, "a SEARCH ON \"\"\r\n"},
	{"date in a literal", selected, "a SEARCH ON {3+}\r\nfoo\r\n"},
	{"bad date-time", loggedIn, "a APPEND INBOX \"1-Foo-2020 00:00:00 +0000\" {3+}\r\nabc\r\n"},
	{"bad date-time, waiting", loggedIn, "a APPEND INBOX \"yesterday\" {3}\r\n"},

	{"name in bad modified UTF-7", loggedIn, "a CREATE &foo\r\n"},
	{"name in modified UTF-7 without end", loggedIn, "a SELECT &AOk\r\n"},
	{"name in superfluous modified UTF-7", loggedIn, "a RENAME foo &AGE-\r\n"},
	{"literal name in bad modified UTF-7", loggedIn, "a DELETE {4+}\r\n&foo\r\n"},
	{"append to a name in bad modified UTF-7", loggedIn, "a APPEND &foo {3+}\r\nabc\r\n"},

	{"literal without number", connected, "a LOGIN {abc}\r\n"},
	{"literal without anything", connected, "a LOGIN {}\r\n"},
	{"literal with only +", connected, "a LOGIN {+}\r\n"},
	{"literal of negative size", connected, "a LOGIN {-1}\r\n"},
	{"literal of minus nothing", connected, "a LOGIN {-0+}\r\n"},
	{"literal with sign", connected, "a LOGIN {+5}\r\n"},
	{"literal of far too much", connected, "a LOGIN {99999999999999999999}\r\n"},
	{"literal with more behind", connected, "a LOGIN {5} x\r\n"},
	{"literal without brace", connected, "a LOGIN {5\r\n"},
	{"message literal without number", loggedIn, "a APPEND INBOX {abc}\r\n"},
	{"message not in a literal", loggedIn, "a APPEND INBOX message\r\n"},
	{"message in quotes", loggedIn, "a APPEND INBOX \"message\"\r\n"},
	{"no message", loggedIn, "a APPEND INBOX\r\n"},
	{"more behind the message", loggedIn, "a APPEND INBOX {3+}\r\nabc foo\r\n"},
	{"junk behind a literal with a space", loggedIn, "a CREATE {3+} \r\nfoo bar\r\n"},
	{"another literal behind the message", loggedIn, "a APPEND INBOX {3+}\r\nabc {3+}\r\ndef\r\n"},
	{"NUL behind the message", loggedIn, "a APPEND INBOX {3+}\r\nabc\x00\r\n"},
	{"append before login", connected, "a APPEND INBOX {3+}\r\nabc\r\n"},
	{"literal in NOOP", loggedIn, "a NOOP {3+}\r\nabc\r\n"},
	{"literal in NOOP, waiting", loggedIn, "a NOOP {3}\r\n"},
	{"literals in NOOP", loggedIn, "a NOOP {3+}\r\nabc {2+}\r\nde\r\n"},
	{"literal in IDLE", loggedIn, "a IDLE {3+}\r\nabc\r\n"},
	{"literal as mechanism", connected, "a AUTHENTICATE {5+}\r\nPLAIN\r\n"},
	{"literal as tag", loggedIn, "{1+}\r\na NOOP\r\n"},
	{"junk behind a literal", loggedIn, "a CREATE {3+}\r\nfoo bar\r\n"},
	{"NUL behind a literal", loggedIn, "a CREATE {3+}\r\nfoo\x00\r\n"},
	{"NUL behind a literal in parentheses", selected, "a SEARCH (SUBJECT {3+}\r\nfoo\x00)\r\n"},
	{"too much behind a literal", loggedIn, "a CREATE {3+}\r\nfoo" + strings.Repeat(" ", 100<<10) + "\r\n"},
	{"more literals than fit in a command", selected, "a SEARCH" + strings.Repeat(" TEXT {0+}\r\n", 4900) + "\r\n"},

	{"too large literal as user", connected, "a LOGIN {5000}\r\n"},
	{"too large literal as password", connected, "a LOGIN alice {5000}\r\n"},
	{"too large non-synchronizing literal as user", connected, "a LOGIN {5000+}\r\n" + filler(5000) + " secret\r\n"},
	{"too large non-synchronizing literal as password", connected, "a LOGIN {5+}\r\nalice {5000+}\r\n" + filler(5000) + "\r\n"},
	{"too large literal in CREATE", loggedIn, "a CREATE {5000}\r\n"},
	{"too large non-synchronizing literal in CREATE", loggedIn, "a CREATE {5000+}\r\n" + filler(5000) + "\r\n"},
	{"too large literal in SELECT", loggedIn, "a SELECT {5000}\r\n"},
	{"too large non-synchronizing literal in SELECT", loggedIn, "a SELECT {5000+}\r\n" + filler(5000) + "\r\n"},
	{"too large literal in SEARCH", selected, "a SEARCH SUBJECT {5000}\r\n"},
	{"too large non-synchronizing literal in SEARCH", selected, "a SEARCH SUBJECT {5000+}\r\n" + filler(5000) + " TEXT {1+}\r\nx\r\n"},
	{"too large second literal in SEARCH", selected, "a SEARCH SUBJECT {1+}\r\nx TEXT {5000+}\r\n" + filler(5000) + "\r\n"},
	{"too large literal in FETCH", selected, "a FETCH 1 BODY[HEADER.FIELDS ({5000+}\r\n" + filler(5000) + ")]\r\n"},
	{"too large literal as the mailbox of APPEND", loggedIn, "a APPEND {5000}\r\n"},
	{"too large non-synchronizing literal as the mailbox of APPEND", loggedIn, "a APPEND {5000+}\r\n" + filler(5000) + " {3+}\r\nabc\r\n"},
	{"too large literal in NOOP", loggedIn, "a NOOP {1000000+}\r\n" + filler(1000000) + "\r\n"},

	{"over-long line", loggedIn, "a CREATE " + strings.Repeat("x", 100<<10) + "\r\n"},
	{"over-long line before login", connected, "a LOGIN alice " + strings.Repeat("x", 100<<10) + "\r\n"},
	{"over-long tag", connected, strings.Repeat("x", 100<<10) + "\r\n"},
	{"over-long line with a literal", loggedIn, "a CREATE " + strings.Repeat("x", 100<<10) + " {5+}\r\nb NOO P\r\n"},
	{"longest line", loggedIn, "a NOOP " + strings.Repeat("x", 48<<10-9) + "\r\n"},
	{"line a little longer", loggedIn, "a NOOP " + strings.Repeat("x", 48<<10-8) + "\r\n"},
	{"line of a buffer", loggedIn, "a NOOP " + strings.Repeat("x", 4096-9) + "\r\n"},
	{"NUL", loggedIn, "a CREATE fo\x00o\r\n"},
	{"NUL in quotes", loggedIn, "a CREATE \"fo\x00o\"\r\n"},
	{"bare CR", loggedIn, "a NOOP x\ry\r\n"},
	{"bare CR in quotes", loggedIn, "a CREATE \"x\ry\"\r\n"},
	{"two CRs", loggedIn, "a NOOP\r\r\n"},
	{"bare LF in quotes", loggedIn, "a CREATE \"foo\n"},
	{"control character", loggedIn, "a CREATE fo\x01o\r\n"},

	{"bad DONE", selected, "a IDLE\r\nFINISHED\r\n"},
	{"empty DONE", selected, "a IDLE\r\n\r\n"},
	{"DONE with a tag", selected, "a IDLE\r\nb DONE\r\n"},
	{"long DONE", selected, "a IDLE\r\nDONE" + strings.Repeat("x", 10<<10) + "\r\n"},
	{"over-long DONE", selected, "a IDLE\r\nDONE" + strings.Repeat("x", 100<<10) + "\r\n"},
	{"DONE without IDLE", selected, "DONE\r\n"},
	{"IDLE before login", connected, "a IDLE\r\n"},
	{"argument of IDLE", selected, "a IDLE foo\r\n"},

	{"AUTHENTICATE cancelled", connected, "a AUTHENTICATE PLAIN\r\n*\r\n"},
	{"SASL response not in base64", connected, "a AUTHENTICATE PLAIN\r\n!\r\n"},
	{"SASL response of nothing", connected, "a AUTHENTICATE PLAIN\r\n\r\n"},
	{"SASL response without NULs", connected, "a AUTHENTICATE PLAIN\r\nZm9v\r\n"},
	{"initial SASL response not in base64", connected, "a AUTHENTICATE PLAIN !\r\n"},
	{"initial SASL response without NULs", connected, "a AUTHENTICATE PLAIN Zm9v\r\n"},
	{"long SASL response", connected, "a AUTHENTICATE PLAIN\r\n" + strings.Repeat("A", 5000) + "\r\n"},
	{"over-long SASL response", connected, "a AUTHENTICATE PLAIN\r\n" + strings.Repeat("A", 100<<10) + "\r\n"},
	{"AUTHENTICATE without mechanism", connected, "a AUTHENTICATE\r\n"},
	{"AUTHENTICATE after login", loggedIn, "a AUTHENTICATE PLAIN\r\n"},
	{"STARTTLS after login", loggedIn, "a STARTTLS foo\r\n"},
}

// filler looks like commands, so that it is noticed where it is read as such.
func filler(n int) string {
	return strings.Repeat("b NOOP\r\n", n/8+1)[:n]
}

// requireOneBad checks the responses up to that to the NOOP behind a malformed
// command.
func requireOneBad(t *testing.T, lines []string) {
	bad := 0
	for _, line := range lines[:len(lines)-1] {
		switch {
		case strings.HasPrefix(line, "a BAD "), strings.HasPrefix(line, "* BAD "),
			regexp.MustCompile(`^\S+ BAD There is no command after the tag\r\n$`).MatchString(line),
			regexp.MustCompile(`^x+ BAD `).MatchString(line):
			bad++
		case strings.HasPrefix(line, "+ "), strings.HasPrefix(line, "* FLAGS"):
		default:
			require.Fail(t, "unexpected response", "%.200q", line)
		}
	}
	require.Equal(t, 1, bad, "%.500q", lines)
	require.Contains(t, lines[len(lines)-1], "z OK", "%.500q", lines)
}

func TestMalformed(t *testing.T) {
	addr, _ := serve(t, true, nil)
	for _, test := range malformed {
		t.Run(test.name, func(t *testing.T) {
			c := dialIn(t, addr, test.state)
			// Twice in one write with the command behind it, then in pieces.
			for range 2 {
				c.send(test.input + "z NOOP\r\n")
				requireOneBad(t, c.until("z"))
			}
			if piece := max(1, len(test.input)/50); piece <= len(test.input) {
				for rest := []byte(test.input); len(rest) > 0; {
					n := min(piece, len(rest))
					c.send(string(rest[:n]))
					rest = rest[n:]
				}
				c.send("z NOOP\r\n")
				requireOneBad(t, c.until("z"))
			}
			if test.state >= loggedIn {
				c.ok("y STATUS INBOX (MESSAGES)")
			} else {
				c.ok("y LOGIN alice secret")
			}
			require.Contains(t, c.ok("x LOGOUT")[0], "* BYE")
			_, err := c.r.ReadByte()
			require.Equal(t, io.EOF, err)
		})
	}
}

// A refused name must not have been taken up to where it was refused.
func TestMalformedChangesNothing(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, loggedIn)
	before := c.ok("1 LIST \"\" *")
	for _, test := range malformed {
		if test.state == loggedIn {
			c.send(test.input + "z NOOP\r\n")
			c.until("z")
		}
	}
	require.Equal(t, before, c.ok("1 LIST \"\" *"))
}

func TestUnknownCommandsBeforeLogin(t *testing.T) {
	addr, _ := serve(t, true, nil)
	for _, s := range []state{connected, loggedIn} {
		c := dialIn(t, addr, s)
		for range 20 {
			c.send("a GET\r\n")
			require.Contains(t, c.line(), "a BAD ")
		}
		c.ok("b NOOP")
	}
	// A browser is sent away.
	c := dial(t, addr)
	c.send("POST / HTTP/1.1\r\n")
	require.Contains(t, c.line(), "POST BAD")
	require.Contains(t, c.line(), "* BYE")
	_, err := c.r.ReadByte()
	require.Error(t, err)
}

// A message whose command is refused is not kept (RFC 3501, section 6.3.11).
func TestRefusedAppend(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, loggedIn)
	for _, input := range []string{
		"{5+}\r\nhellojunk\r\n", "{5+}\r\nhello {5+}\r\nworld\r\n", "{5+}\r\nhello" + strings.Repeat("x", 100000) + "\r\n",
		"{5+}\r\nhe\x00lo\r\n", "{5+}\r\nhello\x00\r\n", "{5000+}\r\n" + filler(5000) + " x\r\n",
	} {
		c.send("a APPEND INBOX " + input + "z NOOP\r\n")
		requireOneBad(t, c.until("z"))
		require.Equal(t, "* STATUS INBOX (MESSAGES 0)\r\n", c.ok("b STATUS INBOX (MESSAGES)")[0], "%.100q", input)
	}
	c.send("c APPEND INBOX ~{5+}\r\nhe\x00lo\r\n")
	require.Contains(t, c.line(), "c OK")
	c.send("d APPEND INBOX {0+}\r\n\r\n")
	require.Contains(t, c.line(), "d OK")
	require.Equal(t, "* STATUS INBOX (MESSAGES 2)\r\n", c.ok("e STATUS INBOX (MESSAGES)")[0])
}

// imapserver's sessions cannot tell LSUB from LIST without the guard.
func TestLSUB(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, loggedIn)
	c.ok("1 CREATE a/b/c")
	c.ok("2 SUBSCRIBE a/b/c")
	c.ok("3 SUBSCRIBE INBOX")
	lines := c.ok(`4 LSUB "" %`)
	require.Equal(t, []string{
		"* LSUB (\\HasNoChildren \\Subscribed) \"/\" INBOX\r\n",
		"* LSUB (\\Noselect) \"/\" \"a\"\r\n",
	}, lines[:2]) // RFC 3501, section 6.3.9
	require.Len(t, c.ok(`5 LIST (SUBSCRIBED) "" %`), 2)
	require.Contains(t, c.ok(`6 LSUB "" *`)[1], `"a/b/c"`)
}

func TestPipelined(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dial(t, addr)
	c.send("1 NOOP\r\n2 FOO\r\n\r\n3 LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n4 SELECT {6000+}\r\n" + filler(6000) +
		"\r\n5 SELECT INBOX\r\n6 IDLE\r\nDONE\r\n7 IDLE\r\nfoo\r\n8 FETCH 0 FLAGS\r\n9 SEARCH ALL\r\n10 LOGOUT\r\n")
	all, err := io.ReadAll(c.r)
	require.NoError(t, err)
	var tagged []string
	for line := range strings.Lines(string(all)) {
		if !strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "* BAD") {
			tagged = append(tagged, strings.Join(strings.Fields(line)[:2], " "))
		}
	}
	require.Equal(t, []string{"1 OK", "2 BAD", "* BAD", "3 OK", "4 BAD", "5 OK", "+ idling", "6 OK",
		"+ idling", "7 BAD", "8 BAD", "9 OK", "10 OK"}, tagged)
}

// An update that IDLE writes at the moment its session ends the command must
// neither be lost nor come behind the answer.
func TestIdleEndsWhileUpdated(t *testing.T) {
	addr, _ := serve(t, true, nil)
	idler, other := dialIn(t, addr, selected), dialIn(t, addr, loggedIn)
	for i := range 50 {
		done := "DONE\r\n"
		if i%2 == 1 {
			done = "ENOD\r\n"
		}
		idler.send("i IDLE\r\n")
		require.Equal(t, "+ idling\r\n", idler.line())
		other.send("o APPEND INBOX {3+}\r\nabc\r\n")
		idler.send(done)
		idler.until("i")
		other.until("o")
		idler.send("n NOOP\r\n")
		idler.until("n")
	}
	idler.send("s STATUS INBOX (MESSAGES)\r\n")
	require.Equal(t, "* STATUS \"INBOX\" (MESSAGES 50)\r\n", strings.ReplaceAll(idler.until("s")[0], "STATUS INBOX", "STATUS \"INBOX\""))
}

func TestLowerCaseDone(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, selected)
	c.send("a IDLE\r\ndone\r\n")
	require.Equal(t, "+ idling\r\n", c.line())
	require.Contains(t, c.line(), "a OK ")
}

func tlsConfigs(t *testing.T) (server, client *tls.Config) {
	web := httptest.NewTLSServer(nil)
	web.Close() // only its certificate is wanted
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: pool, ServerName: "example.com"}
}

func TestStartTLS(t *testing.T) {
	serverTLS, clientTLS := tlsConfigs(t)
	addr, _ := serve(t, true, serverTLS)
	c := dial(t, addr)
	c.send("\r\n")
	require.Contains(t, c.line(), "* BAD ")
	require.Contains(t, c.ok("0 CAPABILITY")[0], " STARTTLS LOGINDISABLED")
	c.send("1 LOGIN alice secret\r\n2 AUTHENTICATE PLAIN\r\n")
	require.Contains(t, c.line(), "1 NO [PRIVACYREQUIRED]")
	require.Contains(t, c.line(), "2 NO [PRIVACYREQUIRED]")
	// What is injected behind the command must not be executed in the
	// session that is protected.
	c.send("a STARTTLS\r\nb LOGIN alice secret\r\nc CREATE injected\r\n")
	require.Contains(t, c.line(), "a OK ")
	conn := tls.Client(c.conn, clientTLS)
	c.conn, c.r = conn, bufio.NewReader(conn)
	caps := c.ok("d CAPABILITY")[0]
	require.Contains(t, caps, "AUTH=PLAIN")
	require.NotContains(t, caps, "STARTTLS")
	c.ok("e LOGIN alice secret")
	require.Len(t, c.ok("f LIST \"\" *"), 2)
	c.ok("g SELECT INBOX")
	c.send("h APPEND INBOX {100000}\r\n")
	require.Contains(t, c.line(), "+ ")
	c.send(filler(100000) + "\r\n")
	lines := c.until("h")
	require.Contains(t, lines[len(lines)-1], "h OK")
	require.Contains(t, c.ok("i FETCH 1 BODY[]")[0], filler(100000))
	c.send("j STARTTLS\r\n")
	require.Contains(t, c.line(), "j BAD")
	// It is guarded as before.
	for _, test := range malformed {
		if test.state == selected && test.input != "a FETCH 1 FLAGS\r\n" { // there is one
			c.send(test.input + "z NOOP\r\n")
			lines := c.until("z")
			require.Len(t, slices.DeleteFunc(lines, func(s string) bool { return !strings.Contains(s, " BAD ") }), 1, "%.200q", test.input)
		}
	}
	c.ok("k LOGOUT")
	_, err := c.r.ReadByte()
	require.Equal(t, io.EOF, err)
}

// Connections that STARTTLS has come on end as others do, in the handshake too.
func TestStartTLSFails(t *testing.T) {
	serverTLS, _ := tlsConfigs(t)
	addr, _ := serve(t, true, serverTLS)
	for _, input := range []string{"", "\x16\x03\x01", "b NOOP\r\nc LOGIN alice secret\r\n"} {
		c := dial(t, addr)
		c.send("a STARTTLS\r\n")
		require.Contains(t, c.line(), "a OK ")
		c.send(input)
		require.NoError(t, c.conn.(*net.TCPConn).CloseWrite())
		rest, err := io.ReadAll(c.r)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NotContains(t, string(rest), "OK")
	}
	// This one is left open.
	c := dial(t, addr)
	c.send("a STARTTLS\r\n")
	require.Contains(t, c.line(), "a OK ")
}

// good is a session that is right in all it says; a literal that is waited
// with is split from the rest of its command.
var good = []string{
	"1 CAPABILITY\r\n", "2 NOOP\r\n", "3 LOGIN alice wrong\r\n", "4 AUTHENTICATE PLAIN\r\n", "AGFsaWNlAHdyb25n\r\n",
	"5 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n", "6 UNAUTHENTICATE\r\n", "7 login {5}\r\n", "alice {6+}\r\nsecret\r\n",
	"8 namespace\r\n", "9 LIST \"\" \"*\"\r\n", "10 CREATE Entw&APw-rfe/&ZeVnLA-\r\n", "11 CREATE {9}\r\n", "with \"quo\r\n",
	"12 SUBSCRIBE \"Entw&APw-rfe\"\r\n", "13 LSUB \"\" %\r\n", "14 LIST (SUBSCRIBED) \"\" (* %) RETURN (CHILDREN STATUS (MESSAGES UIDNEXT SIZE))\r\n",
	"15 STATUS INBOX (MESSAGES UNSEEN)\r\n", "16 SELECT nothing\r\n", "17 SELECT INBOX\r\n",
	"18 APPEND INBOX (\\Seen $Foo) \" 1-Jan-2020 10:11:12 +0100\" {37}\r\n", "Subject: one\r\n\r\nb NOOP\r\n\"(x{3+}\r\n\r\n\r\n\r\n",
	"19 APPEND \"INBOX\" \"02-Feb-2021 00:00:00 +0000\" {19+}\r\nSubject: two\r\n\r\nx\r\n\r\n",
	"20 APPEND {5}\r\n", "INBOX (\\Flagged) \"02-Feb-2021 00:00:00 +0000\" ~{5+}\r\na\x00b\r\n\r\n",
	"21 APPEND Missing {3+}\r\nabc\r\n",
	"22 FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)\r\n", "23 FETCH 1 BODY[]\r\n",
	"24 UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject {4}\r\n", "From)] BODY.PEEK[TEXT]<1.3>)\r\n",
	"25 SEARCH CHARSET UTF-8 OR SUBJECT {3}\r\n", "two (SEEN NOT DELETED)\r\n", "26 UID SEARCH RETURN (MIN MAX COUNT) ALL\r\n",
	"27 STORE 1 +FLAGS.SILENT (\\Deleted)\r\n", "28 UID STORE 2:* FLAGS \\Answered\r\n", "29 COPY 1:2 Entw&APw-rfe\r\n",
	"30 UID MOVE 3 Entw&APw-rfe\r\n", "31 EXPUNGE\r\n", "32 IDLE\r\n", "DONE\r\n", "33 CHECK\r\n", "34 UNSELECT\r\n",
	"35 EXAMINE Entw&APw-rfe\r\n", "36 ENABLE IMAP4rev2\r\n", "37 CLOSE\r\n", "38 RENAME Entw&APw-rfe Drafts\r\n",
	"39 DELETE Drafts/&ZeVnLA-\r\n", "40 UNSUBSCRIBE Entw&APw-rfe\r\n", "41 SELECT Drafts\n", "42 UID EXPUNGE 1:*\r\n",
	"43 STARTTLS\r\n", "44 NOOP \r\n", "45 SELECT \"\\\"(\"\r\n", "46 LOGOUT\r\n",
}

// changing are the numbers that depend on the time.
var changing = regexp.MustCompile(`(UIDVALIDITY|APPENDUID|COPYUID) \d+`)

func TestTransparent(t *testing.T) {
	transcript := func(guarded, pieces bool) string {
		addr, _ := serve(t, guarded, nil)
		c := dial(t, addr)
		var sb strings.Builder
		for _, s := range good {
			if pieces {
				for i := range len(s) {
					c.send(s[i : i+1])
				}
			} else {
				c.send(s)
			}
			// All of them end in a tagged response or a continuation request.
			for {
				line := c.line()
				sb.WriteString(line)
				if !strings.HasPrefix(line, "* ") {
					break
				}
			}
		}
		rest, err := io.ReadAll(c.r)
		require.NoError(t, err)
		return changing.ReplaceAllString(sb.String()+string(rest), "$1 0")
	}
	want := transcript(false, false)
	require.NotContains(t, want, "BAD")
	require.Equal(t, want, transcript(true, false))
	require.Equal(t, want, transcript(true, true))
}

func TestLargeMessages(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, selected)
	message := filler(20 << 20)
	for i, literal := range []string{"{%d}", "{%d+}", "~{%d+}"} {
		c.send("a APPEND INBOX (\\Seen) " + fmt.Sprintf(literal, len(message)) + "\r\n")
		if i == 0 {
			require.Contains(t, c.line(), "+ ")
		}
		c.send(message + "\r\n")
		lines := c.until("a")
		require.Contains(t, lines[len(lines)-1], "a OK")
		fetched := c.ok(fmt.Sprintf("f FETCH %d BODY.PEEK[]", i+1))
		require.Len(t, fetched, 2)
		want := fmt.Sprintf("* %d FETCH (BODY[] {%d}\r\n%s)\r\n", i+1, len(message), message)
		require.True(t, want == fetched[0], "the message came back different")
	}
}

// Of a message that is too large, the client is told before it sends it, or
// all of it is read.
func TestTooLargeMessage(t *testing.T) {
	addr, _ := serve(t, true, nil)
	c := dialIn(t, addr, loggedIn)
	c.send("a APPEND INBOX {200000000}\r\n")
	require.Contains(t, c.line(), "a NO [TOOBIG]")
	c.send("b APPEND INBOX {110000000+}\r\n")
	chunk := filler(10000000)
	for range 11 {
		c.send(chunk)
	}
	c.send("\r\n")
	require.Contains(t, c.line(), "b NO [TOOBIG]")
	c.ok("c NOOP")
}

func TestConnectionEnds(t *testing.T) {
	addr, _ := serve(t, true, nil)
	for _, input := range []string{
		"a", "a NOOP", "a LOGIN {5}\r\nal", "a LOGIN {5000+}\r\nfoo", "a AUTHENTICATE PLAIN\r\n", "a AUTHENTICATE PLAIN\r\nfoo",
		"b LOGIN alice secret\r\na IDLE\r\n", "b LOGIN alice secret\r\na IDLE\r\nDO", "b LOGIN alice secret\r\na APPEND INBOX {10+}\r\nx",
		"b LOGIN alice secret\r\na APPEND INBOX {3+}\r\nabc", "a CREATE " + strings.Repeat("x", 60<<10),
	} {
		c := dial(t, addr)
		c.send(input)
		require.NoError(t, c.conn.(*net.TCPConn).CloseWrite())
		_, err := io.ReadAll(c.r)
		require.NoError(t, err, "%.100q", input)
	}
}

// FuzzGuard throws anything at a guarded server: it must not panic, must end
// with its input, and must not answer a command twice.
func FuzzGuard(f *testing.F) {
	for _, test := range malformed {
		if len(test.input) < 10000 {
			f.Add(byte(test.state), []byte(test.input))
		}
	}
	f.Add(byte(connected), []byte(strings.Join(good, "")))
	path := filepath.Join(f.TempDir(), "imap") // unlike TCP, it does not run out of ports
	f.Fuzz(func(t *testing.T, s byte, input []byte) {
		ln, err := net.Listen("unix", path)
		require.NoError(t, err)
		log := serveOn(t, ln, true, nil)
		conn, err := net.Dial("unix", path)
		require.NoError(t, err)
		c := newClient(t, conn)
		c.enter(state(s % 3))
		go func() {
			c.conn.Write(input)
			c.conn.(*net.UnixConn).CloseWrite()
		}()
		output, err := io.ReadAll(c.r)
		if err != nil {
			// The server may hang up (after LOGOUT, or on a browser) before
			// it has read everything.
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "%q", input)
		}
		log.requireNoPanic(t)

		asked, answered := make(map[string]int), make(map[string]int)
		for line := range bytes.SplitSeq(input, []byte("\n")) {
			tag, _, _ := strings.Cut(strings.TrimRight(string(line), "\r"), " ")
			asked[tag]++
		}
		for len(output) > 0 {
			line, rest, ok := bytes.Cut(output, []byte("\n"))
			if !ok {
				break
			}
			output = rest
			if m := literalAtEnd.FindSubmatch(append(line[:len(line):len(line)], '\n')); m != nil {
				n, err := strconv.Atoi(string(m[1]))
				require.NoError(t, err)
				output = output[min(n, len(output)):]
			}
			if m := status.FindSubmatch(line); m != nil {
				answered[string(m[1])]++
			}
		}
		for tag, n := range answered {
			require.LessOrEqual(t, n, asked[tag], "answers to %q", tag)
		}
	})
}

var status = regexp.MustCompile(`^([^*+ ][^ ]*) (OK|NO|BAD) `)
