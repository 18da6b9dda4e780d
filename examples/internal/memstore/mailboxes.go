package memstore

import (
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/msgevent"
)

// maxNameLength bounds a mailbox name, in octets of UTF-8; commands are bounded
// anyway, but names are copied into every event.
const maxNameLength = 1000

// canonicalName spells INBOX, which is the only name without case, and the
// first level of the names below it (RFC 3501, section 5.1).
func canonicalName(name string) string {
	const n = len(Inbox)
	if len(name) >= n && strings.EqualFold(name[:n], Inbox) && (len(name) == n || name[n] == Delimiter) {
		return Inbox + name[n:]
	}
	return name
}

// checkName says whether a mailbox can have this name.
func checkName(name string) error {
	if len(name) > maxNameLength {
		return no(imap.ResponseCodeCannot, "the name has more than %d octets", maxNameLength)
	}
	for level := range strings.SplitSeq(name, string(Delimiter)) {
		if level == "" {
			return no(imap.ResponseCodeCannot, "the name has an empty level")
		}
	}
	if strings.ContainsAny(name, "%*") {
		return no(imap.ResponseCodeCannot, "the name has a wildcard")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return no(imap.ResponseCodeCannot, "the name has control characters")
	}
	return nil
}

// existing returns a mailbox or a name that only has children.
func (u *user) existing(name string) (*mailbox, error) {
	mbox := u.mailboxes[canonicalName(name)]
	if mbox == nil {
		return nil, no(imap.ResponseCodeNonExistent, "there is no mailbox %s", name)
	}
	return mbox, nil
}

// selectable returns a mailbox that can hold messages.
func (u *user) selectable(name string) (*mailbox, error) {
	mbox, err := u.existing(name)
	if err == nil && mbox.noSelect {
		return nil, no(imap.ResponseCodeNonExistent, "%s only has mailboxes below it", name)
	}
	return mbox, err
}

// destination is selectable for APPEND, COPY and MOVE.
func (u *user) destination(name string) (*mailbox, error) {
	mbox, err := u.selectable(name)
	if err != nil {
		err = no(imap.ResponseCodeTryCreate, "there is no mailbox %s", name)
	}
	return mbox, err
}

