package notifyserver

import (
	"bytes"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"

	"github.com/golemonade/lemonade/msgevent"
)

// Login implements imapserver.Session.
func (s *published) Login(username, password string) error {
	if err := s.Session.Login(username, password); err != nil {
		return err
	}
	s.login(username)
	return nil
}

// login notes and publishes who has logged in.
func (s *published) login(name string) {
	if s.options.User != nil {
		name = s.options.User(name)
	}
	if name == "" || s.user != nil {
		return
	}
	s.user = s.options.Publisher.users.enter(name)
	s.publishAccess(msgevent.TypeLogin)
}

// owner returns the user whose mailboxes the session has, nil if that is not
// known. A session that was authenticated from the beginning logs in here.
func (s *published) owner() *publishUser {
	if s.user == nil && s.options.User != nil {
		s.login("")
	}
	return s.user
}

// logout publishes that the user is gone.
func (s *published) logout() {
	s.leave()
	if s.user == nil {
		return
	}
	s.publishAccess(msgevent.TypeLogout)
	s.options.Publisher.users.leave(s.user)
	s.user = nil
}

// publishAccess publishes a Login or Logout event, RFC 5423, section 4.3.
func (s *published) publishAccess(t msgevent.Type) {
	if !s.heard() {
		return
	}
	e := s.event(t, s.server)
	if s.local.IsValid() {
		e.ServerDomain, e.ServerPort = s.local.Addr().String(), s.local.Port()
	}
	s.publish(e)
}

// Close implements imapserver.Session.
func (s *published) Close() error {
	err := s.Session.Close()
	s.logout()
	return err
}

// Unauthenticate implements imapserver.SessionUnauthenticate.
func (s *published) Unauthenticate() error {
	session, ok := s.Session.(imapserver.SessionUnauthenticate)
	if !ok {
		return notSupported("UNAUTHENTICATE")
	}
	if err := session.Unauthenticate(); err != nil {
		return err
	}
	s.logout()
	return nil
}

// AuthenticateMechanisms implements imapserver.SessionSASL.
func (s *published) AuthenticateMechanisms() []string {
	if session, ok := s.Session.(imapserver.SessionSASL); ok {
		return session.AuthenticateMechanisms()
	}
	return []string{sasl.Plain}
}

// Authenticate implements imapserver.SessionSASL. For a session that does not,
// it does what imapserver does for one.
func (s *published) Authenticate(mech string) (sasl.Server, error) {
	if session, ok := s.Session.(imapserver.SessionSASL); ok {
		server, err := session.Authenticate(mech)
		if err != nil {
			return nil, err
		}
		return &publishSASL{Server: server, session: s, plain: mech == sasl.Plain}, nil
	}
	if mech != sasl.Plain {
		return nil, &imap.Error{
			Type: imap.StatusResponseTypeNo,
			Text: "SASL mechanism not supported",
		}
	}
	return sasl.NewPlainServer(func(identity, username, password string) error {
		if identity != "" && identity != username {
			return &imap.Error{
				Type: imap.StatusResponseTypeNo,
				Code: imap.ResponseCodeAuthorizationFailed,
				Text: "SASL identity not supported",
			}
		}
		return s.Login(username, password)
	}), nil
}

// publishSASL finds out when a session's own mechanism has succeeded.
type publishSASL struct {
	sasl.Server
	session *published
	plain   bool
	login   string
}

// Next implements sasl.Server.
func (a *publishSASL) Next(response []byte) (challenge []byte, done bool, err error) {
	if parts := bytes.Split(response, []byte{0}); a.plain && len(parts) == 3 {
		// RFC 4616, section 2: who it is for, or else who it is.
		if a.login = string(parts[0]); a.login == "" {
			a.login = string(parts[1])
		}
	}
	challenge, done, err = a.Server.Next(response)
	if done && err == nil {
		a.session.login(a.login)
	}
	return challenge, done, err
}
