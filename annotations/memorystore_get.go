package annotations

import (
	"bytes"
	"cmp"
	"slices"
)

// Get implements [Store]. The result does not alias the store. Names are in
// lower case, in the naming that was asked for; below an entry they are in the
// order of their octets.
func (s *MemoryStore) Get(by Subject, mailbox string, entries []string, depth Depth) ([]EntryValue, error) {
	roots := make([]Entry, len(entries))
	for i, name := range entries {
		var err error
		if roots[i], err = ParseSpecifier(name); err != nil {
			return nil, err
		}
	}
	id := s.id(by.User, mailbox)
	values, err := s.provision(by, id)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if depth == DepthZero {
		return s.exactly(by, id, roots, values), nil
	}
	s.collect(by, id, values)
	return below(roots, depth, values), nil
}

// provision returns the entries of the server that are computed, canonical.
func (s *MemoryStore) provision(by Subject, id mailboxID) (map[Entry][]byte, error) {
	values := make(map[Entry][]byte)
	if id != (mailboxID{}) || s.o.Provision == nil {
		return values, nil
	}
	entries, err := s.o.Provision(by).Encode(NamingMetadata)
	for _, e := range entries {
		values[Entry(e.Name)] = e.Value
	}
	return values, err
}

// exactly returns the values of entries, nil if there is none.
func (s *MemoryStore) exactly(by Subject, id mailboxID, entries []Entry, computed map[Entry][]byte) []EntryValue {
	var found []EntryValue
	seen := make(map[Entry]bool, len(entries))
	for _, name := range entries {
		if seen[name] {
			continue
		}
		seen[name] = true
		e := canonical(name)
		value, ok := computed[e]
		if !ok {
			value = s.boxes[id][holderOf(e, by)][e]
		}
		found = append(found, EntryValue{Name: string(name), Value: bytes.Clone(value)})
	}
	return found
}

// collect adds all values that a subject may read on a mailbox to those that
// are computed.
func (s *MemoryStore) collect(by Subject, id mailboxID, values map[Entry][]byte) {
	holders := []holder{
		{user: by.User, device: by.Device},
		{user: by.User},
		{user: by.User, shared: true},
		{shared: true},
	}
	for _, h := range holders {
		for e, value := range s.boxes[id][h] {
			if _, computed := values[e]; !computed && holderOf(e, by) == h {
				values[e] = value
			}
		}
	}
}

// below returns copies of those values whose entries lie below roots, as far as
// depth says, in the naming that leads from the root to them.
func below(roots []Entry, depth Depth, values map[Entry][]byte) []EntryValue {
	var found []EntryValue
	seen := make(map[Entry]bool)
	for _, root := range roots {
		first := len(found)
		for e, value := range values {
			name := e
			if vendor, ok := vendorSpelling(e); ok && !e.Within(root, depth) {
				name = vendor
			}
			if seen[name] || !name.Within(root, depth) {
				continue
			}
			seen[name] = true
			found = append(found, EntryValue{Name: string(name), Value: bytes.Clone(value)})
		}
		slices.SortFunc(found[first:], func(a, b EntryValue) int { return cmp.Compare(a.Name, b.Name) })
	}
	return found
}
