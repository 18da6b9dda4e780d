package msgevent

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
)

// UnmarshalJSON sets e to the event in data: what AppendJSON writes, and what
// Cyrus sends, with the members in any order. A registered event name is taken
// in any case, every other one is kept; members that are no parameters of RFC
// 5423 become Extensions, without insignificant white space.
//
// Every error is a [*ParameterError], and leaves e as it was: text that is not
// one JSON object in UTF-8, no "event", a member twice (in e itself, not in
// the values of extensions), null or another wrong type, a number out of range
// or not whole, a set of UIDs, a flag, an address or a timestamp that is none.
func (e *Event) UnmarshalJSON(data []byte) error {
	d := decoder{scanner: scanner{data: data}}
	if err := d.object(); err != nil {
		return err
	}
	*e = d.event
	return nil
}

// decoder fills an event from the members of an object.
type decoder struct {
	scanner
	event Event
	seen  [len(parameters)]bool
}

func (d *decoder) object() error {
	d.space()
	if !d.take('{') {
		return d.expected("", "a JSON object")
	}
	d.space()
	if !d.take('}') {
		for {
			if err := d.member(); err != nil {
				return err
			}
			d.space()
			if d.take('}') {
				break
			}
			if !d.take(',') {
				return d.expected("", `"," or "}"`)
			}
			d.space()
		}
	}
	if !d.seen[0] {
		return &ParameterError{Name: parameters[0].name, Expected: "the member", Offset: d.pos}
	}
	d.space()
	if d.pos != len(d.data) {
		return d.expected("", "the end")
	}
	return nil
}

func (d *decoder) expected(name, what string) error {
	return &ParameterError{Name: name, Expected: what, Offset: d.pos}
}

// member reads one member of the object.
func (d *decoder) member() error {
	start := d.pos
	if want := d.text(); want != "" {
		return d.expected("", want)
	}
	name, ok := unquote(d.data[start:d.pos])
	if !ok || !validName(name) {
		return &ParameterError{Name: name, Expected: wantName, Offset: start}
	}
	if want := d.colon(); want != "" {
		return d.expected(name, want)
	}
	valueStart := d.pos
	if want := d.value(1); want != "" {
		return d.expected(name, want)
	}
	value := d.data[valueStart:d.pos]

	i := findParameter(name)
	var want string
	switch {
	case i >= 0 && d.seen[i], i < 0 && hasExtension(d.event.Extensions, name):
		return &ParameterError{Name: name, Expected: wantUnique, Offset: start}
	case i >= 0:
		d.seen[i] = true
		want = parameters[i].parseValue(&d.event, value)
	case len(d.event.Extensions) == MaxExtensions:
		want = wantFewer
	default:
		d.event.Extensions = append(d.event.Extensions,
			Extension{Name: name, Value: appendCompact(make([]byte, 0, len(value)), value)})
	}
	if want != "" {
		return &ParameterError{Name: name, Expected: want, Offset: valueStart}
	}
	return nil
}

// parseValue sets the field of a parameter from a JSON value that a scanner
// has accepted. It returns what was expected in place of a wrong one.
func (p *parameter) parseValue(e *Event, value []byte) string {
	switch v := p.field(e).(type) {
	case *[]string:
		return p.parseStrings(e, v, value)
	case *int, *uint16, *imap.UID, *uint64, **uint32, **int64:
		return p.parseNumber(v, value)
	}
	if value[0] != '"' {
		return "a string"
	}
	s, ok := unquote(value)
	if !ok {
		return wantUTF8
	}
	if s == "" && p.isEmpty(e) {
		e.Empty = append(e.Empty, p.name)
		return ""
	}
	switch v := p.field(e).(type) {
	case *Type:
		if *v, ok = registered(s); !ok {
			*v = Type(s)
		}
		if !validName(s) {
			return wantName
		}
	case *string:
		*v = s
	case *[]byte:
		*v = []byte(s)
	case *[]imap.Flag:
		if *v, ok = parseFlags(s); !ok {
			return wantFlags
		}
	case *imap.UIDSet:
		if *v, ok = parseUIDSet(s); !ok {
			return wantUIDs
		}
	case *time.Time:
		if *v, ok = parseTimestamp(s); !ok {
			return wantTimestamp
		}
	case *netip.Addr:
		a, err := netip.ParseAddr(s)
		if err != nil {
			return "an IPv4 or IPv6 address"
		}
		*v = a
	}
	return ""
}

// parseStrings sets a list from an array of strings.
func (p *parameter) parseStrings(e *Event, list *[]string, value []byte) string {
	const want = "an array of strings"
	s := scanner{data: value}
	if !s.take('[') {
		return want
	}
	s.space()
	if s.take(']') {
		e.Empty = append(e.Empty, p.name)
		return ""
	}
	for {
		start := s.pos
		if s.text() != "" {
			return want
		}
		item, ok := unquote(value[start:s.pos])
		if !ok {
			return wantUTF8
		}
		*list = append(*list, item)
		s.space()
		if s.take(']') {
			return ""
		}
		s.take(',')
		s.space()
	}
}

// parseNumber sets the number that field points to. Numbers with a fraction or
// an exponent are refused: through a float64 they would lose digits.
func (p *parameter) parseNumber(field any, value []byte) string {
	negative := value[0] == '-'
	if negative {
		value = value[1:]
	}
	n, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil || !p.inRange(negative, n) {
		return p.wantNumber()
	}
	switch v := field.(type) {
	case *int:
		*v = int(n)
	case *uint16:
		*v = uint16(n)
	case *imap.UID:
		*v = imap.UID(n)
	case *uint64:
		*v = n
	case **uint32:
		m := uint32(n)
		*v = &m
	case **int64:
		m := int64(n)
		if negative {
			m = -m
		}
		*v = &m
	}
	return ""
}
