package memstore

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/stretchr/testify/require"
)

// deadline is how long a test waits for what must come.
const deadline = 20 * time.Second

// harness is a store with one user, behind imapserver on a loopback address.
type harness struct {
	store *Store
	addr  string

	mu     sync.Mutex
	events []*msgevent.Event
}

func newHarness(tb testing.TB) *harness {
	tb.Helper()
	h := &harness{}
	store, err := New(&Options{Host: "mail.example.org", Publish: func(e *msgevent.Event, _ net.Conn) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}})
	require.NoError(tb, err)
	require.NoError(tb, store.AddUser("ann", "secret"))
	h.store = store
	h.addr = serve(tb, Caps(), h.session)
	return h
}

func (h *harness) session(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	return h.store.NewSession(conn), nil, nil
}

type newSession = func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error)

// serve serves sessions until the test ends, and fails it if one panicked.
func serve(tb testing.TB, caps imap.CapSet, session newSession) (addr string) {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	serveOn(tb, ln, caps, session)
	return ln.Addr().String()
}

func serveOn(tb testing.TB, ln net.Listener, caps imap.CapSet, session newSession) {
	tb.Helper()
	var logged lockedBuffer
	srv := imapserver.New(&imapserver.Options{
		NewSession:   session,
		Caps:         caps,
		InsecureAuth: true,
		Logger:       log.New(&logged, "", 0),
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln)
	}()
	tb.Cleanup(func() {
		_ = srv.Close()
		<-done
		require.NotContains(tb, logged.String(), "panic")
	})
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// takeEvents returns the events since the last call.
func (h *harness) takeEvents() []*msgevent.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := h.events
	h.events = nil
	return events
}

// client is an IMAP client that sees all that is on the wire.
type client struct {
	tb   testing.TB
	conn net.Conn
	br   *bufio.Reader
	tags int
	last string // what was sent last, for messages of failures
}

// connect opens a connection and logs in.
func (h *harness) connect(tb testing.TB) *client {
	tb.Helper()
	return dial(tb, h.addr)
}

func dial(tb testing.TB, addr string) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	c := &client{tb: tb, conn: conn, br: bufio.NewReader(conn)}
	c.read() // greeting
	c.ok("LOGIN ann secret")
	return c
}

// response is one line of the server with its literals, parsed. A list is
// []any, everything else a string; NIL is the string NIL.
type response struct {
	raw    string
	fields []any
}

// result is the answer to a command.
type result struct {
	status   string // OK, NO or BAD
	code     string // response code, without brackets
	text     string
	untagged []response
}

// read reads one response.
func (c *client) read() response {
	c.tb.Helper()
	require.NoError(c.tb, c.conn.SetReadDeadline(time.Now().Add(deadline)))
	r, err := readResponse(c.br)
	require.NoError(c.tb, err, "after %q", c.last)
	return r
}

var literalEnd = regexp.MustCompile(`\{(\d+)\}\r\n$`)

func readResponse(br *bufio.Reader) (response, error) {
	var raw strings.Builder
	for {
		line, err := br.ReadString('\n')
		raw.WriteString(line)
		if err != nil {
			return response{}, fmt.Errorf("after %q: %w", raw.String(), err)
		}
		m := literalEnd.FindStringSubmatch(line)
		if m == nil {
			break
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return response{}, err
		}
		lit := make([]byte, n)
		if _, err := io.ReadFull(br, lit); err != nil {
			return response{}, err
		}
		raw.Write(lit)
	}
	s := raw.String()
	if !strings.HasSuffix(s, "\r\n") {
		return response{}, fmt.Errorf("line without CRLF: %q", s)
	}
	r := response{raw: s}
	s = strings.TrimSuffix(s, "\r\n")
	// The text of a status response is free.
	if words := strings.SplitN(s, " ", 3); words[0] == "+" || len(words) > 1 && slices.Contains([]string{"OK", "NO", "BAD", "BYE"}, words[1]) {
		for _, w := range words {
			r.fields = append(r.fields, w)
		}
		return r, nil
	}
	p := parser{s: s}
	for p.s != "" {
		f, err := p.value()
		if err != nil {
			return r, fmt.Errorf("in %q: %w", r.raw, err)
		}
		r.fields = append(r.fields, f)
		if p.s != "" && !p.skip(" ") {
			return r, fmt.Errorf("in %q: no space at %q", r.raw, p.s)
		}
	}
	return r, nil
}

