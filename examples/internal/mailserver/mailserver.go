// Package mailserver puts a memstore on the network: IMAP by go-imap's
// imapserver, delivery by LMTP with go-smtp. It is what imapstore is, and what
// demo has inside.
package mailserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/examples/internal/imapguard"
	"github.com/golemonade/lemonade/examples/internal/memstore"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
	"github.com/golemonade/lemonade/notifyproto"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// User is a mail user.
type User struct{ Name, Password string }

// ParseUsers parses "name:password,...", the form of the -users flag. A
// password may have colons but no comma.
func ParseUsers(s string) ([]User, error) {
	var users []User
	check, err := memstore.New(nil) // it knows which names it takes
	if err != nil {
		return nil, err
	}
	for pair := range strings.SplitSeq(s, ",") {
		name, password, ok := strings.Cut(pair, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("%q is not name:password", pair)
		}
		if err := check.AddUser(name, password); err != nil {
			return nil, err
		}
		users = append(users, User{name, password})
	}
	return users, nil
}

// Config says what to serve, and where.
type Config struct {
	IMAP, LMTP string // addresses to listen on, "host:port"; port 0 picks one
	Users      []User

	// TLS turns STARTTLS on and logins without it off. Without it logins are
	// taken only if IMAP is a loopback address.
	TLS *tls.Config

	// DeviceFromLogin and Presence are those of notifyserver.Server.
	DeviceFromLogin bool
	Presence        func(user, device string, connected bool)

	// Provision is that of annotations.MemoryOptions.
	Provision func(annotations.Subject) annotations.Provision

	// Publish gets the store's events; see memstore.Options.
	Publish func(*msgevent.Event)
	Log     *slog.Logger // nil for slog.Default
}

// Server is a mail server that listens.
type Server struct {
	Store       *memstore.Store
	Annotations *annotations.MemoryStore

	imapListener, lmtpListener *listener
	layer                      *notifyserver.Server
	events                     notifyserver.Publisher
	imap                       *imapserver.Server
	lmtp                       *smtp.Server
}

// Listen opens both ports. Serve must follow. The error says which port could
// not be opened.
func Listen(config *Config) (*Server, error) {
	log := config.Log
	if log == nil {
		log = slog.Default()
	}
	imapListener, err := listen("imap", config.IMAP)
	if err != nil {
		return nil, err
	}
	lmtpListener, err := listen("lmtp", config.LMTP)
	if err != nil {
		imapListener.Close()
		return nil, err
	}
	s := &Server{imapListener: imapListener, lmtpListener: lmtpListener}
	s.Store, err = memstore.New(&memstore.Options{
		Host: host(imapListener.Addr()),
		Publish: func(e *msgevent.Event, conn net.Conn) {
			s.follow(e)
			s.events.Publish(e.User, e, conn)
			if config.Publish != nil {
				config.Publish(e)
			}
		},
	})
	for _, u := range config.Users {
		if err == nil {
			err = s.Store.AddUser(u.Name, u.Password)
		}
	}
	if err != nil {
		return nil, errors.Join(err, imapListener.Close(), lmtpListener.Close())
	}

	insecure := config.TLS == nil && isLoopback(imapListener.Addr())
	if config.TLS == nil && !insecure {
		log.Warn("no one can log in: without a certificate that is only allowed on a loopback address", "imap", imapListener.Addr())
	}
	s.layer = &notifyserver.Server{
		Source:            &s.events,
		TLSConfig:         config.TLS,
		AllowInsecureAuth: insecure,
		DeviceFromLogin:   config.DeviceFromLogin,
		Presence:          config.Presence,
	}
	s.Annotations = annotations.NewMemoryStore(&annotations.MemoryOptions{
		Provision: config.Provision,
		MsgFormat: checkFetchAtts,
		OnChange:  s.layer.AnnotationsChanged,
	})
	s.layer.Store = s.Annotations
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return s.Store.NewSession(conn), nil, nil
		},
		Caps:         memstore.Caps(),
		InsecureAuth: true, // the layer lets no login through that is not
		Logger:       logger{log, "imap"},
	})
	s.lmtp = newLMTP(s.Store, logger{log, "lmtp"})
	return s, nil
}

func listen(protocol, addr string) (*listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for %s on %q: %w", protocol, addr, err)
	}
	return &listener{Listener: ln, conns: make(map[*conn]struct{})}, nil
}

// host returns the name of the server in URLs: its address, with the port
// unless that is IMAP's own.
func host(addr net.Addr) string {
	tcp := addr.(*net.TCPAddr)
	name := tcp.IP.String()
	switch {
	case tcp.IP.IsUnspecified():
		name, _ = os.Hostname()
	case tcp.IP.To4() == nil:
		name = "[" + name + "]"
	}
	if tcp.Port != 143 {
		name += ":" + strconv.Itoa(tcp.Port)
	}
	return name
}

func isLoopback(addr net.Addr) bool {
	return addr.(*net.TCPAddr).IP.IsLoopback()
}

// IMAPAddr returns the address of the IMAP port.
func (s *Server) IMAPAddr() string { return s.imapListener.Addr().String() }

// LMTPAddr returns the address of the LMTP port.
func (s *Server) LMTPAddr() string { return s.lmtpListener.Addr().String() }

// Serve serves until ctx is done, then closes all connections and returns nil
// when their sessions have ended; or it returns what made one of the ports
// fail.
func (s *Server) Serve(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := s.imap.Serve(imapguard.Listener(s.layer.Listener(s.imapListener)))
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("imap: %w", err)
	})
	g.Go(func() error {
		err := s.lmtp.Serve(newLMTPListener(s.lmtpListener))
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("lmtp: %w", err)
	})
	g.Go(func() error {
		<-ctx.Done()
		s.imapListener.shutdown()
		s.lmtpListener.shutdown()
		return nil
	})
	return g.Wait()
}

// checkFetchAtts checks a msgformat preference: a fetch-att, or a list of them.
func checkFetchAtts(s string) error {
	if list, ok := strings.CutPrefix(s, "("); ok {
		_, err := notifyproto.ParseCommand([]byte("NOTIFY SET (SELECTED (MessageNew ("+list+"))"), nil)
		return err
	}
	_, err := notifyproto.ParseFetchAtt(s)
	return err
}

// follow lets annotations go with their mailboxes.
func (s *Server) follow(e *msgevent.Event) {
	if e.Type != msgevent.TypeMailboxRename && e.Type != msgevent.TypeMailboxDelete {
		return
	}
	mailbox, err := imapurl.Parse(e.MailboxID)
	if err != nil {
		return
	}
	if old, err := imapurl.Parse(e.OldMailboxID); err == nil {
		s.Annotations.Rename(e.User, old.Mailbox, mailbox.Mailbox, memstore.Delimiter)
	} else {
		s.Annotations.Delete(e.User, mailbox.Mailbox)
	}
}

// logger gives imapserver and go-smtp a slog.Logger.
type logger struct {
	log      *slog.Logger
	protocol string
}

func (l logger) Printf(format string, args ...any) {
	l.log.Info(strings.TrimSpace(fmt.Sprintf(format, args...)), "protocol", l.protocol)
}

func (l logger) Println(args ...any) {
	l.log.Info(strings.TrimSpace(fmt.Sprintln(args...)), "protocol", l.protocol)
}
