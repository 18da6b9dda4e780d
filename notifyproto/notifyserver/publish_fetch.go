package notifyserver

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// publishFetch is a FETCH at work that may set \Seen. It has the messages that
// were unseen before it, and whether nobody has published since that they are
// seen.
type publishFetch struct {
	unseen map[imap.UID]bool
}

// read notes that it is published that messages are seen now, or that they are
// not. The caller has locked m.
func (m *publishMailbox) read(uids []imap.UID, seen bool) {
	for f := range m.fetches {
		for _, uid := range uids {
			if _, ok := f.unseen[uid]; ok {
				f.unseen[uid] = !seen
			}
		}
	}
}

// readsBody reports whether a FETCH sets \Seen (RFC 3501, section 6.4.5; RFC
// 3516, section 4.2).
func readsBody(options *imap.FetchOptions) bool {
	for _, section := range options.BodySection {
		if !section.Peek {
			return true
		}
	}
	for _, section := range options.BinarySection {
		if !section.Peek {
			return true
		}
	}
	return false
}

// Fetch implements imapserver.Session. The messages that were unseen before it
// and are not after it have been read: by this FETCH, if it was not published
// meanwhile that somebody else did.
func (s *published) Fetch(w *imapserver.FetchWriter, numSet imap.NumSet, options *imap.FetchOptions) error {
	if s.selected == nil || !readsBody(options) {
		return s.Session.Fetch(w, numSet, options)
	}
	if !s.heard() {
		err := s.Session.Fetch(w, numSet, options)
		if s.heard() {
			s.readUnknown()
		}
		return err
	}
	numSet, f, known := s.beginFetch(numSet)
	err := s.Session.Fetch(w, numSet, options)
	switch {
	case !known:
		s.readUnknown()
	case f != nil:
		s.endFetch(f)
	}
	return err
}

// beginFetch finds out what FETCH may set \Seen in: nil is nothing. It returns
// the set of messages to fetch, and reports false if it cannot say.
func (s *published) beginFetch(numSet imap.NumSet) (imap.NumSet, *publishFetch, bool) {
	m := s.selected
	_, unlock := s.user.lock(m, "")
	defer unlock()
	if _, ok := numSet.(imap.UIDSet); ok {
		// A message that comes only now must not be read unnoticed. By
		// sequence number it cannot be.
		uids, ok := s.find(numSet, imap.SearchCriteria{})
		if !ok {
			return numSet, nil, false
		}
		if len(uids) > 0 {
			numSet = uids
		}
	}
	unseen, ok := s.find(numSet, having(imap.FlagSeen, false))
	if !ok || len(unseen) == 0 {
		return numSet, nil, ok
	}
	f := &publishFetch{unseen: make(map[imap.UID]bool)}
	uids, _ := unseen.Nums()
	for _, uid := range uids {
		f.unseen[uid] = true
	}
	if m.fetches == nil {
		m.fetches = make(map[*publishFetch]struct{})
	}
	m.fetches[f] = struct{}{}
	return numSet, f, true
}

// endFetch publishes what FETCH has set \Seen in.
func (s *published) endFetch(f *publishFetch) {
	m := s.selected
	_, unlock := s.user.lock(m, "")
	defer unlock()
	delete(m.fetches, f)
	var uids imap.UIDSet
	for _, uid := range slices.Sorted(maps.Keys(f.unseen)) {
		if f.unseen[uid] {
			uids.AddNum(uid)
		}
	}
	if len(uids) == 0 {
		return
	}
	seen, ok := s.find(uids, having(imap.FlagSeen, true))
	if !ok {
		seen = uids
	}
	s.flaggedEach([]flagChange{{flag: imap.FlagSeen, set: true, uids: seen}})
}

// readUnknown publishes that messages may have been read.
func (s *published) readUnknown() {
	_, unlock := s.user.lock(s.selected, "")
	defer unlock()
	s.flagged([]flagChange{{flag: imap.FlagSeen, set: true}})
}
