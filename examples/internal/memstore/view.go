package memstore

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// view is a selected mailbox as one client numbers it. Only its session uses
// it, under the user's lock.
//
// What the client has yet to be told is not queued: it is the difference
// between the view and the mailbox, found by mod-sequence. So a view costs
// nothing while its client is silent, changes merge by themselves, and message
// sequence numbers cannot drift from the messages they stand for.
type view struct {
	mbox     *mailbox
	readOnly bool

	msgs     []*message // msgs[i] is message i+1 to the client; expunged ones until it was told
	uidNext  imap.UID   // messages from here on are not in msgs yet
	modSeq   uint64     // changes up to here were told, but for withheld EXPUNGEs
	withheld bool       // msgs has expunged messages

	// own has the messages whose flags this session set itself, with the
	// mod-sequence of that change: the client knows them already.
	own map[*message]uint64

	searchRes imap.UIDSet // RFC 5182
}

func (mbox *mailbox) newView(readOnly bool) *view {
	n := len(mbox.msgs)
	return &view{
		mbox:     mbox,
		readOnly: readOnly,
		msgs:     mbox.msgs[:n:n],
		uidNext:  mbox.uidNext,
		modSeq:   mbox.modSeq,
	}
}

// updates is what a client must hear, in the order in which to say it: flags
// under the numbers it knows, then EXPUNGE from the highest number down, then
// the new size.
type updates struct {
	flags    []flagUpdate
	expunges []uint32
	exists   uint32 // zero if there are no new messages
}

type flagUpdate struct {
	seqNum uint32
	uid    imap.UID
	flags  []imap.Flag
}

// sync moves the view on to the mailbox's present state and returns what the
// client must be told. Without allowExpunge removed messages keep their
// numbers, RFC 3501, section 7.4.1.
func (v *view) sync(allowExpunge bool) updates {
	var up updates
	expunge := allowExpunge && (v.withheld || v.modSeq != v.mbox.modSeq)
	if v.modSeq == v.mbox.modSeq && !expunge {
		return up
	}
	v.withheld = false
	for i, m := range v.msgs {
		switch {
		case m.expunged:
			v.withheld = true
		case m.modSeq > v.modSeq && v.own[m] != m.modSeq:
			up.flags = append(up.flags, flagUpdate{seqNum: uint32(i + 1), uid: m.uid, flags: m.flags})
		}
	}
	if v.withheld && expunge {
		for i := len(v.msgs) - 1; i >= 0; i-- {
			if v.msgs[i].expunged {
				up.expunges = append(up.expunges, uint32(i+1))
			}
		}
		v.withheld = false
	}
	old, uidNext := v.msgs, v.uidNext
	if n := len(v.mbox.msgs); v.withheld {
		// What is withheld stays where it was; what is new comes after it.
		fresh := v.mbox.since(uidNext)
		v.msgs = append(old[:len(old):len(old)], fresh...)
	} else {
		v.msgs = v.mbox.msgs[:n:n]
	}
	if len(v.msgs) > len(old)-len(up.expunges) {
		up.exists = uint32(len(v.msgs))
	}
	v.uidNext, v.modSeq, v.own = v.mbox.uidNext, v.mbox.modSeq, nil
	return up
}

// since returns the messages with a UID of at least uid.
func (mbox *mailbox) since(uid imap.UID) []*message {
	i := len(mbox.msgs)
	for i > 0 && mbox.msgs[i-1].uid >= uid {
		i--
	}
	return mbox.msgs[i:]
}

// setOwn remembers that the client knows the flags that it has just set.
// before is the message's mod-sequence before that: a change by somebody else
// that the client has not heard of must not be hidden by its own, unless it
// replaced the flags or is told them.
func (v *view) setOwn(m *message, before uint64, all bool) {
	if !all && before > v.modSeq && v.own[m] != before {
		return
	}
	if v.own == nil {
		v.own = make(map[*message]uint64)
	}
	v.own[m] = m.modSeq
}

// write tells the client. It must be called without the lock.
func (up *updates) write(w *imapserver.UpdateWriter) error {
	for _, f := range up.flags {
		if err := w.WriteMessageFlags(f.seqNum, f.uid, f.flags); err != nil {
			return err
		}
	}
	for _, n := range up.expunges {
		if err := w.WriteExpunge(n); err != nil {
			return err
		}
	}
	if up.exists != 0 {
		return w.WriteNumMessages(up.exists)
	}
	return nil
}