type parser struct{ s string }

func (p *parser) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(p.s, prefix)
	p.s = rest
	return ok
}

func (p *parser) value() (any, error) {
	switch {
	case p.skip("("):
		list := []any{}
		for {
			if p.skip(")") {
				return list, nil
			}
			if len(list) > 0 && !p.skip(" ") && !strings.HasPrefix(p.s, "(") { // body-type-mpart has no spaces
				return nil, fmt.Errorf("no space at %q", p.s)
			}
			v, err := p.value()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	case p.skip(`"`):
		var b strings.Builder
		for i := 0; i < len(p.s); i++ {
			switch p.s[i] {
			case '"':
				p.s = p.s[i+1:]
				return b.String(), nil
			case '\\':
				i++
			case '\r', '\n', 0:
				return nil, fmt.Errorf("quoted string with %q", p.s[i])
			}
			b.WriteByte(p.s[i])
		}
		return nil, fmt.Errorf("open quote at %q", p.s)
	case strings.HasPrefix(p.s, "{"), strings.HasPrefix(p.s, "~{"):
		p.skip("~")
		size, rest, ok := strings.Cut(p.s[1:], "}\r\n")
		n, err := strconv.Atoi(size)
		if !ok || err != nil || n > len(rest) {
			return nil, fmt.Errorf("bad literal at %q", p.s)
		}
		p.s = rest[n:]
		return rest[:n], nil
	}
	// An atom; BODY[HEADER.FIELDS (A B)]<0> is one.
	depth, i := 0, 0
	for ; i < len(p.s); i++ {
		ch := p.s[i]
		if ch == '[' {
			depth++
		} else if ch == ']' {
			depth--
		} else if depth == 0 && (ch == ' ' || ch == '(' || ch == ')') {
			break
		} else if ch < ' ' {
			return nil, fmt.Errorf("control character in an atom at %q", p.s)
		}
	}
	if i == 0 {
		return nil, fmt.Errorf("no value at %q", p.s)
	}
	atom := p.s[:i]
	p.s = p.s[i:]
	return atom, nil
}

// str returns field i as a string, "" if it is not one.
func (r response) str(i int) string {
	if i >= len(r.fields) {
		return ""
	}
	s, _ := r.fields[i].(string)
	return s
}

// numbered reports whether the response is "* n kind".
func (r response) numbered(kind string) (uint32, bool) {
	if r.str(0) != "*" || r.str(2) != kind {
		return 0, false
	}
	n, err := strconv.ParseUint(r.str(1), 10, 32)
	return uint32(n), err == nil
}

// items returns the data items of a FETCH response, by name.
func (r response) items(tb testing.TB) map[string]any {
	return pairs(tb, r, 3)
}

func pairs(tb testing.TB, r response, field int) map[string]any {
	tb.Helper()
	require.Greater(tb, len(r.fields), field, "%q", r.raw)
	list, ok := r.fields[field].([]any)
	require.True(tb, ok && len(list)%2 == 0, "%q", r.raw)
	m := make(map[string]any)
	for i := 0; i < len(list); i += 2 {
		name, ok := list[i].(string)
		require.True(tb, ok, "%q", r.raw)
		require.NotContains(tb, m, name, "%q", r.raw)
		m[name] = list[i+1]
	}
	return m
}

// send sends a command and returns its tag.
func (c *client) send(command string) string {
	c.tb.Helper()
	c.tags++
	tag := "T" + strconv.Itoa(c.tags)
	c.last = command
	c.write(tag + " " + command + "\r\n")
	return tag
}

func (c *client) write(s string) {
	c.tb.Helper()
	require.NoError(c.tb, c.conn.SetWriteDeadline(time.Now().Add(deadline)))
	_, err := io.WriteString(c.conn, s)
	require.NoError(c.tb, err)
}

// wait reads up to the answer with that tag.
func (c *client) wait(tag string) result {
	c.tb.Helper()
	var res result
	for {
		r := c.read()
		if r.str(0) != tag {
			require.Contains(c.tb, []string{"*", "+"}, r.str(0), "%q", r.raw)
			res.untagged = append(res.untagged, r)
			continue
		}
		res.status, res.text = r.str(1), r.str(2)
		if m := codePattern.FindStringSubmatch(res.text); m != nil {
			res.code = m[1]
		}
		return res
	}
}

var codePattern = regexp.MustCompile(`^\[([^\]]*)\]`)

// do sends a command and returns the answer. A literal is sent when the server
// asks for it.
func (c *client) do(command string, literals ...string) result {
	c.tb.Helper()
	if len(literals) == 0 {
		return c.wait(c.send(command))
	}
	tag := c.send(fmt.Sprintf("%s {%d}", command, len(literals[0])))
	for {
		r := c.read()
		if r.str(0) == "+" {
			break
		}
		require.NotEqual(c.tb, tag, r.str(0), "no literal wanted: %q", r.raw)
	}
	c.write(literals[0] + "\r\n")
	return c.wait(tag)
}

// ok is do for a command that must succeed.
func (c *client) ok(command string, literals ...string) []response {
	c.tb.Helper()
	res := c.do(command, literals...)
	require.Equal(c.tb, "OK", res.status, "%s: %s", command, res.text)
	return res.untagged
}

// fails is do for a command that must not succeed.
func (c *client) fails(status, code, command string, literals ...string) {
	c.tb.Helper()
	res := c.do(command, literals...)
	require.Equal(c.tb, status, res.status, "%s: %s", command, res.text)
	require.Equal(c.tb, code, res.code, "%s: %s", command, res.text)
}

// lines are the untagged responses as they came, without "* " and line end.
func lines(rs []response) []string {
	out := make([]string, 0, len(rs))
	for _, r := range rs {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(r.raw, "* "), "\r\n"))
	}
	return out
}

