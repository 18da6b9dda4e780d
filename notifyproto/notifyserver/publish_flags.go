package notifyserver

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/golemonade/lemonade/msgevent"
)

// flagChange is one flag that is set or cleared in some messages.
type flagChange struct {
	flag imap.Flag
	set  bool
	uids imap.UIDSet
}

// flagChanges returns what a STORE may change, without messages.
func flagChanges(flags *imap.StoreFlags, known []imap.Flag) []flagChange {
	var changes []flagChange
	for _, f := range withoutRecent(flags.Flags) {
		if !slices.ContainsFunc(changes, func(c flagChange) bool { return containsFlag([]imap.Flag{c.flag}, f) }) {
			changes = append(changes, flagChange{flag: f, set: flags.Op != imap.StoreFlagsDel})
		}
		if len(changes) > maxPublishFlags {
			return changes
		}
	}
	if flags.Op == imap.StoreFlagsSet {
		for _, f := range withoutRecent(known) {
			if !containsFlag(flags.Flags, f) {
				changes = append(changes, flagChange{flag: f})
			}
		}
	}
	return changes
}

// Store implements imapserver.Session.
func (s *published) Store(w *imapserver.FetchWriter, numSet imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	if s.selected == nil {
		return s.Session.Store(w, numSet, flags, options)
	}
	changes := flagChanges(flags, s.user.known(s.selected))
	if !s.heard() {
		s.user.learn(s.selected, flags.Flags...)
		err := s.Session.Store(w, numSet, flags, options)
		if err == nil && s.heard() {
			_, unlock := s.user.lock(s.selected, "")
			defer unlock()
			s.flagged(changes)
		}
		return err
	}
	if err := s.storeSilently(w, numSet, flags, options, changes); err != nil || flags.Silent {
		return err
	}
	_, byUID := numSet.(imap.UIDSet)
	return s.Session.Fetch(w, numSet, &imap.FetchOptions{Flags: true, UID: byUID})
}

// storeSilently stores and publishes flags under the lock. Nothing is written
// to the client meanwhile.
func (s *published) storeSilently(w *imapserver.FetchWriter, numSet imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions, changes []flagChange) error {
	_, unlock := s.user.lock(s.selected, "")
	defer unlock()
	s.user.learn(s.selected, withoutRecent(flags.Flags)...)
	known := s.expect(numSet, changes)
	silent := *flags
	silent.Silent = true
	err := s.Session.Store(w, numSet, &silent, options)
	switch {
	case known:
		s.flaggedEach(s.changed(changes, err))
	case err == nil:
		s.flagged(changes)
	}
	return err
}

// expect finds the messages in which each flag is to change. It reports false
// if it cannot say.
func (s *published) expect(numSet imap.NumSet, changes []flagChange) bool {
	if len(changes) > maxPublishFlags {
		return false
	}
	uids, ok := s.find(numSet, imap.SearchCriteria{})
	if !ok {
		return false
	}
	for i := range changes {
		if c := &changes[i]; len(uids) > 0 {
			if c.uids, ok = s.find(uids, having(c.flag, !c.set)); !ok {
				return false
			}
		}
	}
	return true
}

// having is the criterion that a message has a flag, or that it has not.
func having(flag imap.Flag, has bool) imap.SearchCriteria {
	if has {
		return imap.SearchCriteria{Flag: []imap.Flag{flag}}
	}
	return imap.SearchCriteria{NotFlag: []imap.Flag{flag}}
}

// changed narrows changes to those that were made: a server need not store
// every flag, and a command that fails may have stored some. err is that of
// the command.
func (s *published) changed(changes []flagChange, err error) []flagChange {
	made := changes[:0]
	for _, c := range changes {
		if len(c.uids) == 0 {
			continue
		}
		if uids, ok := s.find(c.uids, having(c.flag, c.set)); ok {
			c.uids = uids
		} else if err != nil {
			continue
		}
		if len(c.uids) > 0 {
			made = append(made, c)
		}
	}
	return made
}

// flagged publishes changes in messages that are not known. The caller has
// locked the selected mailbox.
func (s *published) flagged(changes []flagChange) {
	if !s.selected.gone && len(changes) > 0 {
		p := s.place(s.selected.name, s.uidValidity)
		s.publishFlags(&p, changes, nil)
	}
}

// flaggedEach publishes the changes of one command: one event for all messages
// that changed alike. The caller has locked the selected mailbox.
func (s *published) flaggedEach(changes []flagChange) {
	alike := make(map[imap.UID]uint64) // which of the changes a message has
	for i, c := range changes {
		uids, _ := c.uids.Nums()
		for _, uid := range uids {
			alike[uid] |= 1 << i
		}
		if c.flag == imap.FlagSeen {
			s.selected.read(uids, c.set)
		}
	}
	if len(alike) == 0 || s.selected.gone || !s.heard() {
		return
	}
	p := s.place(s.selected.name, s.uidValidity)
	groups := make(map[uint64]*imap.UIDSet)
	var order []uint64
	for _, uid := range slices.Sorted(maps.Keys(alike)) {
		which := alike[uid]
		if groups[which] == nil {
			groups[which] = new(imap.UIDSet)
			order = append(order, which)
		}
		groups[which].AddNum(uid)
	}
	for _, which := range order {
		var group []flagChange
		for i, c := range changes {
			if which&(1<<i) != 0 {
				group = append(group, c)
			}
		}
		s.publishFlags(&p, group, *groups[which])
	}
}

// publishFlags publishes changes that messages have in common: MessageTrash
// and MessageRead in place of FlagsSet for \Deleted and \Seen (RFC 5423,
// section 4.2).
func (s *published) publishFlags(p *place, changes []flagChange, uids imap.UIDSet) {
	var set, cleared []imap.Flag
	for _, c := range changes {
		switch {
		case !c.set:
			cleared = append(cleared, c.flag)
		case c.flag == imap.FlagDeleted:
			s.publish(s.messagesEvent(msgevent.TypeMessageTrash, p, uids))
		case c.flag == imap.FlagSeen:
			s.publish(s.messagesEvent(msgevent.TypeMessageRead, p, uids))
		default:
			set = append(set, c.flag)
		}
	}
	if len(set) > 0 {
		e := s.messagesEvent(msgevent.TypeFlagsSet, p, uids)
		e.Flags = set
		s.publish(e)
	}
	if len(cleared) > 0 {
		e := s.messagesEvent(msgevent.TypeFlagsClear, p, uids)
		e.Flags = cleared
		s.publish(e)
	}
}
