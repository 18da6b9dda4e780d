package annotations

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Rename implements [Store]. Annotations of the new names are replaced: no
// mailbox had them. Limits do not apply.
//
// RFC 5464, section 4.1.
func (s *MemoryStore) Rename(user, oldName, newName string, delim rune) error {
	oldName, newName = foldInbox(oldName), foldInbox(newName)
	from, to := s.id(user, oldName), s.id(user, newName)
	if from == to || oldName == "" || newName == "" {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.tell(s.rename(Subject{User: user}, oldName, newName, from, to, delim)...)
	return nil
}

func (s *MemoryStore) rename(by Subject, oldName, newName string, from, to mailboxID, delim rune) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := oldName == inbox
	var suffixes []string
	for id := range s.boxes {
		suffix, found := strings.CutPrefix(id.name, from.name)
		below := !copied && delim != 0 && strings.HasPrefix(suffix, string(delim))
		if found && id.owner == from.owner && (suffix == "" || below) {
			suffixes = append(suffixes, suffix)
		}
	}
	slices.SortFunc(suffixes, cmp.Compare[string])

	// All are taken out before the first is put in: a new name may be an old
	// one of another.
	moved := make([]box, len(suffixes))
	for i, suffix := range suffixes {
		id := mailboxID{from.owner, from.name + suffix}
		if copied {
			moved[i] = s.boxes[id].clone()
		} else {
			moved[i] = s.take(id)
		}
	}
	changes := make([]Change, len(suffixes))
	for i, suffix := range suffixes {
		id := mailboxID{to.owner, to.name + suffix}
		s.take(id)
		s.boxes[id] = moved[i]
		s.chargeBox(id, 1)
		s.version++
		changes[i] = Change{
			Kind: ChangeRename, Version: s.version, Subject: by,
			Mailbox: newName + suffix, OldMailbox: oldName + suffix,
		}
	}
	return changes
}

// Delete implements [Store]. Those of the server are not deleted.
//
// RFC 5464, section 4.1.
func (s *MemoryStore) Delete(user, mailbox string) error {
	mailbox = foldInbox(mailbox)
	id := s.id(user, mailbox)
	if mailbox == "" {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	change := Change{Kind: ChangeDelete, Subject: Subject{User: user}, Mailbox: mailbox}
	s.mu.Lock()
	if s.take(id) != nil {
		s.version++
		change.Version = s.version
	}
	s.mu.Unlock()
	s.tell(change)
	return nil
}

// take removes the values of a mailbox and returns them, or nil. The caller
// holds mu.
func (s *MemoryStore) take(id mailboxID) box {
	b := s.boxes[id]
	s.chargeBox(id, -1)
	delete(s.boxes, id)
	return b
}

// chargeBox adds what a mailbox has to what its accounts have in all, sign
// times.
func (s *MemoryStore) chargeBox(id mailboxID, sign int) {
	for h, values := range s.boxes[id] {
		for e, value := range values {
			s.charge(id.account(h), sign*footprint(e, value))
		}
	}
}

// clone returns a copy that shares the values, which are never changed.
func (b box) clone() box {
	c := make(box, len(b))
	for h, values := range b {
		c[h] = maps.Clone(values)
	}
	return c
}
