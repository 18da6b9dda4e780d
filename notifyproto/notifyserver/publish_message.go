package notifyserver

import (
	"bytes"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/golemonade/lemonade/msgevent"
)

// maxWholeMessage is the size up to which a message is read whole before it is
// appended, so that the lock need not be held while the client sends it.
const maxWholeMessage = 128 << 10

// Append implements imapserver.Session.
func (s *published) Append(mailbox string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	u := s.owner()
	if u == nil {
		return s.Session.Append(mailbox, r, options)
	}
	size := r.Size()
	flags := withoutRecent(options.Flags)
	if size > maxWholeMessage || !s.heard() {
		data, err := s.Session.Append(mailbox, r, options)
		if err != nil {
			return nil, err
		}
		m, unlock := u.lock(nil, mailbox)
		defer unlock()
		s.appended(m, data, flags, size)
		return data, nil
	}
	whole := make([]byte, size)
	if _, err := io.ReadFull(r, whole); err != nil {
		return nil, err
	}
	m, unlock := u.lock(nil, mailbox)
	defer unlock()
	data, err := s.Session.Append(mailbox, bytes.NewReader(whole), options)
	if err != nil {
		return nil, err
	}
	s.appended(m, data, flags, size)
	return data, nil
}

// appended publishes a message that was appended. The caller has locked m.
func (s *published) appended(m *publishMailbox, data *imap.AppendData, flags []imap.Flag, size int64) {
	s.user.learn(m, flags...)
	if !s.heard() {
		return
	}
	if data == nil { // a server without UIDPLUS
		data = &imap.AppendData{}
	}
	p := s.place(m.name, data.UIDValidity)
	e := s.messageEvent(msgevent.TypeMessageAppend, &p, data.UID)
	e.Flags, e.MessageSize = flags, &size
	s.publish(e)
}

// withoutRecent returns flags as events have them (RFC 5423, section 5).
func withoutRecent(flags []imap.Flag) []imap.Flag {
	return slices.DeleteFunc(slices.Clone(flags), func(f imap.Flag) bool {
		return containsFlag([]imap.Flag{`\Recent`}, f)
	})
}

// Copy implements imapserver.Session.
func (s *published) Copy(numSet imap.NumSet, dest string) (*imap.CopyData, error) {
	if s.selected == nil {
		return s.Session.Copy(numSet, dest)
	}
	// The messages that are copied stay what they are while both are locked.
	to, unlock := s.user.lock(s.selected, dest)
	defer unlock()
	same := cloneNumSet(numSet)
	data, err := s.Session.Copy(numSet, dest)
	if err != nil {
		return nil, err
	}
	s.user.learn(to, s.user.known(s.selected)...)
	if !s.heard() {
		return data, nil
	}
	if data != nil {
		s.copied(to, data.UIDValidity, data.DestUIDs, false)
	} else if from, ok := s.find(same, imap.SearchCriteria{}); !ok || len(from) > 0 {
		s.copied(to, 0, nil, true) // a server without UIDPLUS
	}
	return data, nil
}

// copied publishes messages that came into a mailbox (D13): for COPY and MOVE
// RFC 5423 has no event of their own. The caller has locked m.
func (s *published) copied(m *publishMailbox, uidValidity uint32, set imap.UIDSet, unknown bool) {
	uids, _ := set.Nums()
	if unknown {
		uids = []imap.UID{0}
	}
	if len(uids) == 0 {
		return
	}
	p := s.place(m.name, uidValidity)
	for _, uid := range uids {
		s.publish(s.messageEvent(msgevent.TypeMessageAppend, &p, uid))
	}
}

// Move implements imapserver.SessionMove.
func (s *published) Move(w *imapserver.MoveWriter, numSet imap.NumSet, dest string) error {
	session, ok := s.Session.(imapserver.SessionMove)
	if !ok {
		return notSupported("MOVE")
	}
	if s.selected == nil {
		return session.Move(w, numSet, dest)
	}
	to, unlock := s.user.lock(s.selected, dest)
	defer unlock()
	var from imap.UIDSet
	var before place
	heard, known := s.heard(), false
	if heard {
		from, known = s.find(numSet, imap.SearchCriteria{})
		before = s.place(dest, 0)
	}
	err := session.Move(w, numSet, dest)
	if err != nil && !known {
		return err
	}
	if err != nil { // which may be that of writing
		from = s.gone(from)
	}
	s.user.learn(to, s.user.known(s.selected)...)
	if !s.heard() || known && len(from) == 0 {
		return err
	}
	after := s.place(dest, 0)
	added := added(&before, &after, from)
	s.copied(to, after.url.UIDValidity, added, len(added) == 0)
	s.expunged(from)
	return err
}

