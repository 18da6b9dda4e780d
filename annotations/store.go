package annotations

import "github.com/golemonade/lemonade/internal/imapsyntax"

// Subject is who reads or writes. Device is empty if the client did not name
// one: that is a device like any other.
type Subject struct {
	User, Device string
}

// Store keeps annotations. Its methods may be called at the same time; mailbox
// is a name in UTF-8, or empty for the entries of the server. That the mailbox
// exists and the user may access it (RFC 5464, section 3.3) the caller has
// checked.
//
// Errors other than those of [StatusError] mean that the store failed.
type Store interface {
	// Get returns the values of entries and of those below them, as far as
	// depth says, in a fixed order and each once. With [DepthZero] an entry
	// without a value is returned with a nil one. It fails with an
	// *[EntryError].
	Get(s Subject, mailbox string, entries []string, depth Depth) ([]EntryValue, error)
	// Set sets all entries, and removes those whose value is nil; or none if it
	// fails: with an *[EntryError], *[ReadOnlyError], *[ValueError] or
	// *[QuotaError].
	Set(s Subject, mailbox string, entries []EntryValue) error
	// Rename makes the annotations follow a mailbox and, unless delim is 0, the
	// mailboxes below it. Those of INBOX are copied, and INBOX's children stay.
	Rename(user, oldName, newName string, delim rune) error
	// Delete removes the annotations of a mailbox, not of those below it.
	Delete(user, mailbox string) error
}

// PerDevice reports whether the values of an entry belong to devices: those
// below /notify, in either naming, and [EntryOutstanding]. Their private values
// are for one device of one user, and their shared ones for all devices of one
// user. All other private values are for one user, and shared ones for all users
// who may access the mailbox.
//
// draft-ietf-lemonade-notifications-04, section 11; RFC 5464, section 3.2.
func PerDevice(e Entry) bool {
	return e == EntryOutstanding || isNotify(canonical(e))
}

// Visible reports whether the value of e that one subject sets on a mailbox is
// what the other one gets from the same mailbox.
func Visible(e Entry, by, to Subject) bool {
	private := e.Scope() == ScopePrivate
	switch {
	case PerDevice(e):
		return by.User == to.User && (!private || by.Device == to.Device)
	case private:
		return by.User == to.User
	}
	return true
}

// Change is a change of annotations.
type Change struct {
	// Kind is what happened.
	Kind ChangeKind
	// Version is the store's version after it.
	Version uint64
	// Subject is who did it; without a device if mailboxes were renamed or
	// deleted.
	Subject Subject
	// Mailbox is the name as the subject wrote it, or empty for the server.
	Mailbox string
	// OldMailbox is the name before, with ChangeRename.
	OldMailbox string
	// Entries has what changed, in the order of their names; with ChangeSet.
	Entries []ChangedEntry
}

// ChangedEntry is an entry that was set or removed. Entry is in
// [NamingMetadata].
type ChangedEntry struct {
	Entry   Entry
	Deleted bool
}

// ChangeKind says what happened. The zero value is ChangeSet.
type ChangeKind uint8

// The kinds of changes.
const (
	ChangeSet    ChangeKind = iota // entries were set or removed
	ChangeRename                   // all of a mailbox followed it; of INBOX they were copied
	ChangeDelete                   // all of a mailbox were removed
)

// equalFold compares US-ASCII without case.
func equalFold(a, b string) bool { return imapsyntax.EqualFold(a, b) }
