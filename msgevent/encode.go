package msgevent

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
)

var (
	_ json.Marshaler   = Event{}
	_ json.Unmarshaler = (*Event)(nil)
)

// MarshalJSON returns the JSON form of the event, as AppendJSON does.
func (e Event) MarshalJSON() ([]byte, error) {
	return e.AppendJSON(nil)
}

// AppendJSON appends the event to b as one JSON object on one line: "event",
// then the parameters in a fixed order, the extensions, and messageContent
// last. Names and types of values are those of Cyrus: flagNames is a string
// with spaces, uidset a string, timestamp a string of RFC 3339; tags is an
// array.
//
// If the event has no JSON form, b is returned as it was, with a
// [*ParameterError]: no Type, text that is not UTF-8 (messageContent too),
// numbers out of range, a set of UIDs with "*" or out of order, a flag that is
// no flag, an extension with the name of a parameter or with a value that is
// not JSON, a name in Empty whose parameter has a value.
func (e *Event) AppendJSON(b []byte) ([]byte, error) {
	if !validName(string(e.Type)) {
		return b, encodeError("event", wantName)
	}
	if err := e.checkEmpty(); err != nil {
		return b, err
	}
	start := len(b)
	b = append(b, '{')
	for i := range parameters {
		p := &parameters[i]
		if i == len(parameters)-1 {
			var err error
			if b, err = e.appendExtensions(b); err != nil {
				return b[:start], err
			}
		}
		// The member is written ahead, and taken back if there is no value.
		member := len(b)
		b = appendName(b, p.name)
		value := len(b)
		var expected string
		b, expected = p.appendValue(b, e)
		if expected != "" {
			return b[:start], encodeError(p.name, expected)
		}
		if len(b) == value {
			b = b[:member]
		}
	}
	return append(b, '}'), nil
}

func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b, _ = appendString(b, name)
	return append(b, ':')
}

// appendValue appends the value of a parameter, or nothing if it is absent.
// It returns what was expected in place of a value that cannot be written.
func (p *parameter) appendValue(b []byte, e *Event) ([]byte, string) {
	ok, want := true, wantUTF8
	switch v := p.field(e).(type) {
	case *Type:
		b, ok = appendString(b, string(*v))
	case *string:
		if *v != "" {
			b, ok = appendString(b, *v)
			break
		}
		b = p.appendEmpty(b, e, `""`)
	case *[]byte:
		if len(*v) > 0 {
			b, ok = appendString(b, *v)
			break
		}
		b = p.appendEmpty(b, e, `""`)
	case *[]string:
		if len(*v) > 0 {
			b, ok = appendStrings(b, *v)
			break
		}
		b = p.appendEmpty(b, e, `[]`)
	case *[]imap.Flag:
		if len(*v) > 0 {
			want = wantFlags
			b, ok = appendFlags(b, *v)
			break
		}
		b = p.appendEmpty(b, e, `""`)
	case *imap.UIDSet:
		want = wantUIDs
		switch {
		case len(*v) > 0:
			b, ok = appendUIDSet(append(b, '"'), *v)
			b = append(b, '"')
		case *v != nil:
			ok = !imap.IsSearchRes(*v)
		}
	case *time.Time:
		if !v.IsZero() {
			want = wantTimestamp
			b, ok = appendTimestamp(append(b, '"'), *v)
			b = append(b, '"')
		}
	case *netip.Addr:
		switch {
		case v.Zone() != "":
			b, ok = appendString(b, v.String())
		case v.IsValid():
			b = append(v.AppendTo(append(b, '"')), '"')
		}
	case *int:
		if *v != 0 {
			b, want, ok = p.appendSigned(b, int64(*v))
		}
	case *uint16:
		b = appendUnsigned(b, uint64(*v))
	case *imap.UID:
		b = appendUnsigned(b, uint64(*v))
	case *uint64:
		b = appendUnsigned(b, *v)
	case **uint32:
		if *v != nil {
			b = strconv.AppendUint(b, uint64(**v), 10)
		}
	case **int64:
		if *v != nil {
			b, want, ok = p.appendSigned(b, **v)
		}
	}
	if ok {
		want = ""
	}
	return b, want
}

func (p *parameter) appendSigned(b []byte, n int64) ([]byte, string, bool) {
	if !p.inRange(n < 0, magnitude(n)) {
		return b, p.wantNumber(), false
	}
	return strconv.AppendInt(b, n, 10), "", true
}

// appendUnsigned appends a number that its type keeps in range and that is
// absent as 0.
func appendUnsigned(b []byte, n uint64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(b, n, 10)
}

func (p *parameter) wantNumber() string {
	return fmt.Sprintf("a whole number from %d to %d", p.min, p.max)
}

// magnitude returns |n|, also for the smallest n.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func appendStrings(b []byte, list []string) ([]byte, bool) {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = appendString(b, s); !ok {
			return b, false
		}
	}
	return append(b, ']'), true
}

func appendFlags(b []byte, flags []imap.Flag) ([]byte, bool) {
	b = append(b, '"')
	for i, f := range flags {
		if !validFlag(string(f)) {
			return b, false
		}
		if i > 0 {
			b = append(b, ' ')
		}
		if f[0] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, f...)
	}
	return append(b, '"'), true
}

func encodeError(name, expected string) error {
	return &ParameterError{Name: name, Expected: expected, Offset: -1}
}