// idle sends IDLE and waits until the server listens.
func (c *client) idle() (tag string) {
	c.tb.Helper()
	tag = c.send("IDLE")
	r := c.read()
	require.Equal(c.tb, "+", r.str(0), "%q", r.raw)
	return tag
}

// done ends IDLE.
func (c *client) done(tag string) result {
	c.tb.Helper()
	c.write("DONE\r\n")
	return c.wait(tag)
}

// appendMessage appends to a mailbox and returns the UID.
func (c *client) appendMessage(mailbox, flags, message string) string {
	c.tb.Helper()
	if flags != "" {
		flags = " " + flags
	}
	res := c.do("APPEND "+mailbox+flags, message)
	require.Equal(c.tb, "OK", res.status, "%s", res.text)
	words := strings.Fields(res.code)
	require.Len(c.tb, words, 3, "%s", res.text)
	return words[2]
}

// flagSet is a set of flags in lower case.
type flagSet map[string]bool

func flagSetOf(list any) flagSet {
	set := flagSet{}
	for _, f := range list.([]any) {
		set[strings.ToLower(f.(string))] = true
	}
	return set
}

func flagSetOfFlags(list []imap.Flag) flagSet {
	set := flagSet{}
	for _, f := range list {
		set[strings.ToLower(string(f))] = true
	}
	return set
}

func (s flagSet) String() string {
	return strings.Join(slices.Sorted(maps.Keys(s)), " ")
}

func (s flagSet) equal(o flagSet) bool { return maps.Equal(s, o) }

// store returns what STORE makes of the set.
func (s flagSet) store(op string, flags []string) flagSet {
	out := flagSet{}
	if op != "" {
		maps.Copy(out, s)
	}
	for _, f := range flags {
		if op == "-" {
			delete(out, strings.ToLower(f))
		} else {
			out[strings.ToLower(f)] = true
		}
	}
	return out
}
