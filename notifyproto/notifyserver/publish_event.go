package notifyserver

import (
	"os"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// heard reports whether there is anybody to publish to.
func (s *published) heard() bool {
	return s.options.OnEvent != nil || s.options.Publisher.watched(s.user.name)
}

// watched reports whether anybody watches the user.
func (p *Publisher) watched(user string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.watchers[user]) > 0
}

// publish gives an event out. Events of different mailboxes may come at once,
// a Publisher takes one at a time.
func (s *published) publish(e *msgevent.Event) {
	s.user.order.Lock()
	defer s.user.order.Unlock()
	if s.options.OnEvent != nil {
		s.options.OnEvent(e)
	}
	s.options.Publisher.Publish(s.user.name, e, s.origin())
}

var publishPID = os.Getpid()

// event returns an event with the parameters that all of them have.
func (s *published) event(t msgevent.Type, uri imapurl.URL) *msgevent.Event {
	return &msgevent.Event{
		Type:       t,
		URI:        uri.String(),
		Timestamp:  time.Now().Truncate(time.Millisecond),
		User:       s.user.name,
		Service:    "imap",
		PID:        publishPID,
		ServerFQDN: s.options.Host,
		ClientIP:   s.client.Addr(),
		ClientPort: s.client.Port(),
	}
}

// place is a mailbox as events name it, with what STATUS said if that is known.
type place struct {
	url    imapurl.URL
	status *imap.StatusData
}

// place asks for the status of a mailbox. uidValidity is what is known of it
// otherwise.
func (s *published) place(name string, uidValidity uint32) place {
	p := place{url: s.url(name, uidValidity)}
	data, err := s.Session.Status(name, &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, NumUnseen: true})
	if err != nil || data == nil {
		return p
	}
	p.status = data
	if data.Mailbox != "" { // as the server spells it
		p.url.Mailbox = data.Mailbox
	}
	if data.UIDValidity != 0 {
		p.url.UIDValidity = data.UIDValidity
	}
	return p
}

// url returns the URL of a mailbox. It names the user, because the names of
// mailboxes are the user's own.
func (s *published) url(mailbox string, uidValidity uint32) imapurl.URL {
	u := s.server
	u.User, u.Mailbox, u.UIDValidity = s.user.name, mailbox, uidValidity
	return u
}

// messages returns how many messages there are, if that is known.
func (p *place) messages() *uint32 {
	if p.status == nil {
		return nil
	}
	return p.status.NumMessages
}

// mailboxEvent returns an event about a mailbox, RFC 5423, section 4.4.
func (s *published) mailboxEvent(t msgevent.Type, p *place) *msgevent.Event {
	e := s.event(t, p.url)
	e.MailboxID = e.URI
	return e
}

// messageEvent returns an event about one message that was added, RFC 5423,
// section 4.1. uid is 0 if it is not known.
func (s *published) messageEvent(t msgevent.Type, p *place, uid imap.UID) *msgevent.Event {
	e := s.mailboxEvent(t, p)
	if uid != 0 {
		uri := p.url
		uri.UID = uid
		e.URI = uri.String()
	}
	p.count(e)
	return e
}

// messagesEvent returns an event about a set of messages, RFC 5423, sections
// 4.1 and 4.2. uids is empty if they are not known.
func (s *published) messagesEvent(t msgevent.Type, p *place, uids imap.UIDSet) *msgevent.Event {
	e := s.mailboxEvent(t, p)
	e.UIDs = uids
	p.count(e)
	return e
}

// count adds what STATUS said.
func (p *place) count(e *msgevent.Event) {
	if p.status == nil {
		return
	}
	e.Messages, e.UIDNext = p.status.NumMessages, p.status.UIDNext
	if n := p.status.NumUnseen; n != nil {
		e.Extensions = append(e.Extensions, msgevent.Extension{
			Name:  UnseenParameter,
			Value: strconv.AppendUint(nil, uint64(*n), 10),
		})
	}
}
