package notifyserver

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/notifyproto"
)

// fuzzSession tells when it ends.
type fuzzSession struct {
	*backendSession
	ended chan struct{}
}

func (s *fuzzSession) Close() error {
	defer close(s.ended)
	return s.backendSession.Close()
}

// Move is left to COPY: imapmemserver's sends wrong numbers.
func (s *fuzzSession) Move(*imapserver.MoveWriter, imap.NumSet, string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "No MOVE"}
}

// panics keeps what imapserver says of panics.
type panics struct {
	mu   sync.Mutex
	said string
}

func (p *panics) Printf(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); strings.Contains(s, "panic") {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.said += s
	}
}

// pieces splits b at random.
func pieces(b []byte, seed uint64) (list [][]byte) {
	random := rand.New(rand.NewPCG(seed, 1))
	most := 1 + random.IntN(64)
	if seed%5 == 0 {
		most = len(b) + 1
	}
	for len(b) > 0 {
		n := 1 + random.IntN(min(len(b), most))
		list = append(list, b[:n])
		b = b[n:]
	}
	return list
}

// FuzzClient gives imapserver whatever clients may send through the layer.
func FuzzClient(f *testing.F) {
	for name, script := range scripts {
		var all string
		for _, st := range script {
			all += st.send
		}
		f.Add([]byte(all), uint64(len(name)), strings.HasPrefix(all, "l LOGIN"))
	}
	for _, s := range []string{
		"a NOTIFY SET STATUS (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))\r\nb SELECT INBOX\r\nc IDLE\r\nDONE\r\nd NOTIFY NONE\r\n",
		"a SELECT INBOX\r\nb NOTIFY SET (selected-delayed (MessageNew (BODY[]) MessageExpunge))\r\nc FETCH 1 FLAGS\r\nd NOOP\r\ne LOGOUT\r\n",
		"a ENABLE METADATA UTF8=ACCEPT\r\nb SETMETADATA INBOX (/private/comment {3+}\r\nabc)\r\nc GETMETADATA (DEPTH infinity) INBOX /private\r\n",
		"a ID (\"device-id\" \"x\")\r\nb LOGIN {5+}\r\nalice {6+}\r\nsecret\r\nc UNAUTHENTICATE\r\n",
		"a NOTIFY SET (mailboxes ({4+}\r\nWork {99999999999999999+}\r\n",
		"a ENABLE {1} METADATA\r\n",
		"a ENABLE METADATA {1+}\r\n \r\nb AUTHENTICATE PLAIN {1+}\r\n \r\n",
	} {
		f.Add([]byte(s), uint64(3), true)
		f.Add([]byte(s), uint64(5), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, loggedIn bool) {
		p := new(Publisher)
		store := newStore()
		layer := &Server{Source: p, Store: store.MemoryStore, AllowInsecureAuth: true, DeviceFromLogin: true}
		store.onChange = layer.AnnotationsChanged
		user := imapmemserver.NewUser("alice", "secret")
		_ = user.Create("INBOX", nil)
		_ = user.Create("Work", nil)
		b := &backend{users: map[string]*imapmemserver.User{"alice": user}}
		b.append(t, "alice", "INBOX", mail)
		log := new(panics)
		ended := make(chan struct{})
		ln := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		srv := imapserver.New(&imapserver.Options{
			NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
				return &fuzzSession{&backendSession{backend: b}, ended}, nil, nil
			},
			Caps: defaultCaps, InsecureAuth: true, Logger: log,
		})
		go func() { _ = srv.Serve(layer.Listener(ln)) }()
		defer srv.Close()
		conn, theirs := net.Pipe()
		ln.conns <- theirs
		out := make(chan []byte, 1)
		go func() {
			b, _ := io.ReadAll(conn)
			out <- b
		}()
		_ = conn.SetWriteDeadline(time.Now().Add(patience))
		if loggedIn {
			data = append([]byte("l1 LOGIN alice secret\r\n"), data...)
		}
		for i, piece := range pieces(data, seed) {
			if _, err := conn.Write(piece); err == io.ErrClosedPipe {
				break // it was logged out
			} else if err != nil {
				t.Fatalf("the server does not read: %v", err)
			}
			if i%3 == 0 {
				p.Publish("alice", newMessage([]string{"INBOX", "Work"}[i%2], imap.UID(i+2)), nil)
			}
		}
		// What comes last may be an unfinished command, so there is no answer to
		// wait for.
		_ = conn.Close()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("the session does not end")
		}
		log.mu.Lock()
		defer log.mu.Unlock()
		if strings.Contains(log.said, "notifyserver.(*Conn)") {
			t.Fatal(log.said)
		}
		checkTags(t, data, <-out)
	})
}

