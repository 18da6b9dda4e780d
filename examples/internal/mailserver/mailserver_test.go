package mailserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

const patience = time.Minute

func TestParseUsers(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []User // nil for an error
	}{
		{"alice:secret", []User{{"alice", "secret"}}},
		{"alice:secret,bob:x", []User{{"alice", "secret"}, {"bob", "x"}}},
		{"alice:a:b", []User{{"alice", "a:b"}}},
		{"alice: ", []User{{"alice", " "}}},
		{"ålice:ß", []User{{"ålice", "ß"}}},
		{"", nil},
		{"alice", nil},
		{"alice:", nil},
		{":secret", nil},
		{"alice:secret,", nil},
		{",alice:secret", nil},
		{"alice:secret,,bob:x", nil},
		{"alice:secret,alice:x", nil},
		{"alice:secret, bob:x", nil},
		{"alice@example.org:secret", nil},
		{"a/b:secret", nil},
	} {
		got, err := ParseUsers(test.in)
		require.Equal(t, test.want, got, "%q", test.in)
		require.Equal(t, test.want == nil, err != nil, "%q: %v", test.in, err)
	}
}

// start serves the users alice and bob, whose names are their passwords.
func start(t *testing.T, change func(*Config)) (s *Server, events chan *msgevent.Event) {
	events = make(chan *msgevent.Event, 1000)
	config := &Config{
		IMAP: "127.0.0.1:0", LMTP: "127.0.0.1:0",
		Users:   []User{{"alice", "alice"}, {"bob", "bob"}},
		Publish: func(e *msgevent.Event) { events <- e },
		Log:     slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(config)
	}
	s, err := Listen(config)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
	return s, events
}

// lmtpClient says lines as they are and reads replies.
type lmtpClient struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func dialLMTP(t *testing.T, s *Server) *lmtpClient {
	conn, err := net.Dial("tcp", s.LMTPAddr())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	c := &lmtpClient{t, conn, bufio.NewReader(conn)}
	c.expect("220")
	c.say("LHLO client.example", "250")
	return c
}

func (c *lmtpClient) send(s string) {
	_, err := io.WriteString(c.conn, s)
	require.NoError(c.t, err)
}

// expect reads a reply for each code, the last lines of which it returns.
func (c *lmtpClient) expect(codes ...string) string {
	var replies []string
	for _, code := range codes {
		for {
			line, err := c.r.ReadString('\n')
			require.NoError(c.t, err)
			require.Equal(c.t, code, line[:3], line)
			if line[3] == ' ' {
				replies = append(replies, line)
				break
			}
		}
	}
	return strings.Join(replies, "")
}

func (c *lmtpClient) say(line string, codes ...string) string {
	c.send(line + "\r\n")
	return c.expect(codes...)
}

// mail returns the messages in the INBOX of a user.
func mail(t *testing.T, s *Server, user string) []string {
	c, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Login(user, user).Wait())
	data, err := c.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	if data.NumMessages == 0 {
		return nil
	}
	section := &imap.FetchItemBodySection{}
	msgs, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	require.NoError(t, err)
	var bodies []string
	for _, m := range msgs {
		bodies = append(bodies, string(m.FindBodySection(section)))
	}
	return bodies
}

// withoutTrace cuts off the fields of the delivery.
func withoutTrace(t *testing.T, message string) string {
	lines := strings.SplitAfterN(message, "\r\n", 4)
	require.Len(t, lines, 4)
	require.Regexp(t, `^Return-Path: <.*>\r\n$`, lines[0])
	require.Equal(t, "Received: from client.example by localhost with LMTP;\r\n", lines[1])
	_, err := time.Parse("\tMon, 02 Jan 2006 15:04:05 -0700\r\n", lines[2])
	require.NoError(t, err)
	return lines[3]
}

