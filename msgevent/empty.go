package msgevent

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// isEmpty reports whether the parameter can hold an empty string or list, as
// its field now does.
func (p *parameter) isEmpty(e *Event) bool {
	switch v := p.field(e).(type) {
	case *string:
		return *v == ""
	case *[]byte:
		return len(*v) == 0
	case *[]string:
		return len(*v) == 0
	case *[]imap.Flag:
		return len(*v) == 0
	default:
		return false
	}
}

// appendEmpty appends value if Event.Empty says that p has it.
func (p *parameter) appendEmpty(b []byte, e *Event, value string) []byte {
	if slices.Contains(e.Empty, p.name) {
		b = append(b, value...)
	}
	return b
}

// checkEmpty refuses names in Event.Empty that contradict the fields.
func (e *Event) checkEmpty() error {
	for i, name := range e.Empty {
		if slices.Contains(e.Empty[:i], name) {
			return encodeError(name, wantUnique+" in Empty")
		}
		j := findParameter(name)
		if j < 0 || !parameters[j].isEmpty(e) {
			return encodeError(name, "in Empty only text parameters and lists without a value")
		}
	}
	return nil
}
