package notifyserver_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// publishRig is a server with imapmemserver behind the layer and Publish.
type publishRig struct {
	t         *testing.T
	addr      string
	publisher notifyserver.Publisher
	mem       *imapmemserver.Server

	mu     sync.Mutex
	events []*msgevent.Event
}

// newPublishRig starts one with the user alice, who has an INBOX. wrap, if not
// nil, makes the session that is decorated.
func newPublishRig(t *testing.T, wrap func(imapserver.Session) imapserver.Session) *publishRig {
	r := &publishRig{t: t, mem: imapmemserver.New()}
	user := imapmemserver.NewUser("alice", "secret")
	require.NoError(t, user.Create("INBOX", nil))
	r.mem.AddUser(user)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r.addr = ln.Addr().String()
	layer := &notifyserver.Server{Source: &r.publisher, AllowInsecureAuth: true}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			session := r.mem.NewSession()
			if wrap != nil {
				session = wrap(session)
			}
			return notifyserver.Publish(session, conn, r.options()), nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapSearchRes: {},
			imap.CapUnauthenticate: {}, imap.CapBinary: {},
		},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(layer.Listener(ln))
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return r
}

func (r *publishRig) options() *notifyserver.PublishOptions {
	return &notifyserver.PublishOptions{
		Publisher: &r.publisher,
		Host:      "mail.example",
		OnEvent: func(e *msgevent.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		},
	}
}

// take returns the events since the last call.
func (r *publishRig) take() []*msgevent.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// described returns the events since the last call, on a line each.
func (r *publishRig) described() []string {
	lines := []string{}
	for _, e := range r.take() {
		lines = append(lines, describe(e))
	}
	return lines
}

// describe puts what tells an event from others on one line.
func describe(e *msgevent.Event) string {
	var b strings.Builder
	short := func(s string) string { return strings.TrimPrefix(s, "imap://alice@mail.example/") }
	fmt.Fprintf(&b, "%s %s", e.Type, short(e.URI))
	if e.OldMailboxID != "" {
		fmt.Fprintf(&b, " old=%s", short(e.OldMailboxID))
	}
	if len(e.UIDs) > 0 {
		fmt.Fprintf(&b, " uids=%s", e.UIDs)
	}
	if len(e.Flags) > 0 {
		fmt.Fprintf(&b, " flags=%s", e.Flags)
	}
	if e.Messages != nil {
		fmt.Fprintf(&b, " messages=%d", *e.Messages)
	}
	if e.UIDNext != 0 {
		fmt.Fprintf(&b, " uidnext=%d", e.UIDNext)
	}
	for _, x := range e.Extensions {
		if x.Name == notifyserver.UnseenParameter {
			fmt.Fprintf(&b, " unseen=%s", x.Value)
		}
	}
	if e.MessageSize != nil {
		fmt.Fprintf(&b, " size=%d", *e.MessageSize)
	}
	return b.String()
}

// publishClient speaks IMAP on the wire.
type publishClient struct {
	t    *testing.T
	conn net.Conn
	br   *bufio.Reader
	n    int
}

func (r *publishRig) connect() *publishClient {
	conn, err := net.Dial("tcp", r.addr)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { conn.Close() })
	c := &publishClient{t: r.t, conn: conn, br: bufio.NewReader(conn)}
	c.line()
	return c
}

// login connects and logs in, and drops the event of it.
func (r *publishRig) login() *publishClient {
	c := r.connect()
	c.ok("LOGIN alice secret")
	r.take()
	return c
}

// line reads a line; that nothing comes fails the test in the end.
func (c *publishClient) line() string {
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, err := c.br.ReadString('\n')
	require.NoError(c.t, err)
	return strings.TrimSuffix(line, "\r\n")
}

// do gives a command, with literals of their own line after the first, and
// returns the untagged responses and the tagged one.
func (c *publishClient) do(command string) (untagged []string, tagged string) {
	c.n++
	tag := fmt.Sprintf("t%d", c.n)
	_, err := fmt.Fprintf(c.conn, "%s %s\r\n", tag, strings.ReplaceAll(command, "\n", "\r\n"))
	require.NoError(c.t, err)
	for {
		line := c.line()
		if rest, ok := strings.CutPrefix(line, tag+" "); ok {
			return untagged, rest
		}
		if !strings.HasPrefix(line, "+") {
			untagged = append(untagged, line)
		}
	}
}

// ok gives a command that must succeed.
func (c *publishClient) ok(command string) []string {
	c.t.Helper()
	untagged, tagged := c.do(command)
	require.True(c.t, strings.HasPrefix(tagged, "OK "), "%s: %s", command, tagged)
	return untagged
}

// add appends a message of 22 octets.
func (c *publishClient) add(mailbox, flags string) {
	c.t.Helper()
	c.ok("APPEND " + mailbox + " (" + flags + ") {22+}\nSubject: hi\n\nhello\n")
}
