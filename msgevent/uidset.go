package msgevent

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// parseUIDSet parses
//
//	uid-set    = (uniqueid / uid-range) *("," uid-set)
//	uid-range  = (uniqueid ":" uniqueid)
//	uniqueid   = nz-number
//
// RFC 4315, section 4. The result is sorted, and ranges that touch are merged,
// as imap.UIDSet wants it. It reports false for anything else.
func parseUIDSet(s string) (imap.UIDSet, bool) {
	set := make(imap.UIDSet, 0, strings.Count(s, ",")+1)
	for item := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(item, ":")
		start, ok := parseUID(first)
		if !ok {
			return nil, false
		}
		stop := start
		if isRange {
			if stop, ok = parseUID(last); !ok {
				return nil, false
			}
		}
		set = append(set, imap.UIDRange{Start: min(start, stop), Stop: max(start, stop)})
	}
	slices.SortFunc(set, func(a, b imap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	n := 0
	for _, r := range set[1:] {
		if last := &set[n]; last.Stop == math.MaxUint32 || r.Start <= last.Stop+1 {
			last.Stop = max(last.Stop, r.Stop)
			continue
		}
		n++
		set[n] = r
	}
	return slices.Clip(set[:n+1]), true
}

// parseUID parses
//
//	nz-number = digit-nz *DIGIT
//
// RFC 3501, section 9.
func parseUID(s string) (imap.UID, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || s[0] == '0' {
		return 0, false
	}
	return imap.UID(n), true
}

// appendUIDSet is the inverse of parseUIDSet. It reports false for a set with
// "*", for the "$" of imap.SearchRes, and for one that is not in order.
func appendUIDSet(b []byte, set imap.UIDSet) ([]byte, bool) {
	var last imap.UID
	for i, r := range set {
		if r.Start <= last || r.Stop < r.Start {
			return b, false
		}
		last = r.Stop
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(r.Start), 10)
		if r.Stop != r.Start {
			b = append(b, ':')
			b = strconv.AppendUint(b, uint64(r.Stop), 10)
		}
	}
	return b, true
}
