package memstore

import (
	"slices"
	"sort"

	"github.com/emersion/go-imap/v2"
)

// numbered is a message with its message sequence number in a view.
type numbered struct {
	seqNum uint32
	*message
}

// span is a range of numbers with both ends, start <= stop.
type span struct{ start, stop uint32 }

// resolve gives "*" (zero in go-imap's ranges) its value, which is the largest
// number in use; RFC 3501, section 9: either end may be the larger one.
func resolve(start, stop, largest uint32) span {
	if start == 0 {
		start = largest
	}
	if stop == 0 {
		stop = largest
	}
	return span{min(start, stop), max(start, stop)}
}

// messages returns the messages of a set in the view's order. Numbers that the
// mailbox does not have are a BAD for message sequence numbers and nothing for
// UIDs (RFC 3501, section 9, seq-number, and section 6.4.8).
//
// A message that is gone but still numbered is found by its sequence number
// only.
func (v *view) messages(set imap.NumSet) ([]numbered, error) {
	var spans []span
	switch set := set.(type) {
	case imap.SeqSet:
		n := uint32(len(v.msgs))
		for _, r := range set {
			s := resolve(r.Start, r.Stop, n)
			if s.start == 0 || s.stop > n {
				return nil, bad("the mailbox has %d messages, not all of %s", n, set)
			}
			spans = append(spans, s)
		}
		return v.pick(spans, func(i int) uint32 { return uint32(i + 1) }, true), nil
	case imap.UIDSet:
		if imap.IsSearchRes(set) {
			set = v.searchRes
		}
		for _, r := range set {
			spans = append(spans, resolve(uint32(r.Start), uint32(r.Stop), uint32(v.largestUID())))
		}
		return v.pick(spans, func(i int) uint32 { return uint32(v.msgs[i].uid) }, false), nil
	}
	return nil, bad("unknown kind of message set")
}

// pick returns the messages whose number is in one of the spans. Numbers grow
// with the index.
func (v *view) pick(spans []span, number func(i int) uint32, gone bool) []numbered {
	sort.Slice(spans, func(i, j int) bool { return spans[i].start < spans[j].start })
	var out []numbered
	next := 0
	for _, s := range spans {
		first := sort.Search(len(v.msgs), func(i int) bool { return number(i) >= s.start })
		for i := max(first, next); i < len(v.msgs) && number(i) <= s.stop; i++ {
			if m := v.msgs[i]; gone || !m.expunged {
				out = append(out, numbered{uint32(i + 1), m})
			}
			next = i + 1
		}
	}
	return out
}

// largestUID returns the UID that "*" stands for, zero in an empty mailbox. A
// message that is gone is not the last one, even before the client knows.
func (v *view) largestUID() imap.UID {
	for _, m := range slices.Backward(v.msgs) {
		if !m.expunged {
			return m.uid
		}
	}
	return 0
}
