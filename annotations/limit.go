package annotations

import (
	"strconv"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Limit bounds what is sent to a device in a day. A zero field bounds nothing.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Limit struct {
	Size  uint32 // octets of payload
	Total uint32 // notifications
}

// ParseLimit parses, in any case,
//
//	"limit.priv" = "size=" nz-number | "total=" nz-number
//
// that is, its right-hand side, and also one of each with a space between: the
// draft does not say that a device with both would have to give up one of them.
// The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseLimit(s string) (Limit, error) {
	var l Limit
	at := 0
	for {
		part, _, more := strings.Cut(s[at:], " ")
		bad := func(offset int, want string) (Limit, error) {
			return Limit{}, &ValueError{Value: s, Offset: at + offset, Want: want, Section: section113}
		}
		word, number, found := strings.Cut(part, "=")
		field := &l.Size
		switch {
		case found && equalFold(word, "size"):
		case found && equalFold(word, "total"):
			field = &l.Total
		default:
			return bad(0, `"size=" or "total="`)
		}
		if *field != 0 {
			return bad(0, "the other limit")
		}
		scanner := imapsyntax.NewScanner([]byte(number))
		n, err := scanner.NZNumber()
		if err != nil || scanner.End() != nil {
			return bad(len(word)+1+scanner.Pos(), "nz-number")
		}
		*field = n
		if !more {
			return l, nil
		}
		at += len(part) + 1
	}
}

// Validate returns a *[ValueError] unless l has a written form, which has one
// limit.
func (l Limit) Validate() error {
	if (l.Size == 0) == (l.Total == 0) {
		return &ValueError{Want: "one limit", Section: section113}
	}
	return nil
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if l
// is not valid.
func (l Limit) AppendText(b []byte) ([]byte, error) {
	if err := l.Validate(); err != nil {
		return b, err
	}
	if l.Size != 0 {
		return imapsyntax.AppendNumber(append(b, "size="...), l.Size), nil
	}
	return imapsyntax.AppendNumber(append(b, "total="...), l.Total), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (l Limit) MarshalText() ([]byte, error) {
	return l.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseLimit] does. An
// error leaves l unchanged.
func (l *Limit) UnmarshalText(text []byte) error {
	v, err := ParseLimit(string(text))
	if err == nil {
		*l = v
	}
	return err
}

// String returns both fields, for logs.
func (l Limit) String() string {
	return "Limit(" + strconv.FormatUint(uint64(l.Size), 10) + " " + strconv.FormatUint(uint64(l.Total), 10) + ")"
}
