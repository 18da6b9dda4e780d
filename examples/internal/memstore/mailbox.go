package memstore

import (
	"bytes"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// mailbox is a mailbox or, with noSelect, a name that only has children.
// It is guarded by its user's lock.
type mailbox struct {
	name        string
	uidValidity uint32
	uidNext     imap.UID
	modSeq      uint64 // highest mod-sequence, RFC 7162; 1 when empty
	noSelect    bool
	unseen      uint32 // messages without \Seen

	// msgs is in UID order. Its elements are never overwritten in place, so
	// that views may share the array: adding appends, removing copies.
	msgs []*message

	idle map[chan struct{}]struct{} // sessions to wake when something changed
}

// message is a message. What is in body never changes, and neither do the
// elements of flags: both may be read without the lock once they were taken
// from here under it.
type message struct {
	uid      imap.UID
	body     []byte
	date     time.Time // INTERNALDATE
	flags    []imap.Flag
	modSeq   uint64
	expunged bool
}

// add appends a message.
func (mbox *mailbox) add(body []byte, date time.Time, flags []imap.Flag) *message {
	m := &message{uid: mbox.uidNext, body: body, date: date, flags: flags, modSeq: mbox.changed()}
	mbox.uidNext++
	mbox.msgs = append(mbox.msgs, m)
	mbox.countUnseen(m, 1)
	return m
}

// setFlags replaces the flags of a message and reports whether they changed.
func (mbox *mailbox) setFlags(m *message, flags []imap.Flag) bool {
	if m.expunged || slices.Equal(m.flags, flags) {
		return false
	}
	mbox.countUnseen(m, -1)
	m.flags = flags
	mbox.countUnseen(m, 1)
	m.modSeq = mbox.changed()
	return true
}

// countUnseen counts a message if it is one without \Seen.
func (mbox *mailbox) countUnseen(m *message, n int) {
	if !hasFlag(m.flags, imap.FlagSeen) {
		mbox.unseen += uint32(n)
	}
}

// expunge removes the messages for which remove says so and returns them.
func (mbox *mailbox) expunge(remove func(*message) bool) []*message {
	var gone []*message
	kept := make([]*message, 0, len(mbox.msgs))
	for _, m := range mbox.msgs {
		if remove(m) {
			gone = append(gone, m)
		} else {
			kept = append(kept, m)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	modSeq := mbox.changed()
	for _, m := range gone {
		m.expunged, m.modSeq = true, modSeq
		mbox.countUnseen(m, -1)
	}
	mbox.msgs = kept
	return gone
}

// changed counts a change, wakes the sessions that wait for one, and returns
// the mod-sequence of the change.
func (mbox *mailbox) changed() uint64 {
	mbox.modSeq++
	for c := range mbox.idle {
		select {
		case c <- struct{}{}:
		default: // it has a wake-up that it has not seen yet
		}
	}
	return mbox.modSeq
}

// status answers what options ask for, RFC 9051, section 6.3.11.
func (mbox *mailbox) status(options *imap.StatusOptions) *imap.StatusData {
	var deleted, recent uint32
	var size, deletedStorage int64
	for _, m := range mbox.msgs {
		size += int64(len(m.body))
		if hasFlag(m.flags, imap.FlagDeleted) {
			deleted++
			deletedStorage += int64(len(m.body))
		}
	}
	messages, unseen := uint32(len(mbox.msgs)), mbox.unseen
	data := &imap.StatusData{
		Mailbox:     mbox.name,
		NumMessages: &messages,
		UIDNext:     mbox.uidNext,
		UIDValidity: mbox.uidValidity,
		NumUnseen:   &unseen,
		NumDeleted:  &deleted,
		Size:        &size,
		NumRecent:   &recent,
	}
	if options.DeletedStorage {
		data.DeletedStorage = &deletedStorage
	}
	if options.HighestModSeq {
		data.HighestModSeq = mbox.modSeq
	}
	return data
}

// splitHeader cuts a message after the empty line that ends its header. A
// message without one is all header.
func splitHeader(body []byte) (header, text []byte) {
	if bytes.HasPrefix(body, []byte("\r\n")) {
		return body[:2], body[2:]
	}
	if i := bytes.Index(body, []byte("\r\n\r\n")); i >= 0 {
		return body[:i+4], body[i+4:]
	}
	return body, nil
}