func TestRecipients(t *testing.T) {
	s, events := start(t, nil)
	c := dialLMTP(t, s)
	c.say("MAIL FROM:<sender@example.org> SIZE=100 BODY=8BITMIME", "250")
	require.Contains(t, c.say("RCPT TO:<nobody@example.org>", "550"), "5.1.1")
	c.say("RCPT TO:<nobody>", "550")
	c.say("RCPT TO:<Alice>", "550")
	c.say("RCPT TO:<alice@>", "501")
	c.say("RCPT TO:alice", "501")
	c.say("DATA", "502")
	c.say("RCPT TO:<alice>", "250")
	c.say("rcpt to: <bob@any.domain>", "250")
	c.say("RCPT TO:<bob@other.domain>", "250")
	c.say("DATA", "354")
	replies := c.say("Subject: hello\r\n\r\nworld\r\n.", "250", "250", "250")
	require.Regexp(t, `(?s)^250 .*<alice@localhost>.*\n250 .*<bob@any.domain>.*\n250 .*<bob@other.domain>`, replies)
	// The transaction is over, the session is not.
	c.say("RCPT TO:<alice>", "502")
	c.say("MAIL FROM:<>", "250")
	c.say("RCPT TO:<bob>", "250")
	c.say("DATA", "354")
	c.say("empty sender\r\n.", "250")
	c.say("MAIL FROM:<sender>", "250")
	c.say("RSET", "250")
	c.say("QUIT", "221")

	alice, bob := mail(t, s, "alice"), mail(t, s, "bob")
	require.Len(t, alice, 1)
	require.Len(t, bob, 3)
	for _, m := range []string{alice[0], bob[0], bob[1]} {
		require.Equal(t, "Subject: hello\r\n\r\nworld\r\n", withoutTrace(t, m))
		require.True(t, strings.HasPrefix(m, "Return-Path: <sender@example.org>\r\n"))
	}
	require.Equal(t, "empty sender\r\n", withoutTrace(t, bob[2]))
	require.True(t, strings.HasPrefix(bob[2], "Return-Path: <>\r\n"))

	for i, want := range []struct{ user, envelope string }{
		{"alice", "MAIL FROM:<sender@example.org> BODY=8BITMIME SIZE=100\r\nRCPT TO:<alice@localhost>\r\n"},
		{"bob", "MAIL FROM:<sender@example.org> BODY=8BITMIME SIZE=100\r\nRCPT TO:<bob@any.domain>\r\n"},
		{"bob", "MAIL FROM:<sender@example.org> BODY=8BITMIME SIZE=100\r\nRCPT TO:<bob@other.domain>\r\n"},
		{"bob", "MAIL FROM:<>\r\nRCPT TO:<bob@localhost>\r\n"},
	} {
		e := <-events
		require.Equal(t, msgevent.TypeMessageNew, e.Type, "%d", i)
		require.Equal(t, want.user, e.User)
		require.Equal(t, "lmtp", e.Service)
		require.Equal(t, want.envelope, e.Envelope)
		_, err := e.AppendJSON(nil)
		require.NoError(t, err)
	}
}

// What a client says of itself must not add lines to a message, or make an
// event that has no JSON.
func TestStrangeWords(t *testing.T) {
	s, events := start(t, nil)
	c := dialLMTP(t, s)
	c.say("LHLO a\rX-Evil:1", "250")
	c.say("MAIL FROM:<x@a\rX-Evil:1\xff>", "250")
	c.say("RCPT TO:<alice@a\r\x80>", "250")
	c.say("DATA", "354")
	c.say("x\r\n.", "250")
	require.NotContains(t, strings.ReplaceAll(mail(t, s, "alice")[0], "\r\n", ""), "\r")
	_, err := (<-events).AppendJSON(nil)
	require.NoError(t, err)
}

