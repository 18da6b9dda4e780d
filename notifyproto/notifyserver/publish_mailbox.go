package notifyserver

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/msgevent"
)

// Select implements imapserver.Session.
func (s *published) Select(mailbox string, options *imap.SelectOptions) (*imap.SelectData, error) {
	u := s.owner()
	if u == nil {
		return s.Session.Select(mailbox, options)
	}
	s.leave()
	// Under the lock, so that a RENAME finds the session either outside or
	// inside.
	u.names.RLock()
	defer u.names.RUnlock()
	data, err := s.Session.Select(mailbox, options)
	if err != nil {
		return nil, err
	}
	s.selected, s.readOnly, s.uidValidity = u.hold(mailbox), options.ReadOnly, data.UIDValidity
	u.learn(s.selected, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft)
	u.learn(s.selected, data.Flags...)
	u.learn(s.selected, data.PermanentFlags...)
	return data, nil
}

// Unselect implements imapserver.Session.
func (s *published) Unselect() error {
	err := s.Session.Unselect()
	s.leave()
	return err
}

// leave notes that no mailbox is selected.
func (s *published) leave() {
	if s.selected == nil {
		return
	}
	s.user.names.RLock()
	defer s.user.names.RUnlock()
	s.user.release(s.selected)
	s.selected = nil
}

// Create implements imapserver.Session. That mailboxes above it were created
// too is implied in its event (RFC 5423, section 4.4).
func (s *published) Create(mailbox string, options *imap.CreateOptions) error {
	u := s.owner()
	if u == nil {
		return s.Session.Create(mailbox, options)
	}
	u.names.Lock()
	defer u.names.Unlock()
	if err := s.Session.Create(mailbox, options); err != nil {
		return err
	}
	if s.heard() {
		p := s.made(mailbox)
		s.publish(s.mailboxEvent(msgevent.TypeMailboxCreate, &p))
	}
	return nil
}

// made returns the place of a mailbox that was just made. A delimiter at the
// end of its name is not part of it (RFC 3501, section 6.3.3).
func (s *published) made(mailbox string) place {
	p := s.place(mailbox, 0)
	if name := strings.TrimRight(mailbox, "/."); p.status == nil && name != mailbox {
		if shorter := s.place(name, 0); shorter.status != nil {
			return shorter
		}
	}
	return p
}

// Delete implements imapserver.Session. The mailboxes below stay (RFC 5423,
// section 4.4).
func (s *published) Delete(mailbox string) error {
	u := s.owner()
	if u == nil {
		return s.Session.Delete(mailbox)
	}
	u.names.Lock()
	defer u.names.Unlock()
	var p place
	if s.heard() {
		p = s.place(mailbox, 0)
	} else {
		p.url = s.url(mailbox, 0)
	}
	if err := s.Session.Delete(mailbox); err != nil {
		return err
	}
	u.deleted(mailbox)
	if s.heard() {
		s.publish(s.mailboxEvent(msgevent.TypeMailboxDelete, &p))
	}
	return nil
}

// Rename implements imapserver.Session. There are no events for the mailboxes
// below nor for those above the new name, and none for the new INBOX when that
// is renamed: they are implied (RFC 5423, section 4.4). The messages that INBOX
// has lost are published as expunged, though: who watches INBOX could not know
// otherwise.
func (s *published) Rename(mailbox, newName string, options *imap.RenameOptions) error {
	u := s.owner()
	if u == nil {
		return s.Session.Rename(mailbox, newName, options)
	}
	u.names.Lock()
	defer u.names.Unlock()
	old := place{url: s.url(mailbox, 0)}
	if s.heard() {
		old = s.place(mailbox, 0)
	}
	if err := s.Session.Rename(mailbox, newName, options); err != nil {
		return err
	}
	p := s.made(newName)
	u.renamed(mailbox, p.url.Mailbox, func(name, newName string) bool {
		before, after := s.place(name, 0), s.place(newName, 0)
		return before.status == nil && after.status != nil
	})
	if !s.heard() {
		return nil
	}
	e := s.mailboxEvent(msgevent.TypeMailboxRename, &p)
	e.OldMailboxID = old.url.String()
	s.publish(e)
	if strings.EqualFold(mailbox, "INBOX") {
		left := s.place(mailbox, 0)
		if a, b := old.messages(), left.messages(); a != nil && b != nil && *b < *a {
			s.publish(s.messagesEvent(msgevent.TypeMessageExpunge, &left, nil))
		}
	}
	return nil
}

// Subscribe implements imapserver.Session.
func (s *published) Subscribe(mailbox string) error {
	return s.subscription(msgevent.TypeMailboxSubscribe, mailbox, s.Session.Subscribe)
}

// Unsubscribe implements imapserver.Session.
func (s *published) Unsubscribe(mailbox string) error {
	return s.subscription(msgevent.TypeMailboxUnSubscribe, mailbox, s.Session.Unsubscribe)
}

// subscription changes a subscription, and publishes that. Its event has no
// UIDVALIDITY: a subscribed name need not be that of a mailbox.
func (s *published) subscription(t msgevent.Type, mailbox string, change func(mailbox string) error) error {
	u := s.owner()
	if u == nil {
		return change(mailbox)
	}
	_, unlock := u.lock(nil, mailbox)
	defer unlock()
	if err := change(mailbox); err != nil {
		return err
	}
	if s.heard() {
		p := place{url: s.url(mailbox, 0)}
		s.publish(s.mailboxEvent(t, &p))
	}
	return nil
}
