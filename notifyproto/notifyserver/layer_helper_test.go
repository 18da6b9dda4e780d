package notifyserver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

// backend is imapmemserver with UNAUTHENTICATE.
type backend struct {
	users map[string]*imapmemserver.User
}

func newBackend(t testing.TB) *backend {
	b := &backend{users: make(map[string]*imapmemserver.User)}
	for _, name := range []string{"alice", "bob"} {
		u := imapmemserver.NewUser(name, "secret")
		for _, mailbox := range []string{"INBOX", "Work", "Lists/go", "Entwürfe"} {
			require.NoError(t, u.Create(mailbox, nil))
		}
		b.users[name] = u
	}
	return b
}

func (b *backend) append(t testing.TB, user, mailbox, text string) {
	_, err := b.users[user].Append(mailbox, literal{strings.NewReader(text)}, &imap.AppendOptions{Time: time.Unix(1e9, 0).UTC()})
	require.NoError(t, err)
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

type backendSession struct {
	*imapmemserver.UserSession
	backend *backend
}

func (s *backendSession) Login(name, password string) error {
	u := s.backend.users[name]
	if u == nil {
		return imapserver.ErrAuthFailed
	}
	if err := u.Login(name, password); err != nil {
		return err
	}
	s.UserSession = imapmemserver.NewUserSession(u)
	return nil
}

func (s *backendSession) Unauthenticate() error {
	err := s.Close()
	s.UserSession = nil
	return err
}

func (b *backend) newSession(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	return &backendSession{backend: b}, nil, nil
}

// setup is a server to test.
type setup struct {
	layer   *Server // nil: none
	session func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error)
	pipe    bool                            // net.Pipe in place of TCP
	below   func(net.Listener) net.Listener // under the layer
	read    *recorder                       // gets what imapserver reads
	caps    imap.CapSet                     // nil: defaultCaps
}

var defaultCaps = imap.CapSet{
	imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapUnauthenticate: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {},
	imap.CapMove: {}, imap.CapESearch: {}, imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapStatusSize: {},
}

// server is a running server.
type server struct {
	t    testing.TB
	addr string
	pipe *pipeListener
}

