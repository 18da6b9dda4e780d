package notifyproto

import (
	"cmp"
	"slices"

	imap "github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// expungedResp parses what follows "VANISHED" in
//
//	expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
//
// RFC 7162, section 7.
func expungedResp(s *imapsyntax.Scanner) (Response, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	var r Vanished
	if s.TryByte('(') {
		if !s.TryKeyword("EARLIER") {
			return nil, s.Fail(`"EARLIER"`, rfc7162)
		}
		if err := s.Byte(')'); err != nil {
			return nil, err
		}
		if err := s.SP(); err != nil {
			return nil, err
		}
		r.Earlier = true
	}
	var err error
	r.UIDs, err = knownUIDs(s)
	return r, err
}

// knownUIDs parses
//
//	known-uids   = sequence-set
//	                 ;; Sequence of UIDs; "*" is not allowed.
//	sequence-set = (seq-number / seq-range) *("," sequence-set)
//	seq-range    = seq-number ":" seq-number
//	seq-number   = nz-number / "*"
//
// RFC 7162, section 7; RFC 3501, section 9. The set is returned in order,
// without overlaps.
func knownUIDs(s *imapsyntax.Scanner) (imap.UIDSet, error) {
	var set imap.UIDSet
	for {
		start, err := s.NZNumber()
		if err != nil {
			return nil, err
		}
		stop := start
		if s.TryByte(':') {
			if stop, err = s.NZNumber(); err != nil {
				return nil, err
			}
		}
		set = append(set, imap.UIDRange{Start: imap.UID(min(start, stop)), Stop: imap.UID(max(start, stop))})
		if !s.TryByte(',') {
			return normalize(set), nil
		}
	}
}

// normalize sorts set and joins ranges that overlap or touch, in place.
func normalize(set imap.UIDSet) imap.UIDSet {
	slices.SortFunc(set, func(a, b imap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	out := set[:1]
	for _, r := range set[1:] {
		last := &out[len(out)-1]
		if uint64(r.Start) > uint64(last.Stop)+1 {
			out = append(out, r)
		} else {
			last.Stop = max(last.Stop, r.Stop)
		}
	}
	return out
}

// appendVanished is the inverse of expungedResp.
func appendVanished(b []byte, r Vanished) ([]byte, error) {
	b = append(b, "* VANISHED "...)
	if r.Earlier {
		b = append(b, "(EARLIER) "...)
	}
	if len(r.UIDs) == 0 {
		return b, &ValueError{Field: "Vanished.UIDs", Want: "known-uids", Section: rfc7162}
	}
	for i, uids := range r.UIDs {
		if uids.Start == 0 || uids.Stop < uids.Start {
			return b, &ValueError{Field: "Vanished.UIDs", Offset: i, Want: `known-uids without "*"`, Section: rfc7162}
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = imapsyntax.AppendNumber(b, uint32(uids.Start))
		if uids.Stop > uids.Start {
			b = imapsyntax.AppendNumber(append(b, ':'), uint32(uids.Stop))
		}
	}
	return b, nil
}
