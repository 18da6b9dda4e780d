package mailserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/golemonade/lemonade/examples/internal/memstore"
)

// maxMessageBytes bounds a delivered message. It is in memory twice while it
// is delivered.
const maxMessageBytes = 64 << 20

// idleTimeout is how long an LMTP client may be silent: RFC 5321, section
// 4.5.3.2.7 wants five minutes.
const idleTimeout = 5 * time.Minute

func newLMTP(store *memstore.Store, log smtp.Logger) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &lmtpSession{store: store, conn: conn}, nil
	}))
	s.LMTP = true
	s.Domain = "localhost"
	s.MaxMessageBytes = maxMessageBytes
	// A message may have lines of any length; lmtpConn bounds the commands.
	s.MaxLineLength = 0
	s.MaxRecipients = 1000
	s.ReadTimeout, s.WriteTimeout = idleTimeout, idleTimeout
	s.EnableSMTPUTF8 = true
	s.ErrorLog = log
	return s
}

// lmtpSession is one LMTP connection's transaction (RFC 2033).
type lmtpSession struct {
	store *memstore.Store
	conn  *smtp.Conn

	from     string
	mailLine string
	rcpts    []string
}

// Reset implements smtp.Session.
func (s *lmtpSession) Reset() {
	s.from, s.mailLine, s.rcpts = "", "", nil
}

// Logout implements smtp.Session.
func (s *lmtpSession) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *lmtpSession) Mail(from string, opts *smtp.MailOptions) error {
	s.Reset()
	s.from = field(from)
	s.mailLine = "MAIL FROM:<" + s.from + ">"
	if opts.Body != "" {
		s.mailLine += " BODY=" + string(opts.Body)
	}
	if opts.Size > 0 {
		s.mailLine += fmt.Sprintf(" SIZE=%d", opts.Size)
	}
	if opts.UTF8 {
		s.mailLine += " SMTPUTF8"
	}
	return nil
}

// Rcpt implements smtp.Session.
func (s *lmtpSession) Rcpt(to string, opts *smtp.RcptOptions) error {
	if !s.store.HasUser(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	}
	s.rcpts = append(s.rcpts, to)
	return nil
}

// Data implements smtp.Session; LMTPData is used instead of it.
func (s *lmtpSession) Data(io.Reader) error {
	return errors.New("this is not an SMTP server")
}

// LMTPData implements smtp.LMTPSession.
func (s *lmtpSession) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	message, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message = crlf(message)
	for _, rcpt := range s.rcpts {
		_, err := s.store.Deliver(&memstore.Delivery{
			Rcpt:     rcpt,
			Envelope: s.mailLine + "\r\nRCPT TO:<" + field(rcpt) + ">\r\n",
			Service:  "lmtp",
			Message:  append(s.trace(), message...),
		})
		if errors.Is(err, memstore.ErrNoUser) {
			err = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
		}
		status.SetStatus(rcpt, err)
	}
	return nil
}

// trace returns the fields that final delivery puts before a message, RFC
// 5321, section 4.4.
func (s *lmtpSession) trace() []byte {
	return fmt.Appendf(nil, "Return-Path: <%s>\r\nReceived: from %s by localhost with LMTP;\r\n\t%s\r\n",
		s.from, field(s.conn.Hostname()), time.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// field makes a client's word safe to stand in a header field, and in an event.
func field(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// crlf ends all lines with CRLF, as the octets of a message in IMAP do.
func crlf(b []byte) []byte {
	if bytes.Count(b, []byte("\n")) == bytes.Count(b, []byte("\r\n")) {
		return b
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}
