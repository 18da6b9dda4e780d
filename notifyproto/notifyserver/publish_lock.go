package notifyserver

import (
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// publishUsers has the users who are logged in through Publish.
type publishUsers struct {
	mu    sync.Mutex
	users map[string]*publishUser
}

// publishUser is what the sessions of a user share. Its locks are taken in the
// order of its fields, those of mailboxes between names and order.
type publishUser struct {
	name     string
	sessions int // guarded by publishUsers.mu

	names sync.RWMutex // held for writing while names of mailboxes change, for reading while messages do
	order sync.Mutex   // held while one event is given out

	mu        sync.Mutex // guards what follows, and the fields of mailboxes that say so
	mailboxes map[string]*publishMailbox
	made      uint64 // how many mailboxes ever were
}

// publishMailbox is a mailbox that a session has selected or is changing.
type publishMailbox struct {
	mu sync.Mutex // held while messages change
	id uint64     // in the order of which several mailboxes are locked

	name string // guarded by publishUser.names
	gone bool   // it was deleted; guarded by publishUser.names

	refs  int         // guarded by publishUser.mu
	flags []imap.Flag // that messages may have; guarded by publishUser.mu

	fetches map[*publishFetch]struct{} // guarded by mu
}

// maxPublishFlags bounds the flags that are looked for in the messages that a
// STORE changes, with one search for each. A STORE of more is published without
// a look; of more keywords in a mailbox the rest may be replaced unnoticed.
const maxPublishFlags = 64

// enter returns the user for a session that logs in.
func (p *publishUsers) enter(name string) *publishUser {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[name]
	if u == nil {
		if p.users == nil {
			p.users = make(map[string]*publishUser)
		}
		u = &publishUser{name: name, mailboxes: make(map[string]*publishMailbox)}
		p.users[name] = u
	}
	u.sessions++
	return u
}

// leave is called for a session that logs out.
func (p *publishUsers) leave(u *publishUser) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.sessions--; u.sessions == 0 {
		delete(p.users, u.name)
	}
}

// hold returns the mailbox of that name until release is called. The caller
// holds u.names.
func (u *publishUser) hold(name string) *publishMailbox {
	u.mu.Lock()
	defer u.mu.Unlock()
	m := u.mailboxes[name]
	if m == nil {
		u.made++
		m = &publishMailbox{name: name, id: u.made}
		u.mailboxes[name] = m
	}
	m.refs++
	return m
}

// release ends the use of a mailbox. The caller holds u.names.
func (u *publishUser) release(m *publishMailbox) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if m.refs--; m.refs == 0 && u.mailboxes[m.name] == m {
		delete(u.mailboxes, m.name)
	}
}

// lock locks the messages of selected, if that is not nil, and of the mailbox
// of that name, which it returns, if that is not empty.
func (u *publishUser) lock(selected *publishMailbox, name string) (named *publishMailbox, unlock func()) {
	u.names.RLock()
	if name != "" {
		named = u.hold(name)
	}
	first, second := selected, named
	if first == second {
		second = nil
	}
	if first == nil || second != nil && second.id < first.id {
		first, second = second, first
	}
	first.mu.Lock()
	if second != nil {
		second.mu.Lock()
	}
	return named, func() {
		if second != nil {
			second.mu.Unlock()
		}
		first.mu.Unlock()
		if named != nil {
			u.release(named)
		}
		u.names.RUnlock()
	}
}

// deleted notes that there is no mailbox of that name any more. The caller
// holds u.names for writing.
func (u *publishUser) deleted(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if m := u.mailboxes[name]; m != nil {
		m.gone = true
		delete(u.mailboxes, name)
	}
}

// renamed gives mailboxes their new names: the one that was renamed and those
// below it, if moved says that they moved. Backends differ in that, and so
// they do about INBOX. The caller holds u.names for writing.
func (u *publishUser) renamed(name, newName string, moved func(name, newName string) bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var found []*publishMailbox
	for n, m := range u.mailboxes {
		if strings.HasPrefix(n, name) && moved(n, newName+n[len(name):]) {
			found = append(found, m)
			delete(u.mailboxes, n)
		}
	}
	for _, m := range found {
		m.name = newName + m.name[len(name):]
		u.mailboxes[m.name] = m
	}
}

// learn notes flags that messages of the mailbox may have.
func (u *publishUser) learn(m *publishMailbox, flags ...imap.Flag) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, f := range flags {
		if f != imap.FlagWildcard && len(m.flags) < maxPublishFlags && !containsFlag(m.flags, f) {
			m.flags = append(m.flags, f)
		}
	}
}

// known returns the flags that messages of the mailbox may have.
func (u *publishUser) known(m *publishMailbox) []imap.Flag {
	u.mu.Lock()
	defer u.mu.Unlock()
	return m.flags[:len(m.flags):len(m.flags)]
}

func containsFlag(flags []imap.Flag, flag imap.Flag) bool {
	for _, f := range flags {
		if strings.EqualFold(string(f), string(flag)) {
			return true
		}
	}
	return false
}
