package notifyproto

// MailboxFilter is a filter-mailboxes: a [Selected], [SelectedDelayed],
// [Inboxes], [Personal], [Subscribed], [Subtree] or [Mailboxes], as values.
//
// RFC 5465, section 6.
type MailboxFilter interface {
	// Name returns the keyword of RFC 5465, section 8, such as
	// "selected-delayed".
	Name() string

	mailboxFilter()
}

var (
	_ MailboxFilter = Selected{}
	_ MailboxFilter = SelectedDelayed{}
	_ MailboxFilter = Inboxes{}
	_ MailboxFilter = Personal{}
	_ MailboxFilter = Subscribed{}
	_ MailboxFilter = Subtree{}
	_ MailboxFilter = Mailboxes{}
)

// Selected is the selected mailbox, told of at once.
//
// RFC 5465, section 6.1.1.
type Selected struct{}

// SelectedDelayed is the selected mailbox, with expunges held back until a
// command allows them.
//
// RFC 5465, section 6.1.2.
type SelectedDelayed struct{}

// Inboxes are the user's mailboxes that mail is delivered to.
//
// RFC 5465, section 6.3.
type Inboxes struct{}

// Personal are the mailboxes in the user's personal namespaces.
//
// RFC 5465, section 6.2.
type Personal struct{}

// Subscribed are the mailboxes the user is subscribed to, whichever these are
// at the time.
//
// RFC 5465, section 6.4.
type Subscribed struct{}

// Subtree are the mailboxes named and all below them, one name at least.
//
// RFC 5465, section 6.5.
type Subtree []string

// Mailboxes are the mailboxes named, one at least. "*" and "%" mean nothing
// special.
//
// RFC 5465, section 6.6.
type Mailboxes []string

// Keywords of filter-mailboxes, in the spelling of RFC 5465, section 8.
const (
	keySelected        = "selected"
	keySelectedDelayed = "selected-delayed"
	keyInboxes         = "inboxes"
	keyPersonal        = "personal"
	keySubscribed      = "subscribed"
	keySubtree         = "subtree"
	keyMailboxes       = "mailboxes"
)

// Name returns "selected".
func (Selected) Name() string { return keySelected }

// Name returns "selected-delayed".
func (SelectedDelayed) Name() string { return keySelectedDelayed }

// Name returns "inboxes".
func (Inboxes) Name() string { return keyInboxes }

// Name returns "personal".
func (Personal) Name() string { return keyPersonal }

// Name returns "subscribed".
func (Subscribed) Name() string { return keySubscribed }

// Name returns "subtree".
func (Subtree) Name() string { return keySubtree }

// Name returns "mailboxes".
func (Mailboxes) Name() string { return keyMailboxes }

func (Selected) mailboxFilter()        {}
func (SelectedDelayed) mailboxFilter() {}
func (Inboxes) mailboxFilter()         {}
func (Personal) mailboxFilter()        {}
func (Subscribed) mailboxFilter()      {}
func (Subtree) mailboxFilter()         {}
func (Mailboxes) mailboxFilter()       {}

// isSelected reports whether f is a filter-mailboxes-selected.
func isSelected(f MailboxFilter) bool {
	switch f.(type) {
	case Selected, SelectedDelayed:
		return true
	}
	return false
}
