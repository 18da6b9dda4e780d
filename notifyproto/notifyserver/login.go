package notifyserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// secure reports whether credentials may be sent.
func (c *Conn) secure() bool {
	return c.server.AllowInsecureAuth || c.TLS() != nil
}

func (c *Conn) refuseInsecure(tag string) {
	c.answer(tag, imap.StatusResponseTypeNo, imap.ResponseCodePrivacyRequired, "TLS is required before login")
}

// refuseUnknown refuses a command of a client that has logged in in a way in
// which the layer could not see as whom.
func (c *Conn) refuseUnknown(tag string) bool {
	if user, _ := c.User(); user != "" {
		return false
	}
	c.answer(tag, imap.StatusResponseTypeNo, imap.ResponseCodeUnavailable, "It is not known here who you are")
	return true
}

// splitDevice takes the device out of a login name, if that is how devices
// are named.
func (s *Server) splitDevice(login string) (user, device string) {
	if s.DeviceFromLogin {
		user, device, _ = strings.Cut(login, "+")
		return user, device
	}
	return login, ""
}

// login passes LOGIN on, without the device in the name. Before TLS it is
// refused here, and the server behind gets nothing of it.
func (c *Conn) login(cmd *command, text []byte) {
	if !c.secure() {
		c.refuseInsecure(cmd.tag)
		return
	}
	// QUIRK: clients send SP before CRLF, and imapserver takes it.
	s := imapsyntax.NewScanner(bytes.TrimSuffix(text, []byte(" ")))
	s.Take(imapsyntax.ClassAtom)
	name, password, err := twoStrings(s)
	if err != nil {
		c.pass(cmd.text) // the server behind says what is wrong
		return
	}
	if len(name) > maxLoginString || len(password) > maxLoginString {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "A login has no such long strings")
		return
	}
	user, device := c.server.splitDevice(name)
	c.cmd.user, c.cmd.device = user, device
	if user == name {
		c.pass(cmd.text)
		return
	}
	b := append([]byte(cmd.tag), " LOGIN "...)
	for _, arg := range []string{user, password} {
		b, err = imapsyntax.AppendString(b, arg, false, imapsyntax.NonSyncLiteral)
		if err != nil {
			c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "A login has no NUL")
			return
		}
		b = append(b, ' ')
	}
	c.pass(append(b[:len(b)-1], "\r\n"...))
}

// maxLoginString is the longest literal, in octets, that imapserver takes in
// LOGIN. The octets of a longer one would be commands to it.
const maxLoginString = 4096

// twoStrings parses the arguments of LOGIN.
//
//	login = "LOGIN" SP userid SP password
//
// RFC 3501, section 9.
func twoStrings(s *imapsyntax.Scanner) (name, password string, err error) {
	if err = s.SP(); err == nil {
		if name, err = s.AString(); err == nil {
			if err = s.SP(); err == nil {
				if password, err = s.AString(); err == nil {
					err = s.End()
				}
			}
		}
	}
	return name, password, err
}

// authenticate passes AUTHENTICATE on; see login.
func (c *Conn) authenticate(cmd *command, text []byte) {
	if !c.secure() {
		c.refuseInsecure(cmd.tag)
		return
	}
	if bytes.IndexByte(text, '\n') >= 0 {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "AUTHENTICATE has no literals")
		return
	}
	fields := bytes.Split(text, []byte(" "))
	c.cmd.plain = len(fields) > 1 && bytes.EqualFold(fields[1], []byte("PLAIN"))
	if c.cmd.plain && len(fields) == 3 { // an initial response, RFC 4959
		fields[2] = append(c.plain(fields[2]), "\r\n"...)
		c.pass(bytes.Join(append([][]byte{[]byte(cmd.tag)}, fields...), []byte(" ")))
	} else {
		c.pass(cmd.text)
	}
	c.state = atContinuation
}

// continuation passes a line on that the server behind has asked for.
func (c *Conn) continuation(line []byte) {
	if c.cmd.plain {
		c.out = append(append(c.out, c.plain(bytes.TrimRight(line, "\r\n"))...), "\r\n"...)
		c.use(len(line))
		return
	}
	c.forward(line)
}

