package annotations

import (
	"bytes"
	"sync"
)

// Default limits of a [MemoryStore]. RFC 5464, section 4.1 asks for 1024 octets
// and 10 entries at least.
const (
	// DefaultMaxValue, in octets, has room for a set of rules or a small icon.
	DefaultMaxValue = 64 << 10
	// DefaultMaxEntries has room for the preferences of a hundred devices.
	DefaultMaxEntries = 1000
	// DefaultMaxTotal, in octets, is what a user may make the process hold.
	DefaultMaxTotal = 4 << 20
)

// MemoryOptions configures a [MemoryStore]. Nil means the zero value.
type MemoryOptions struct {
	// MaxValue limits one value, in octets. Zero means DefaultMaxValue.
	MaxValue int
	// MaxEntries limits what one user has on one mailbox, or at server level.
	// Zero means DefaultMaxEntries.
	MaxEntries int
	// MaxTotal limits the names and values of one user, in octets. Zero means
	// DefaultMaxTotal.
	MaxTotal int
	// Owner says whose mailbox it is that a user names, and how the owner
	// names it: shared values are the same for all who mean the same mailbox.
	// Nil means that every user has mailboxes of their own.
	Owner func(user, mailbox string) (owner, name string)
	// Provision returns what the server offers to a device. Nil means nothing
	// but what [MemoryStore.Put] has set.
	Provision func(Subject) Provision
	// MsgFormat checks a msgformat preference, whose syntax this package does
	// not know. Of a *[ValueError] Offset, Want and Section are kept, of another
	// error the text. Nil accepts what [Preferences.Validate] does.
	MsgFormat func(string) error
	// OnChange is called for each change, one after the other in the order in
	// which they happened, before the method that made it returns. It may read
	// from the store; if it changed it, it would wait for itself.
	OnChange func(Change)
}

// MemoryStore is a [Store] in memory. The zero value is not ready: see
// [NewMemoryStore]. Its methods may be called at the same time.
//
// Preferences are kept once, whatever the naming of the command: what was set
// in one naming is read in both.
//
// A user's limits count what is private to that user, and the shared values of
// the user's mailboxes, whoever set them; at server level all shared values
// have limits of their own. What a limit has become too small for can be read,
// removed and replaced by something smaller.
type MemoryStore struct {
	o MemoryOptions

	// writing is held from the check of a change until OnChange has returned,
	// which gives changes their order; mu only while boxes are looked at, so
	// that OnChange may read.
	writing sync.Mutex
	mu      sync.RWMutex // guards what follows
	boxes   map[mailboxID]box
	total   map[string]int // by account, octets
	version uint64
}

var _ Store = (*MemoryStore)(nil)

// mailboxID is a mailbox, whoever names it. The zero value is the server.
type mailboxID struct {
	owner, name string
}

// box has the values of a mailbox. None of the inner maps is empty.
type box map[holder]map[Entry][]byte

// holder is whom a value is for. Of entries that are not [PerDevice], private
// ones have no device, and shared ones no user either.
type holder struct {
	user, device string
	shared       bool
}

// NewMemoryStore returns an empty store.
func NewMemoryStore(o *MemoryOptions) *MemoryStore {
	s := &MemoryStore{boxes: make(map[mailboxID]box), total: make(map[string]int)}
	if o != nil {
		s.o = *o
	}
	s.o.MaxValue = firstOf(s.o.MaxValue, DefaultMaxValue)
	s.o.MaxEntries = firstOf(s.o.MaxEntries, DefaultMaxEntries)
	s.o.MaxTotal = firstOf(s.o.MaxTotal, DefaultMaxTotal)
	return s
}

// Version returns a number that grows with each change. It is 0 as long as
// there was none.
func (s *MemoryStore) Version() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.version
}

// id returns the mailbox that a user means.
func (s *MemoryStore) id(user, mailbox string) mailboxID {
	mailbox = foldInbox(mailbox)
	switch {
	case mailbox == "":
		return mailboxID{}
	case s.o.Owner == nil:
		return mailboxID{user, mailbox}
	}
	owner, name := s.o.Owner(user, mailbox)
	return mailboxID{owner, name}
}

// inbox is the mailbox whose preferences others inherit.
const inbox = "INBOX"

// foldInbox returns a mailbox name with INBOX in upper case, the only name that
// has no case.
func foldInbox(mailbox string) string {
	if equalFold(mailbox, inbox) {
		return inbox
	}
	return mailbox
}

// holderOf returns whom the value is for that a subject means by an entry, which
// is canonical.
func holderOf(e Entry, s Subject) holder {
	shared := e.Scope() == ScopeShared
	switch perDevice := PerDevice(e); {
	case shared && perDevice:
		return holder{user: s.User, shared: true}
	case shared:
		return holder{shared: true}
	case perDevice:
		return holder{user: s.User, device: s.Device}
	}
	return holder{user: s.User}
}

// account returns the user whose limits count what a holder has in a mailbox,
// or "" for what is shared by all at server level.
func (id mailboxID) account(h holder) string {
	if h.shared && h.user == "" {
		return id.owner
	}
	return h.user
}

// count returns how many values of a mailbox an account has.
func (b box) count(id mailboxID, account string) int {
	n := 0
	for h, values := range b {
		if id.account(h) == account {
			n += len(values)
		}
	}
	return n
}

// put sets or, with nil, removes a value.
func (b box) put(h holder, e Entry, value []byte) {
	if value == nil {
		delete(b[h], e)
		if len(b[h]) == 0 {
			delete(b, h)
		}
		return
	}
	if b[h] == nil {
		b[h] = make(map[Entry][]byte)
	}
	b[h][e] = bytes.Clone(value)
}

// footprint returns what a value counts in octets: nothing if there is none.
func footprint(e Entry, value []byte) int {
	if value == nil {
		return 0
	}
	return len(e) + len(value)
}