func TestMessageIsUntouched(t *testing.T) {
	// commands has what must be read as nothing but text.
	const commands = "RCPT TO:<x>\r\nMAIL FROM:<y>\r\nBDAT 1000\r\n354 go\r\nDATA\r\nQUIT\r\n\r\n"
	for _, test := range []struct {
		name, sent, want string // sent without the dot at the end
	}{
		{"commands", commands, commands},
		{"a command in a header", "RCPT TO:<alice>\r\n\r\n", "RCPT TO:<alice>\r\n\r\n"},
		{"dots", "..\r\n...\r\n.a\r\nb.\r\n", ".\r\n..\r\na\r\nb.\r\n"},
		{"bare LF", "a\nb\r\nc\n\nd\r\n", "a\r\nb\r\nc\r\n\r\nd\r\n"},
		{"bare LF and a dot", "a\n.\r\nRCPT TO:<x>\r\n", "a\r\n.\r\nRCPT TO:<x>\r\n"},
		{"two CRs and a dot", "a\r\r\n..\r\nRCPT TO:<x>\r\n", "a\r\r\n..\r\nRCPT TO:<x>\r\n"},
		{"8 bit and NUL", "\x00\x80\xff\r\n", "\x00\x80\xff\r\n"},
		{"nothing", "", ""},
		{"long lines", strings.Repeat("x", 10000) + "\r\nRCPT TO:<x>\r\n", strings.Repeat("x", 10000) + "\r\nRCPT TO:<x>\r\n"},
		{"much", strings.Repeat(commands, 10000), strings.Repeat(commands, 10000)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := start(t, nil)
			c := dialLMTP(t, s)
			// Pipelined as far as LMTP allows it.
			c.send("MAIL FROM:<a@b>\r\nRCPT TO:<alice>\r\nDATA\r\n")
			c.expect("250", "250", "354")
			c.send(test.sent + ".\r\nMAIL FROM:<a>\r\nRCPT TO:<bob>\r\n")
			c.expect("250", "250", "250")

			// The same octets in chunks, of which one ends within a line.
			c.send("RSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<bob>\r\n")
			c.expect("250", "250", "250")
			half := len(test.sent) / 2
			c.send(fmt.Sprintf("BDAT %d\r\n%sBDAT 0\r\nbdat %d last\r\n%sMAIL FROM:<a>\r\nRCPT TO:<bob>\r\n",
				half, test.sent[:half], len(test.sent)-half, test.sent[half:]))
			c.expect("250", "250", "250", "250", "250")

			alice, bob := mail(t, s, "alice"), mail(t, s, "bob")
			require.Len(t, alice, 1)
			require.Len(t, bob, 1)
			require.True(t, test.want == withoutTrace(t, alice[0]), "%.300q", alice[0])
			require.True(t, string(crlf([]byte(test.sent))) == withoutTrace(t, bob[0]), "%.300q", bob[0])
		})
	}
}

