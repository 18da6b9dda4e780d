package notifyproto

import (
	"math"
	"strconv"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// statusResponse parses what follows "STATUS" in
//
//	mailbox-data    = "STATUS" SP mailbox SP "(" [status-att-list] ")"
//	status-att-list = status-att SP number *(SP status-att SP number)
//	status-att      = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" /
//	                  "UNSEEN"
//
// RFC 3501, section 9, and
//
//	status-att-list = status-att-val *(SP status-att-val)
//	status-att-val  = ("MESSAGES" SP number) /
//	                  ("UIDNEXT" SP nz-number) /
//	                  ("UIDVALIDITY" SP nz-number) /
//	                  ("UNSEEN" SP number) /
//	                  ("DELETED" SP number) /
//	                  ("SIZE" SP number64)
//	                    ; Extensions to the STATUS responses
//	                    ; should extend this production.
//	                    ; Extensions should use the generic
//	                    ; syntax defined by tagged-ext.
//
// RFC 9051, section 9, with the zero that RFC 3501 allows everywhere.
func statusResponse(s *imapsyntax.Scanner) (Response, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	var r Status
	var err error
	if r.Mailbox, err = mailbox(s); err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	if err := s.Byte('('); err != nil {
		return nil, err
	}
	if s.TryByte(')') {
		return r, nil
	}
	for {
		item, err := statusAttVal(s)
		if err != nil {
			return nil, err
		}
		r.Items = append(r.Items, item)
		if !s.TryByte(' ') {
			return r, s.Byte(')')
		}
	}
}

func statusAttVal(s *imapsyntax.Scanner) (item StatusItem, err error) {
	if item.Name, err = s.Atom(); err != nil {
		return item, err
	}
	item.Name = upperCase(item.Name)
	if err := s.SP(); err != nil {
		return item, err
	}
	start := s.Pos()
	raw, err := rawValue(s)
	if err != nil {
		return item, err
	}
	limit := statusLimit(item.Name)
	if n, ok := parseNumber(raw, max(limit, math.MaxInt64)); ok && (limit == 0 || n <= limit) {
		item.Value = n
	} else if limit > 0 {
		return item, &SyntaxError{Offset: start, Want: "number", Section: rfc9051}
	} else {
		item.Raw = string(raw)
	}
	return item, nil
}

// statusLimit returns the greatest value of an item that is always a number: 32
// bits, or 63 bits (RFC 9051, section 9; RFC 7162, section 7). For the items of
// other extensions it is 0.
func statusLimit(name string) uint64 {
	switch name {
	case "MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED":
		return math.MaxUint32
	case "SIZE", "HIGHESTMODSEQ":
		return math.MaxInt64
	}
	return 0
}

// parseNumber returns the number that is all of b, if it is no more than limit.
func parseNumber[T ~string | ~[]byte](b T, limit uint64) (n uint64, ok bool) {
	for i := range len(b) {
		if !imapsyntax.Is(b[i], imapsyntax.ClassDigit) {
			return 0, false
		}
		d := uint64(b[i] - '0')
		if n > (limit-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, len(b) > 0
}

func appendStatus(b []byte, r Status, utf8 bool) ([]byte, error) {
	b, err := imapsyntax.AppendMailbox(append(b, "* STATUS "...), r.Mailbox, utf8)
	if err != nil {
		return b, valueError("Status.Mailbox", err)
	}
	b = append(b, " ("...)
	for i, item := range r.Items {
		if i > 0 {
			b = append(b, ' ')
		}
		if b, err = appendStatusItem(b, item, utf8); err != nil {
			return b, err
		}
	}
	return append(b, ')'), nil
}

func appendStatusItem(b []byte, item StatusItem, utf8 bool) ([]byte, error) {
	from := len(b)
	b, err := imapsyntax.AppendAtom(b, item.Name)
	if err != nil {
		return b, valueError("StatusItem.Name", err)
	}
	for i, c := range b[from:] {
		b[from+i] = upper(c)
	}
	limit := statusLimit(string(b[from:]))
	b = append(b, ' ')
	if item.Raw == "" {
		if limit == 0 {
			limit = math.MaxInt64
		}
		if item.Value > limit {
			return b, &ValueError{Field: "StatusItem.Value", Want: "number up to " + strconv.FormatUint(limit, 10), Section: rfc9051}
		}
		return strconv.AppendUint(b, item.Value, 10), nil
	}
	if _, number := parseNumber(item.Raw, math.MaxInt64); number || limit > 0 {
		return b, &ValueError{Field: "StatusItem.Raw", Want: "no number, which is for Value", Section: rfc9051}
	}
	from = len(b)
	b = append(b, item.Raw...)
	return b, valueError("StatusItem.Raw", checkRaw(b[from:], utf8))
}