// checkTags requires that no tag is used in more responses than in commands.
func checkTags(t *testing.T, sent, got []byte) {
	fr := notifyproto.NewFrameReader(bufio.NewReader(bytes.NewReader(got)))
	fr.Responses, fr.MaxSize = true, 1<<20
	count := make(map[string]int)
	for {
		frame, err := fr.ReadFrame()
		if err != nil {
			break // the last one may not be whole
		}
		tag, rest, _ := strings.Cut(string(frame), " ")
		word, _, _ := strings.Cut(rest, " ")
		if tag == "*" || tag == "+" || word != "OK" && word != "NO" && word != "BAD" {
			continue
		}
		count[tag]++
		if n := strings.Count(string(sent), tag+" ") + strings.Count(string(sent), tag+"("); count[tag] > n {
			t.Fatalf("tag %q is in %d commands at most, and in %d responses:\n%q\n%q", tag, n, count[tag], sent, got)
		}
	}
}

// sink is a connection that keeps what is written.
type sink struct {
	net.Conn
	b bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error)      { return s.b.Write(p) }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }
func (s *sink) Close() error                     { return nil }

// FuzzResponses gives whatever a backend may write to the layer.
func FuzzResponses(f *testing.F) {
	for _, s := range []string{
		"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready {3}\r\n* 1 FETCH (BODY[] {5}\r\na\r\nb\r)\r\na OK done\r\n",
		"* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\na OK [CAPABILITY IMAP4rev1] in\r\n",
		"* LIST () \"/\" {3}\r\nabc\r\n* LIST () NIL {0}\r\n\r\n+ go on {4}\r\n* 7 EXPUNGE\r\n* ENABLED UTF8=ACCEPT\r\na BAD x\r\n",
		"lemonade OK x\r\n* 2 FETCH (FLAGS ())\r\n* LSUB () \"/\" x\r\n* ENABLED\r\n* STATUS x (MESSAGES 3)\na NO\n",
		"* 1 FETCH (BINARY[1] ~{5}\r\n\x00\r\n\xff\x01)\r\n* BYE {5}\r\n",
	} {
		f.Add([]byte(s), uint64(7), uint8(len(s)))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, kind uint8) {
		if len(data) > maxResponseLine {
			return
		}
		run := func(parts [][]byte) string {
			to := new(sink)
			c := newConn(&Server{Source: new(Publisher), Store: annotations.NewMemoryStore(nil), AllowInsecureAuth: true}, to)
			names := []string{"NOOP", "SELECT INBOX", "LOGIN x y", "CLOSE", "UNAUTHENTICATE", "LOGOUT", "ENABLE X", "FETCH 1 FLAGS"}
			c.cmd = newCommand([]byte("a " + names[int(kind)%len(names)] + "\r\n"))
			c.session.loggedIn, c.session.user = kind%2 == 0, "alice"
			for _, part := range parts {
				n, err := c.Write(part)
				if n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			return to.b.String() + string(c.resp.line)
		}
		whole := run([][]byte{data})
		if !bytes.Contains(data, []byte("CAPABILITY ")) && whole != string(data) {
			t.Fatalf("%q came out as %q", data, whole)
		}
		if split := run(pieces(data, seed)); split != whole {
			t.Fatalf("in one piece %q, split %q", whole, split)
		}
	})
}

// TestLongResponses is the same for lines that are longer than what is kept.
func TestLongResponses(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		var data []byte
		for range 30 {
			long := strings.Repeat("x", random.IntN(3*maxResponseLine))
			switch random.IntN(6) {
			case 0:
				data = append(data, "* OK "+long+" {5}\r\n"...)
			case 1:
				data = append(data, "* LIST () NIL "+long+"\r\n"...)
			case 2:
				data = append(data, fmt.Sprintf("* 1 FETCH (X %s BODY[] {%d}\r\n%s BODY[2] {2}\r\n\r\n)\r\n", long, len(long), long)...)
			case 3:
				data = append(data, "+ "+long+" {7}\r\n"...)
			case 4:
				data = append(data, "b OK "+long+"\r\n"...)
			default:
				data = append(data, "a NO "+long[:len(long)%100]+"\r\n"...)
			}
		}
		to := new(sink)
		c := newConn(&Server{AllowInsecureAuth: true}, to)
		c.cmd = newCommand([]byte("a NOOP\r\n"))
		for len(data) > 0 {
			n := 1 + random.IntN(min(len(data), 9000))
			before := to.b.Len() + len(c.resp.line)
			if _, err := c.Write(data[:n]); err != nil {
				t.Fatal(err)
			}
			got := to.b.String() + string(c.resp.line)
			if got[before:] != string(data[:n]) {
				t.Fatalf("seed %d: octets changed", seed)
			}
			if len(c.resp.line) > maxResponseLine {
				t.Fatalf("seed %d: %d octets kept", seed, len(c.resp.line))
			}
			data = data[n:]
		}
		// Literals and lines were told apart: what comes now is a response.
		if _, err := c.Write([]byte("* CAPABILITY X\r\n")); err != nil || !strings.HasSuffix(to.b.String(), "* CAPABILITY X ID\r\n") {
			t.Fatalf("seed %d: the place in the stream is lost: %q", seed, to.b.String()[max(0, to.b.Len()-200):])
		}
	}
}