// added returns the UIDs of messages that were moved into a mailbox. As many
// as UIDNEXT has grown by are all that came.
func added(before, after *place, moved imap.UIDSet) imap.UIDSet {
	if before.status == nil || after.status == nil || before.status.UIDNext == 0 {
		return nil
	}
	first, next := before.status.UIDNext, after.status.UIDNext
	if uids, ok := moved.Nums(); !ok || len(uids) == 0 || next < first || int(next-first) != len(uids) {
		return nil
	}
	return imap.UIDSet{{Start: first, Stop: next - 1}}
}

// Expunge implements imapserver.Session.
func (s *published) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.selected == nil {
		return s.Session.Expunge(w, uids)
	}
	_, unlock := s.user.lock(s.selected, "")
	defer unlock()
	var set imap.NumSet
	if uids != nil {
		set = *uids
	}
	var deleted imap.UIDSet
	var before place
	heard, known := s.heard(), false
	if heard {
		if deleted, known = s.find(set, imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}}); s.readOnly {
			before = s.place(s.selected.name, 0)
		}
	}
	err := s.Session.Expunge(w, uids)
	switch {
	case err != nil && !known:
		return err
	case err != nil:
		deleted = s.gone(deleted)
	case s.readOnly && heard:
		// CLOSE of a mailbox that was examined removes nothing and does not
		// fail (RFC 3501, section 6.4.2).
		after := s.place(s.selected.name, 0)
		if a, b := before.messages(), after.messages(); a != nil && b != nil && *a == *b {
			return nil
		}
	}
	if s.heard() && (!known || len(deleted) > 0) {
		s.expunged(deleted)
	}
	return err
}

// expunged publishes that messages of the selected mailbox are gone, which the
// caller has locked.
func (s *published) expunged(uids imap.UIDSet) {
	if s.selected.gone {
		return
	}
	p := s.place(s.selected.name, s.uidValidity)
	s.publish(s.messagesEvent(msgevent.TypeMessageExpunge, &p, uids))
}

// find searches the selected mailbox among the messages of a set, if that is
// not nil. It reports false if it cannot say.
func (s *published) find(set imap.NumSet, criteria imap.SearchCriteria) (imap.UIDSet, bool) {
	switch set := cloneNumSet(set).(type) {
	case imap.SeqSet:
		criteria.SeqNum = []imap.SeqSet{set}
	case imap.UIDSet:
		criteria.UID = []imap.UIDSet{set}
	}
	data, err := s.Session.Search(imapserver.NumKindUID, &criteria, &imap.SearchOptions{ReturnAll: true})
	if err != nil || data == nil {
		return nil, false
	}
	uids, ok := data.All.(imap.UIDSet)
	return uids, ok && !uids.Dynamic() || data.All == nil
}

// gone returns those of uids that are not in the selected mailbox any more.
func (s *published) gone(uids imap.UIDSet) imap.UIDSet {
	if len(uids) == 0 {
		return nil
	}
	left, ok := s.find(uids, imap.SearchCriteria{})
	if !ok {
		return uids
	}
	var gone imap.UIDSet
	all, _ := uids.Nums()
	for _, uid := range all {
		if !left.Contains(uid) {
			gone.AddNum(uid)
		}
	}
	return gone
}

// cloneNumSet copies a set: sessions put numbers for "*" into what they get.
// imap.SearchRes is known by its address, and never changed.
func cloneNumSet(set imap.NumSet) imap.NumSet {
	switch set := set.(type) {
	case imap.SeqSet:
		return slices.Clone(set)
	case imap.UIDSet:
		if !imap.IsSearchRes(set) {
			return slices.Clone(set)
		}
	}
	return set
}
