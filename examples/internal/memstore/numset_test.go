package memstore

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

// RFC 3501, section 9, seq-number and sequence-set.
func TestViewMessages(t *testing.T) {
	mbox := &mailbox{uidNext: 2}
	for range 5 { // UIDs 2, 4, 6, 8, 10
		mbox.add(nil, testDate, nil)
		mbox.uidNext++
	}
	v := mbox.newView(false)
	mbox.expunge(func(m *message) bool { return m.uid == 4 || m.uid == 10 })
	empty := (&mailbox{uidNext: 1}).newView(false)
	v.searchRes = imap.UIDSetNum(2, 4, 8)

	seq := func(start, stop uint32) imap.NumSet { return imap.SeqSet{{Start: start, Stop: stop}} }
	uid := func(start, stop imap.UID) imap.NumSet { return imap.UIDSet{{Start: start, Stop: stop}} }
	for _, tt := range []struct {
		name string
		view *view
		set  imap.NumSet
		want []uint32 // sequence numbers; nil is BAD
	}{
		{"one", v, seq(3, 3), []uint32{3}},
		{"one that is gone", v, seq(2, 2), []uint32{2}},
		{"star", v, seq(0, 0), []uint32{5}},
		{"to star", v, seq(4, 0), []uint32{4, 5}},
		{"reversed", v, seq(4, 2), []uint32{2, 3, 4}},
		{"from star", v, seq(0, 4), []uint32{4, 5}},
		{"all", v, seq(1, 0), []uint32{1, 2, 3, 4, 5}},
		{"too large", v, seq(6, 6), nil},
		{"to too large", v, seq(5, 6), nil},
		{"too large to star", v, seq(9, 0), nil},
		{"overlapping, out of order", v, imap.SeqSet{{Start: 3, Stop: 4}, {Start: 1, Stop: 3}}, []uint32{1, 2, 3, 4}},
		{"star when empty", empty, seq(0, 0), nil},
		{"all when empty", empty, seq(1, 0), nil},
		{"UID", v, uid(6, 6), []uint32{3}},
		{"UID that is gone", v, uid(4, 4), []uint32{}},
		{"UID that never was", v, uid(5, 5), []uint32{}},
		{"UID star", v, uid(0, 0), []uint32{4}},
		{"UID beyond the last to star", v, uid(99, 0), []uint32{4}},
		{"UID range", v, uid(3, 7), []uint32{3}},
		{"UID reversed", v, uid(8, 2), []uint32{1, 3, 4}},
		{"UID largest", v, uid(1, 1<<32-1), []uint32{1, 3, 4}},
		{"UID star when empty", empty, uid(0, 0), []uint32{}},
		{"UID all when empty", empty, uid(1, 0), []uint32{}},
		{"search result", v, imap.SearchRes(), []uint32{1, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			msgs, err := tt.view.messages(tt.set)
			if tt.want == nil {
				var e *imap.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, imap.StatusResponseTypeBad, e.Type)
				return
			}
			require.NoError(t, err)
			got := []uint32{}
			for _, m := range msgs {
				require.Same(t, tt.view.msgs[m.seqNum-1], m.message)
				got = append(got, m.seqNum)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// A session hears of what others did after its own change of the same message,
// and of its own where it was mixed with theirs.
func TestViewFlags(t *testing.T) {
	set := func(v *view, flag imap.Flag, all bool) {
		m := v.mbox.msgs[0]
		before := m.modSeq
		v.mbox.setFlags(m, withFlags(m.flags, flags{flag}))
		v.setOwn(m, before, all)
	}
	for _, tt := range []struct {
		name string
		do   func(own, other *view)
		told int
	}{
		{"own", func(own, _ *view) { set(own, `\Seen`, false) }, 0},
		{"own, twice", func(own, _ *view) { set(own, `\Seen`, false); set(own, `\Draft`, false) }, 0},
		{"other's", func(_, other *view) { set(other, `\Seen`, false) }, 1},
		{"own, other's", func(own, other *view) { set(own, `\Seen`, false); set(other, `\Draft`, false) }, 1},
		{"other's, own", func(own, other *view) { set(other, `\Draft`, false); set(own, `\Seen`, false) }, 1},
		{"other's, own of all flags", func(own, other *view) { set(other, `\Draft`, false); set(own, `\Seen`, true) }, 0},
		{"own, other's, own", func(own, other *view) {
			set(own, `\Seen`, false)
			set(other, `\Draft`, false)
			set(own, `\Answered`, false)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mbox := &mailbox{uidNext: 1}
			mbox.add(nil, testDate, nil)
			own, other := mbox.newView(false), mbox.newView(false)
			tt.do(own, other)
			require.Len(t, own.sync(false).flags, tt.told)
			require.Empty(t, own.sync(true), "once")
		})
	}
}