// below returns the names below a name, in order.
func (u *user) below(name string) []string {
	prefix := name + string(Delimiter)
	var names []string
	for n := range u.mailboxes {
		if strings.HasPrefix(n, prefix) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// create makes a mailbox and those above it, RFC 3501, section 6.3.3.
func (u *user) create(name string) *mailbox {
	for i, c := range name {
		if c == Delimiter && u.mailboxes[name[:i]] == nil {
			u.addMailbox(name[:i])
		}
	}
	return u.addMailbox(name)
}

// Create implements imapserver.Session.
func (s *Session) Create(name string, options *imap.CreateOptions) error {
	// A delimiter at the end announces names below it, RFC 3501, section
	// 6.3.3: nothing that needs to be remembered here.
	name = canonicalName(strings.TrimSuffix(name, string(Delimiter)))
	if err := checkName(name); err != nil {
		return err
	}
	if len(options.SpecialUse) > 0 {
		return no("USEATTR", "mailboxes have no special use here")
	}
	defer s.begin()()
	u := s.user
	mbox := u.mailboxes[name]
	switch {
	case mbox == nil:
		mbox = u.create(name)
	case mbox.noSelect: // its mailbox was deleted, and comes back as a new one
		mbox = u.addMailbox(name)
	default:
		return no(imap.ResponseCodeAlreadyExists, "there is a mailbox %s", name)
	}
	s.store.publish(u.mailboxEvent(msgevent.TypeMailboxCreate, mbox, s.origin), s.origin)
	return nil
}

// Delete implements imapserver.Session. A mailbox with others below it stays
// as a name that cannot be selected, RFC 3501, section 6.3.4.
func (s *Session) Delete(name string) error {
	defer s.begin()()
	u := s.user
	mbox, err := u.existing(name)
	if err != nil {
		return err
	}
	if mbox.name == Inbox {
		return no(imap.ResponseCodeCannot, "INBOX cannot be deleted")
	}
	children := u.hasChildren(mbox.name)
	if mbox.noSelect && children {
		return no("HASCHILDREN", "%s has mailboxes below it", name)
	}
	e := u.mailboxEvent(msgevent.TypeMailboxDelete, mbox, s.origin)
	// Sessions that have it selected see it become empty.
	mbox.expunge(func(*message) bool { return true })
	if children {
		u.mailboxes[mbox.name] = &mailbox{name: mbox.name, uidValidity: mbox.uidValidity, noSelect: true}
	} else {
		delete(u.mailboxes, mbox.name)
	}
	s.store.publish(e, s.origin)
	return nil
}

// Rename implements imapserver.Session. The mailboxes below go with it, but
// for INBOX, whose messages move into a new mailbox, RFC 3501, section 6.3.5.
func (s *Session) Rename(name, newName string, options *imap.RenameOptions) error {
	newName = canonicalName(strings.TrimSuffix(newName, string(Delimiter)))
	if err := checkName(newName); err != nil {
		return err
	}
	defer s.begin()()
	u := s.user
	mbox, err := u.existing(name)
	if err != nil {
		return err
	}
	name = mbox.name
	if u.mailboxes[newName] != nil {
		return no(imap.ResponseCodeAlreadyExists, "there is a mailbox %s", newName)
	}
	if name != Inbox && strings.HasPrefix(newName, name+string(Delimiter)) {
		return no(imap.ResponseCodeCannot, "%s cannot move below itself", name)
	}
	old := u.url(name, mbox.uidValidity)
	if name == Inbox {
		mbox = u.renameInbox(newName)
	} else {
		names := append([]string{name}, u.below(name)...)
		for _, n := range names {
			if err := checkName(newName + n[len(name):]); err != nil {
				return err // too long
			}
		}
		moved := make([]*mailbox, len(names))
		for i, n := range names {
			moved[i] = u.mailboxes[n]
			delete(u.mailboxes, n)
		}
		u.create(newName)
		for i, n := range names {
			moved[i].name = newName + n[len(name):]
			u.mailboxes[moved[i].name] = moved[i]
		}
	}
	e := u.mailboxEvent(msgevent.TypeMailboxRename, mbox, s.origin)
	e.OldMailboxID = old.String()
	s.store.publish(e, s.origin)
	return nil
}

// renameInbox moves the messages of INBOX into a new mailbox.
func (u *user) renameInbox(newName string) *mailbox {
	mbox := u.create(newName)
	for _, m := range u.mailboxes[Inbox].expunge(func(*message) bool { return true }) {
		mbox.add(m.body, m.date, m.flags)
	}
	return mbox
}

// Subscribe implements imapserver.Session.
func (s *Session) Subscribe(name string) error {
	defer s.begin()()
	u := s.user
	mbox, err := u.existing(name)
	if err != nil {
		return err
	}
	if _, ok := u.subscribed[mbox.name]; !ok {
		u.subscribed[mbox.name] = struct{}{}
		s.store.publish(u.subscriptionEvent(msgevent.TypeMailboxSubscribe, mbox.name, s.origin), s.origin)
	}
	return nil
}

// Unsubscribe implements imapserver.Session. A subscribed name may be one
// without a mailbox.
func (s *Session) Unsubscribe(name string) error {
	defer s.begin()()
	u := s.user
	name = canonicalName(name)
	if _, ok := u.subscribed[name]; !ok {
		_, err := u.existing(name)
		return err
	}
	delete(u.subscribed, name)
	s.store.publish(u.subscriptionEvent(msgevent.TypeMailboxUnSubscribe, name, s.origin), s.origin)
	return nil
}

// Status implements imapserver.Session.
func (s *Session) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	defer s.begin()()
	mbox, err := s.user.selectable(name)
	if err != nil {
		return nil, err
	}
	return mbox.status(options), nil
}

// Namespace implements imapserver.SessionNamespace.
func (s *Session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{
		Personal: []imap.NamespaceDescriptor{{Delim: Delimiter}},
	}, nil
}

// names returns all names there are, in order, INBOX first.
func (u *user) names() []string {
	return slices.SortedFunc(maps.Keys(u.mailboxes), compareNames)
}

func compareNames(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == Inbox:
		return -1
	case b == Inbox:
		return 1
	}
	return strings.Compare(a, b)
}