func TestRefusedChunks(t *testing.T) {
	s, _ := start(t, nil)
	c := dialLMTP(t, s)
	c.send("BDAT 13\r\nRCPT TO:<x>\r\n") // followed by a chunk nonetheless
	c.expect("502")
	c.say("MAIL FROM:<a>", "250")
	c.say("RCPT TO:<alice>", "250")
	c.say("BDAT 1000 FOO", "501")
	c.say("BDAT 99999999999", "501")
	c.say("BDAT -1", "501")
	c.say("BDAT", "501")
	// None of these had a chunk, so that this is a command.
	c.say("RCPT TO:<bob>", "250")
	c.send(fmt.Sprintf("BDAT %d LAST\r\n", maxMessageBytes+1))
	_, err := io.CopyN(c.conn, zeros{}, maxMessageBytes+1)
	require.NoError(t, err)
	c.expect("552")
	c.say("MAIL FROM:<a>", "250")
	c.say("RCPT TO:<alice>", "250")
	c.say("BDAT 1 LAST\r\nx\nNOOP", "250", "500", "250") // the LF is an empty command
	require.Len(t, mail(t, s, "alice"), 1)
	require.Empty(t, mail(t, s, "bob"))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestTooLarge(t *testing.T) {
	s, _ := start(t, nil)
	c := dialLMTP(t, s)
	c.say(fmt.Sprintf("MAIL FROM:<a> SIZE=%d", maxMessageBytes+1), "552")
	c.say("MAIL FROM:<a>", "250")
	c.say("RCPT TO:<alice>", "250")
	c.say("RCPT TO:<bob>", "250")
	c.say("DATA", "354")
	// It is answered when it has become too large; what looks like commands
	// behind that is still the message.
	line := []byte("BDAT 100000000 LAST\r\nRCPT TO:<x>\r\n")
	chunk := bytes.Repeat(line, 1<<20/len(line)+1)
	for range maxMessageBytes>>20 + 2 {
		_, err := c.conn.Write(chunk)
		require.NoError(t, err)
	}
	c.say(".", "552", "552")
	c.say("MAIL FROM:<a>", "250")
	c.say("RCPT TO:<alice>", "250")
	c.say("DATA", "354")
	c.say("small\r\n.", "250")
	require.Len(t, mail(t, s, "alice"), 1)
	require.Empty(t, mail(t, s, "bob"))
}

func TestBadCommands(t *testing.T) {
	s, _ := start(t, nil)
	c := dialLMTP(t, s)
	c.say("EHLO foo", "500")
	c.say("FOOO", "500")
	c.say("", "500")
	c.say("MAIL FROM:a b", "501")
	c.say("MAIL FROM:<a> FOO=bar", "500")
	c.say("RCPT TO:<alice>", "502")
	c.say("NOOP", "250")
	c.send("NOOP " + strings.Repeat("x", 4091)) // the only one that ends it
	c.expect("500")
	_, err := c.r.ReadByte()
	require.Error(t, err)
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	used := ln.Addr().String()
	_, err = Listen(&Config{IMAP: used, LMTP: "127.0.0.1:0"})
	require.ErrorContains(t, err, "imap")
	require.ErrorContains(t, err, used)
	_, err = Listen(&Config{IMAP: "127.0.0.1:0", LMTP: used})
	require.ErrorContains(t, err, "lmtp")
	require.ErrorContains(t, err, used)

	// The port that could be opened is free again.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free.Close()
	_, err = Listen(&Config{IMAP: free.Addr().String(), LMTP: used})
	require.Error(t, err)
	free, err = net.Listen("tcp", free.Addr().String())
	require.NoError(t, err)
	free.Close()
	_, err = Listen(&Config{IMAP: free.Addr().String(), LMTP: "127.0.0.1:0", Users: []User{{"a", "a"}, {"a", "b"}}})
	require.ErrorContains(t, err, `"a"`)
	free, err = net.Listen("tcp", free.Addr().String())
	require.NoError(t, err)
	free.Close()
}

func TestHost(t *testing.T) {
	for _, test := range []struct{ ip, want string }{
		{"127.0.0.1", "127.0.0.1"}, {"::1", "[::1]"},
	} {
		require.Equal(t, test.want+":1143", host(&net.TCPAddr{IP: net.ParseIP(test.ip), Port: 1143}))
		require.Equal(t, test.want, host(&net.TCPAddr{IP: net.ParseIP(test.ip), Port: 143}))
	}
	require.NotContains(t, host(&net.TCPAddr{IP: net.IPv4zero, Port: 143}), "0.0.0.0")
}

// Serve leaves nothing behind, whatever its connections are doing.
func TestServeEnds(t *testing.T) {
	s, err := Listen(&Config{
		IMAP: "127.0.0.1:0", LMTP: "127.0.0.1:0", Users: []User{{"alice", "alice"}},
		Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()

	var conns []net.Conn
	talk := func(addr, script, want string) {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		conns = append(conns, conn)
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
		_, err = io.WriteString(conn, script)
		require.NoError(t, err)
		for r := bufio.NewReader(conn); want != ""; {
			line, err := r.ReadString('\n')
			require.NoError(t, err)
			if strings.HasPrefix(line, want) {
				break
			}
		}
	}
	for range 5 {
		talk(s.IMAPAddr(), "", "")
		talk(s.IMAPAddr(), "", "* OK")
		talk(s.IMAPAddr(), "a LOGIN alice alice\r\nb SELECT INBOX\r\nc IDLE\r\n", "+ ")
		talk(s.IMAPAddr(), "a LOGIN alice alice\r\nb APPEND INBOX {10}\r\n", "+ ")
		talk(s.IMAPAddr(), "a AUTHENTICATE PLAIN\r\n", "+ ")
		talk(s.LMTPAddr(), "", "")
		talk(s.LMTPAddr(), "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<alice>\r\nDATA\r\n", "354")
		talk(s.LMTPAddr(), "LHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<alice>\r\nBDAT 1\r\nxBDAT 5 LAST\r\n", "250 2.0.0 Continue")
	}
	cancel()
	select {
	case err := <-served:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "Serve goes on")
	}
	// The last steps of a goroutine whose connection is closed take no time,
	// but cannot be waited for.
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		left := goroutines()
		if left == "" {
			break
		}
		require.True(t, time.Now().Before(deadline), "left behind:\n%s", left)
	}
	for _, conn := range conns {
		_, err := io.ReadAll(conn)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		conn.Close()
	}
}

// goroutines returns the stacks of those that serve.
func goroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var left []string
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		for _, p := range []string{"imapserver.", "go-smtp.", "imapguard.", "memstore."} {
			if strings.Contains(g, p) {
				left = append(left, g)
				break
			}
		}
	}
	return strings.Join(left, "\n\n")
}

