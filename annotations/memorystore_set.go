package annotations

import (
	"bytes"
	"maps"
	"slices"
)

// Set implements [Store], for clients: provision, [EntryOutstanding] and
// /shared/admin cannot be set; preferences only on a mailbox, with a value that
// [DecodePreferences] can read. Of an entry that comes twice the last value
// counts, but each must be right. What changes nothing is not a change.
func (s *MemoryStore) Set(by Subject, mailbox string, entries []EntryValue) error {
	return s.set(by, mailbox, entries, false)
}

// Put does what Set does for the server itself: it may also set what clients
// only read, and no limit applies. Values of the schema are checked all the
// same.
func (s *MemoryStore) Put(by Subject, mailbox string, entries []EntryValue) error {
	return s.set(by, mailbox, entries, true)
}

func (s *MemoryStore) set(by Subject, mailbox string, entries []EntryValue, server bool) error {
	writes, err := s.check(by, mailbox, entries, server)
	if err != nil {
		return err
	}
	id := s.id(by.User, mailbox)
	s.writing.Lock()
	defer s.writing.Unlock()
	change := Change{Subject: by, Mailbox: foldInbox(mailbox)}
	if err := s.commit(id, &change, writes, server); err != nil {
		return err
	}
	s.tell(change)
	return nil
}

// tell calls OnChange, unless nothing changed. The caller holds writing.
func (s *MemoryStore) tell(changes ...Change) {
	for _, c := range changes {
		if c.Version != 0 && s.o.OnChange != nil {
			s.o.OnChange(c)
		}
	}
}

// commit writes all, or fails and writes nothing. It completes change, whose
// Version stays 0 if nothing changed.
func (s *MemoryStore) commit(id mailboxID, change *Change, writes map[Entry]write, server bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[id]
	grown := make(map[string]growth)
	for _, e := range slices.Sorted(maps.Keys(writes)) {
		w := writes[e]
		old, had := b[w.holder][e]
		if had == (w.value != nil) && bytes.Equal(old, w.value) {
			continue
		}
		change.Entries = append(change.Entries, ChangedEntry{Entry: e, Deleted: w.value == nil})
		account := id.account(w.holder)
		grown[account] = grown[account].with(w, old, had)
	}
	if !server {
		for _, account := range slices.Sorted(maps.Keys(grown)) {
			if err := s.checkQuota(id, account, grown[account], change.Mailbox); err != nil {
				return err
			}
		}
	}
	if len(change.Entries) == 0 {
		return nil
	}
	if b == nil {
		b = make(box)
		s.boxes[id] = b
	}
	for _, c := range change.Entries {
		b.put(writes[c.Entry].holder, c.Entry, writes[c.Entry].value)
	}
	if len(b) == 0 {
		delete(s.boxes, id)
	}
	for account, g := range grown {
		s.charge(account, g.octets)
	}
	s.version++
	change.Version = s.version
	return nil
}

// growth is by how much a change makes what an account has grow.
type growth struct {
	entries, octets int
	adds, extends   string // names of what grows it, for errors
}

func (g growth) with(w write, old []byte, had bool) growth {
	octets := footprint(w.entry, w.value) - footprint(w.entry, old)
	g.octets += octets
	if octets > 0 {
		g.extends = w.name
	}
	switch {
	case !had:
		g.entries++
		g.adds = w.name
	case w.value == nil:
		g.entries--
	}
	return g
}

// checkQuota checks that an account may grow so.
func (s *MemoryStore) checkQuota(id mailboxID, account string, g growth, mailbox string) error {
	tooMany := func(name string, limit int, reason string) error {
		return &QuotaError{
			Mailbox: mailbox, Entry: name, Limit: int64(limit), Reason: reason, Code: Code{Name: CodeTooMany},
		}
	}
	if g.entries > 0 && s.boxes[id].count(id, account)+g.entries > s.o.MaxEntries {
		return tooMany(g.adds, s.o.MaxEntries, "annotations of a user on a mailbox")
	}
	if g.octets > 0 && s.total[account]+g.octets > s.o.MaxTotal {
		return tooMany(g.extends, s.o.MaxTotal, "octets in all annotations of a user")
	}
	return nil
}

// charge adds to what an account has in all, in octets.
func (s *MemoryStore) charge(account string, octets int) {
	s.total[account] += octets
	if s.total[account] == 0 {
		delete(s.total, account)
	}
}
