package memstore

import (
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/golemonade/lemonade/msgevent"
)

// errExpunged is the answer to a command that named messages by sequence
// number and found some of them gone, RFC 2180, section 4; RFC 5530, section 3.
var errExpunged = no("EXPUNGEISSUED", "some of these messages were expunged by another session")

// Append implements imapserver.Session.
func (s *Session) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	flags, err := checkFlags(options.Flags)
	if err != nil {
		return nil, err
	}
	end := s.begin()
	_, err = s.user.destination(name)
	end()
	if err != nil {
		return nil, err // before the message is read
	}
	body := make([]byte, r.Size())
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, no("", "the message did not arrive whole")
	}
	if g, ok := s.guard(); ok {
		if problem := g.CommandError(); problem != "" {
			return nil, bad("%s", problem)
		}
	}

	defer s.begin()()
	u := s.user
	mbox, err := u.destination(name)
	if err != nil {
		return nil, err
	}
	date := options.Time
	if date.IsZero() {
		date = time.Now()
	}
	m := mbox.add(body, date, flags)
	s.store.publish(u.messageEvent(msgevent.TypeMessageAppend, mbox, m, s.origin), s.origin)
	return &imap.AppendData{UIDValidity: mbox.uidValidity, UID: m.uid}, nil
}

// Expunge implements imapserver.Session. The client is told by the Poll that
// follows.
func (s *Session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	defer s.begin()()
	v := s.view
	if v.readOnly {
		// CLOSE of a mailbox that was examined removes nothing and does not
		// fail, RFC 3501, section 6.4.2; it has a writer without connection.
		if *w == (imapserver.ExpungeWriter{}) {
			return nil
		}
		_, err := s.writable()
		return err
	}
	var only map[*message]bool
	if uids != nil {
		picked, err := v.messages(*uids)
		if err != nil {
			return err
		}
		only = make(map[*message]bool, len(picked))
		for _, m := range picked {
			only[m.message] = true
		}
	}
	gone := v.mbox.expunge(func(m *message) bool {
		return hasFlag(m.flags, imap.FlagDeleted) && (uids == nil || only[m])
	})
	if len(gone) > 0 {
		s.store.publish(s.user.messagesEvent(msgevent.TypeMessageExpunge, v.mbox, gone, s.origin), s.origin)
	}
	return nil
}

// Store implements imapserver.Session.
func (s *Session) Store(w *imapserver.FetchWriter, numSet imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	list, err := checkFlags(flags.Flags)
	if err != nil {
		return err
	}
	_, byUID := numSet.(imap.UIDSet)
	told, gone, err := s.changeFlags(numSet, flags.Op, list, flags.Silent)
	if err != nil {
		return err
	}
	for _, f := range told {
		resp := w.CreateMessage(f.seqNum)
		if byUID {
			resp.WriteUID(f.uid)
		}
		resp.WriteFlags(f.flags)
		if err := resp.Close(); err != nil {
			return err
		}
	}
	if gone {
		return errExpunged
	}
	return nil
}

// changeFlags changes flags under the lock. It returns what to tell the client,
// and whether it must be told that messages are gone which it named.
func (s *Session) changeFlags(numSet imap.NumSet, op imap.StoreFlagsOp, flags []imap.Flag, silent bool) (told []flagUpdate, gone bool, err error) {
	defer s.begin()()
	v, err := s.writable()
	if err != nil {
		return nil, false, err
	}
	msgs, err := v.messages(numSet)
	if err != nil {
		return nil, false, err
	}
	var changes []flagChange
	for _, m := range msgs {
		if m.expunged {
			gone = true
			continue
		}
		old, before := m.flags, m.modSeq
		if v.mbox.setFlags(m.message, apply(old, op, flags)) {
			changes = append(changes, flagChange{m.message, withoutFlags(m.flags, old), withoutFlags(old, m.flags)})
		}
		if !silent {
			told = append(told, flagUpdate{m.seqNum, m.uid, m.flags})
		}
		v.setOwn(m.message, before, !silent || op == imap.StoreFlagsSet)
	}
	s.user.publishFlags(v.mbox, changes, s.origin)
	// With .SILENT an OK is right, RFC 2180, section 4.2.1, and needed: after
	// a NO the client would not count on the flags that it is not told.
	return told, gone && !silent, nil
}

// Copy implements imapserver.Session.
func (s *Session) Copy(numSet imap.NumSet, dest string) (*imap.CopyData, error) {
	defer s.begin()()
	_, data, err := s.copy(numSet, dest)
	return data, err
}

// copy copies messages, all or none (RFC 3501, section 6.4.7), as
// MessageAppend events in the destination.
func (s *Session) copy(numSet imap.NumSet, dest string) (from []numbered, data *imap.CopyData, err error) {
	u := s.user
	from, err = s.view.messages(numSet)
	if err != nil {
		return nil, nil, err
	}
	to, err := u.destination(dest)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range from {
		if m.expunged {
			return nil, nil, errExpunged
		}
	}
	if len(from) == 0 {
		return nil, nil, nil // only UIDs that are not there: an OK, without COPYUID
	}
	data = &imap.CopyData{UIDValidity: to.uidValidity}
	for _, m := range from {
		c := to.add(m.body, m.date, m.flags)
		data.SourceUIDs.AddNum(m.uid)
		data.DestUIDs.AddNum(c.uid)
		s.store.publish(u.messageEvent(msgevent.TypeMessageAppend, to, c, s.origin), s.origin)
	}
	return from, data, nil
}

// Move implements imapserver.SessionMove: a copy, and a MessageExpunge in the
// source. EXPUNGE responses are left to the Poll that follows.
func (s *Session) Move(w *imapserver.MoveWriter, numSet imap.NumSet, dest string) error {
	data, err := s.move(numSet, dest)
	if err != nil || data == nil {
		return err
	}
	return w.WriteCopyData(data)
}

func (s *Session) move(numSet imap.NumSet, dest string) (*imap.CopyData, error) {
	defer s.begin()()
	v, err := s.writable()
	if err != nil {
		return nil, err
	}
	from, data, err := s.copy(numSet, dest)
	if err != nil {
		return nil, err
	}
	moved := make(map[*message]bool, len(from))
	for _, m := range from {
		moved[m.message] = true
	}
	if gone := v.mbox.expunge(func(m *message) bool { return moved[m] }); len(gone) > 0 {
		s.store.publish(s.user.messagesEvent(msgevent.TypeMessageExpunge, v.mbox, gone, s.origin), s.origin)
	}
	return data, nil
}