func TestServeFails(t *testing.T) {
	s, err := Listen(&Config{IMAP: "127.0.0.1:0", LMTP: "127.0.0.1:0"})
	require.NoError(t, err)
	require.NoError(t, s.lmtpListener.Close())
	require.ErrorContains(t, s.Serve(t.Context()), "lmtp")
}

// Without a certificate nobody logs in from elsewhere.
func TestPlaintextOnlyOnLoopback(t *testing.T) {
	var log bytes.Buffer
	s, _ := start(t, func(c *Config) {
		c.IMAP = "0.0.0.0:0"
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	require.Contains(t, log.String(), "no one can log in")
	_, port, err := net.SplitHostPort(s.IMAPAddr())
	require.NoError(t, err)
	c, err := imapclient.DialInsecure("127.0.0.1:"+port, nil)
	require.NoError(t, err)
	defer c.Close()
	require.True(t, c.Caps().Has(imap.CapLoginDisabled))
	require.ErrorContains(t, c.Login("alice", "alice").Wait(), "TLS")
}

// After STARTTLS a session is guarded, and ends, as one without it.
func TestStartTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	web.Close() // only its certificate is wanted
	s, events := start(t, func(c *Config) { c.TLS = &tls.Config{Certificates: web.TLS.Certificates} })
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	nc, err := net.Dial("tcp", s.IMAPAddr())
	require.NoError(t, err)
	defer nc.Close()
	require.NoError(t, nc.SetDeadline(time.Now().Add(patience)))
	r := bufio.NewReader(nc)
	expect := func(want string) {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, want)
	}
	expect("STARTTLS LOGINDISABLED")
	_, err = io.WriteString(nc, "a LOGIN alice alice\r\nb STARTTLS\r\n")
	require.NoError(t, err)
	expect("a NO [PRIVACYREQUIRED]")
	expect("b OK")
	secure := tls.Client(nc, &tls.Config{RootCAs: pool, ServerName: "example.com"})
	r = bufio.NewReader(secure)
	_, err = io.WriteString(secure, "\r\nc LOGIN alice \"alice\r\nd LOGIN alice alice\r\ne IDLE\r\n")
	require.NoError(t, err)
	expect("* BAD")
	expect("c BAD")
	expect("d OK")
	expect("+ ")
	e := <-events
	require.Equal(t, msgevent.TypeLogin, e.Type)
	require.Equal(t, nc.LocalAddr().String(), net.JoinHostPort(e.ClientIP.String(), fmt.Sprint(e.ClientPort)))
	// It is left in IDLE, for Serve to end it.
}