// plain takes the device out of a message of SASL PLAIN (RFC 4616), and notes
// who logs in. What it cannot read is passed on as it is.
func (c *Conn) plain(encoded []byte) []byte {
	message, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil {
		return encoded
	}
	parts := bytes.Split(message, []byte{0})
	if len(parts) != 3 {
		return encoded
	}
	user, device := c.server.splitDevice(string(parts[1]))
	if len(parts[0]) > 0 { // who it is for, not who it is
		authorized, d := c.server.splitDevice(string(parts[0]))
		if d != "" {
			device = d
		}
		c.cmd.user, c.cmd.device = authorized, device
		parts[0] = []byte(authorized)
	} else {
		c.cmd.user, c.cmd.device = user, device
	}
	parts[1] = []byte(user)
	return base64.StdEncoding.AppendEncode(nil, bytes.Join(parts, []byte{0}))
}

// startTLS answers STARTTLS, RFC 3501, section 6.2.1. What the client sent
// before the handshake is thrown away: it was not protected.
func (c *Conn) startTLS(cmd *command, text []byte) {
	c.mu.Lock()
	_, isTLS := c.client.(*tls.Conn)
	loggedIn := c.session.loggedIn
	c.mu.Unlock()
	if len(text) > len("STARTTLS") {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "STARTTLS has no arguments")
		return
	}
	if isTLS || loggedIn {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "It is too late for STARTTLS")
		return
	}
	c.in = nil
	c.answer(cmd.tag, imap.StatusResponseTypeOK, "", "Begin TLS negotiation now")
	conn := tls.Server(c.raw, c.server.TLSConfig)
	c.raw.SetDeadline(time.Now().Add(handshakeTimeout))
	if err := conn.HandshakeContext(context.Background()); err != nil {
		c.err = err
		return
	}
	c.raw.SetDeadline(time.Time{})
	c.wmu.Lock()
	c.mu.Lock()
	c.client = conn
	c.session.device = "" // it was not protected either
	c.mu.Unlock()
	c.wmu.Unlock()
}

// id answers ID, RFC 2971: imapserver does not know it. The field "device-id"
// names the client's device.
func (c *Conn) id(cmd *command, text []byte) {
	device, err := deviceID(text)
	if err != nil {
		c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "ID has a list of strings, or NIL")
		return
	}
	c.mu.Lock()
	s := &c.session
	old := s.device
	if device != "" && !s.deviceFromLogin {
		s.device = device
	}
	changed := s.loggedIn && s.device != old && c.server.Presence != nil
	user, now := s.user, s.device
	c.mu.Unlock()
	if changed {
		c.server.Presence(user, old, false)
		c.server.Presence(user, now, true)
	}
	c.say([]byte("* ID (\"name\" \"Lemonade\")\r\n"))
	c.answer(cmd.tag, imap.StatusResponseTypeOK, "", "ID completed")
}

// deviceID parses
//
//	id = "ID" SP id_params_list
//	id_params_list = "(" *(string SPACE nstring) ")" / nil
//
// RFC 2971, section 4, with SP between the pairs as in its examples.
func deviceID(text []byte) (device string, err error) {
	s := imapsyntax.NewScanner(text)
	s.Take(imapsyntax.ClassAtom)
	if err := s.SP(); err != nil {
		return "", err
	}
	if s.TryKeyword("NIL") {
		return "", s.End()
	}
	err = s.List(func() error {
		field, err := s.String()
		if err != nil {
			return err
		}
		if err := s.SP(); err != nil {
			return err
		}
		value, _, err := s.NString()
		if strings.EqualFold(field, "device-id") {
			device = value
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return device, s.End()
}

// logout forgets the user. The caller holds c.mu.
func (c *Conn) logout() {
	s := &c.session
	user, device, loggedIn, stop := s.user, s.device, s.loggedIn, s.stop
	subscribed := s.view.Subscribed
	*s = session{notify: nothing}
	s.view.Subscribed = subscribed
	c.batch = queue{}
	if loggedIn && c.server.Presence != nil {
		c.server.Presence(user, device, false)
	}
	if len(stop) > 0 {
		// Stopping waits for a call of hear, which waits for c.mu.
		c.mu.Unlock()
		for _, f := range stop {
			f()
		}
		c.mu.Lock()
	}
}

// endSession is logout for a connection that ends.
func (c *Conn) endSession() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logout()
}