func start(t testing.TB, s setup) *server {
	var ln net.Listener
	srv := &server{t: t}
	if s.pipe {
		srv.pipe = &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		ln = srv.pipe
	} else {
		var err error
		ln, err = net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		srv.addr = ln.Addr().String()
	}
	if s.below != nil {
		ln = s.below(ln)
	}
	if s.layer != nil {
		ln = s.layer.Listener(ln)
	}
	if s.read != nil {
		ln = recordingListener{ln, s.read}
	}
	if s.caps == nil {
		s.caps = defaultCaps
	}
	behind := imapserver.New(&imapserver.Options{
		NewSession: s.session, Caps: s.caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = behind.Serve(ln)
	}()
	t.Cleanup(func() {
		_ = behind.Close()
		<-done
	})
	return srv
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (ln *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-ln.conns:
		return conn, nil
	case <-ln.closed:
		return nil, net.ErrClosed
	}
}

func (ln *pipeListener) Close() error {
	ln.once.Do(func() { close(ln.closed) })
	return nil
}

func (ln *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// recorder keeps what was written to it.
type recorder struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// recordingListener records what is read from its connections.
type recordingListener struct {
	net.Listener
	r *recorder
}

func (ln recordingListener) Accept() (net.Conn, error) {
	conn, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return recordingConn{conn, ln.r}, nil
}

type recordingConn struct {
	net.Conn
	r *recorder
}

func (c recordingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	_, _ = c.r.Write(p[:n])
	return n, err
}

func (c recordingConn) NetConn() net.Conn { return c.Conn }

// conn returns a connection.
func (s *server) conn() net.Conn {
	if s.pipe == nil {
		conn, err := net.Dial("tcp", s.addr)
		require.NoError(s.t, err)
		return conn
	}
	ours, theirs := net.Pipe()
	s.pipe.conns <- theirs
	return ours
}

// client is a client that keeps all that it is sent.
type client struct {
	t    testing.TB
	conn net.Conn

	mu   sync.Mutex
	cond *sync.Cond
	all  []byte
	used int // what was waited for
	err  error
	stop chan struct{} // closed when the reader has ended
}

// client connects a client that reads all the time, and waits for the greeting.
func (s *server) client() *client {
	c := newClient(s.t, s.conn())
	c.line("* OK ")
	return c
}

func newClient(t testing.TB, conn net.Conn) *client {
	c := &client{t: t, conn: conn}
	c.cond = sync.NewCond(&c.mu)
	t.Cleanup(func() { _ = conn.Close() })
	c.read()
	return c
}

func (c *client) read() {
	c.stop = make(chan struct{})
	stop := c.stop
	go func() {
		defer close(stop)
		buf := make([]byte, 4096)
		for {
			n, err := c.conn.Read(buf)
			c.mu.Lock()
			c.all = append(c.all, buf[:n]...)
			if err != nil {
				c.err = err
			}
			c.cond.Broadcast()
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
}

// startTLS makes the client go on in TLS.
func (c *client) startTLS() error {
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now()))
	<-c.stop
	require.NoError(c.t, c.conn.SetReadDeadline(time.Time{}))
	c.mu.Lock()
	c.err = nil
	c.mu.Unlock()
	conn := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
	c.conn = conn
	if err := conn.Handshake(); err != nil {
		return err
	}
	c.read()
	return nil
}

// send writes; lines in it end with CRLF, which the last one gets.
func (c *client) send(text string) {
	_, err := io.WriteString(c.conn, text+"\r\n")
	require.NoError(c.t, err)
}

// wait waits until match, which is given what was not used yet, returns how
// much of it to use.
func (c *client) wait(what string, match func(unused []byte) int) string {
	c.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.cond.Broadcast()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if n := match(c.all[c.used:]); n > 0 {
			c.used += n
			return string(c.all[c.used-n : c.used])
		}
		if c.err != nil || late {
			require.Fail(c.t, "did not come", "%s; unused: %q; error: %v", what, c.all[c.used:], c.err)
		}
		c.cond.Wait()
	}
}

// line waits for one line and requires that it begins with prefix. It returns
// the line without CRLF.
func (c *client) line(prefix string) string {
	c.t.Helper()
	line := c.wait(prefix, func(b []byte) int { return bytes.IndexByte(b, '\n') + 1 })
	require.True(c.t, strings.HasPrefix(line, prefix), "%q does not begin with %q", line, prefix)
	return strings.TrimRight(line, "\r\n")
}

// until waits for the line that begins with prefix and returns all up to its
// end.
func (c *client) until(prefix string) string {
	c.t.Helper()
	return c.wait(prefix, func(b []byte) int { return lineEnd(b, prefix) })
}

// lineEnd returns where the first line ends that begins with prefix, or 0.
func lineEnd(b []byte, prefix string) int {
	i := 0
	if !bytes.HasPrefix(b, []byte(prefix)) {
		if i = bytes.Index(b, []byte("\n"+prefix)) + 1; i == 0 {
			return 0
		}
	}
	n := bytes.IndexByte(b[i:], '\n')
	if n < 0 {
		return 0
	}
	return i + n + 1
}

// do sends a command with a tag of its own and returns all up to its tagged
// response.
func (c *client) do(command string) string {
	c.t.Helper()
	tag := "t" + strconv.Itoa(len(c.all))
	c.send(tag + " " + command)
	return strings.ReplaceAll(c.until(tag+" "), tag+" ", "TAG ")
}

// ok is do for a command that must succeed.
func (c *client) ok(command string) string {
	c.t.Helper()
	got := c.do(command)
	require.Contains(c.t, got, "TAG OK", command)
	return got
}

// login logs alice in.
func (c *client) login() *client {
	c.t.Helper()
	c.ok("LOGIN alice secret")
	return c
}

// end waits for the end of the connection and returns what came before.
func (c *client) end() string {
	c.t.Helper()
	timer := time.AfterFunc(patience, func() { _ = c.conn.Close() })
	defer timer.Stop()
	<-c.stop
	require.True(c.t, timer.Stop(), "the connection did not end")
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := string(c.all[c.used:])
	c.used = len(c.all)
	return rest
}

// silent requires that nothing but the answer comes to a NOOP that the server
// behind answers.
func (c *client) silent() {
	c.t.Helper()
	require.Equal(c.t, "TAG OK NOOP completed\r\n", c.do("NOOP"))
}

// event returns an event about a mailbox of alice's.
func event(typ msgevent.Type, mailbox string, uid imap.UID, messages, unseen uint32) *msgevent.Event {
	u := imapurl.URL{User: "alice", Host: "localhost", Mailbox: mailbox, UIDValidity: 7}
	e := &msgevent.Event{Type: typ, MailboxID: u.String(), URI: u.String()}
	if uid != 0 {
		u.UID = uid
		e.URI, e.UIDNext = u.String(), uid+1
		e.Messages = &messages
		e.Extensions = []msgevent.Extension{{Name: UnseenParameter, Value: json.RawMessage(strconv.Itoa(int(unseen)))}}
	}
	return e
}

// newMessage returns an event that needs no STATUS of the server behind.
func newMessage(mailbox string, uid imap.UID) *msgevent.Event {
	return event(msgevent.TypeMessageNew, mailbox, uid, uint32(uid), uint32(uid))
}

// certificate makes a configuration with a certificate.
func certificate(t testing.TB) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func names(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("Box%04d", i))
	}
	return list
}

func imapUID(n int) imap.UID { return imap.UID(n) }
