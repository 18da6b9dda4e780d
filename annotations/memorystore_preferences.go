package annotations

import (
	"maps"
	"slices"
)

// Preferences returns the preferences in force for a mailbox of a user on a
// device, see [Effective]. The error is that of [Preferences.Validate]: a
// channel may have got no address, or one of another mechanism. The result is
// there all the same.
func (s *MemoryStore) Preferences(user, device, mailbox string, provisioned Preferences) (Preferences, error) {
	here, in := s.id(user, mailbox), s.id(user, inbox)
	h := holder{user: user, device: device}
	s.mu.RLock()
	p := Effective(s.boxes[here].preferences(h), s.boxes[in].preferences(h), provisioned)
	s.mu.RUnlock()
	return p, p.Validate()
}

// preferences returns what a holder chose. Each value was checked when it was
// set.
func (b box) preferences(h holder) Preferences {
	var p Preferences
	for i := ItemChannel; i <= ItemFilter; i++ {
		_ = p.set(i, b[h][i.Entry()])
	}
	return p
}

// Devices returns the names of a user's devices that have stored preferences,
// sorted; the empty one is among them if it has.
func (s *MemoryStore) Devices(user string) []string {
	devices := make(map[string]bool)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, b := range s.boxes {
		for h := range b {
			if id != (mailboxID{}) && h.user == user && !h.shared && b.preferences(h) != (Preferences{}) {
				devices[h.device] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(devices))
}
