package notifyserver_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// A go-imap server whose backend knows nothing of events gets NOTIFY.
func ExamplePublish() {
	backend := imapmemserver.New()
	alice := imapmemserver.NewUser("alice", "secret")
	alice.Create("INBOX", nil)
	backend.AddUser(alice)

	var publisher notifyserver.Publisher
	events := make(chan *msgevent.Event, 10)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			session := notifyserver.Publish(backend.NewSession(), conn, &notifyserver.PublishOptions{
				Publisher: &publisher,
				Host:      "imap.example.org",
				OnEvent:   func(e *msgevent.Event) { events <- e },
			})
			return session, nil, nil
		},
		InsecureAuth: true, // the layer takes care of TLS
	})
	layer := &notifyserver.Server{Source: &publisher, AllowInsecureAuth: true}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go server.Serve(layer.Listener(ln))

	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	client := imapclient.New(conn, nil)
	defer client.Close()
	client.Login("alice", "secret").Wait()
	message := "Subject: hi\r\n\r\nhello\r\n"
	w := client.Append("INBOX", int64(len(message)), nil)
	w.Write([]byte(message))
	w.Close()
	w.Wait()
	client.Logout().Wait()
	for range 3 {
		e := <-events
		fmt.Println(e.Type, e.URI)
	}

	// Output:
	// Login imap://imap.example.org
	// MessageAppend imap://alice@imap.example.org/INBOX;UIDVALIDITY=1/;UID=1
	// Logout imap://imap.example.org
}

// appender is a backend that costs nothing.
type appender struct{ imapserver.Session }

func (appender) Login(string, string) error { return nil }

func (appender) Append(mailbox string, r imap.LiteralReader, _ *imap.AppendOptions) (*imap.AppendData, error) {
	var b [512]byte
	for {
		if _, err := r.Read(b[:]); err != nil {
			return &imap.AppendData{UID: 1, UIDValidity: 1}, nil
		}
	}
}

func (appender) Status(mailbox string, _ *imap.StatusOptions) (*imap.StatusData, error) {
	n := uint32(1)
	return &imap.StatusData{Mailbox: mailbox, NumMessages: &n, UIDNext: 2, UIDValidity: 1, NumUnseen: &n}, nil
}

// BenchmarkPublishAppend is an APPEND of 4 KiB without Publish, with it while
// nobody listens, and while somebody does.
func BenchmarkPublishAppend(b *testing.B) {
	text := strings.Repeat("x", 4096)
	run := func(name string, s imapserver.Session) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Append("INBOX", strings.NewReader(text), &imap.AppendOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	published := func(p *notifyserver.Publisher) imapserver.Session {
		s := notifyserver.Publish(appender{}, nil, &notifyserver.PublishOptions{Publisher: p})
		if err := s.Login("alice", "secret"); err != nil {
			b.Fatal(err)
		}
		return s
	}
	run("bare", appender{})
	var unheard, heard notifyserver.Publisher
	run("unheard", published(&unheard))
	defer heard.Watch("alice", func(*notifyserver.Notice) {})()
	run("heard", published(&heard))
}
