package notifyproto

import (
	"errors"
	"strconv"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// SyntaxError reports octets that the grammar does not allow. A server answers
// BAD.
type SyntaxError struct {
	// Offset is in the octets given to the parser, 0-based.
	Offset int
	// Want is the production, or the octet in double quotes, expected there.
	Want string
	// Section is where Want is defined, such as "RFC 5465, section 8".
	Section string
}

// Error returns the message with offset and section.
func (e *SyntaxError) Error() string {
	return "notifyproto: expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) + " (" + e.Section + ")"
}

// RuleError reports a [Set] that the grammar allows and the prose forbids. A
// server answers BAD.
type RuleError struct {
	// Group is the index in Set.Groups; -1 if the Set as a whole is wrong.
	Group int
	// Text says what is wrong, in US-ASCII.
	Text string
	// Section is where the rule is, such as "RFC 5465, section 6.1".
	Section string
}

// Error returns the message with the number of the group, from 1, and section.
func (e *RuleError) Error() string {
	return "notifyproto: " + e.message()
}

func (e *RuleError) message() string {
	where := ""
	if e.Group >= 0 {
		where = "event group " + strconv.Itoa(e.Group+1) + ": "
	}
	return where + e.Text + " (" + e.Section + ")"
}

// BadEventError reports events that are not supported. A server answers
// NO [BADEVENT (...)].
//
// RFC 5465, section 3.1.
type BadEventError struct {
	// Unsupported are the names asked for in vain, as they came, each once.
	Unsupported []string
	// Supported are the names of all events that are supported.
	Supported []string
}

// Error returns the message with the unsupported names.
func (e *BadEventError) Error() string {
	return "notifyproto: unsupported events: " + strings.Join(e.Unsupported, " ")
}

// ValueError reports a value that has no wire form, from an append function.
type ValueError struct {
	// Field is what holds the value, such as "FetchAtt" or "Status.Mailbox".
	Field string
	// Offset is in the value, in octets, 0-based.
	Offset int
	// Want is what the value should hold there.
	Want string
	// Section is where that is defined, such as "RFC 3501, section 9".
	Section string
}

// Error returns the message with offset and section.
func (e *ValueError) Error() string {
	return "notifyproto: " + e.Field + ": expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) + " (" + e.Section + ")"
}

// syntaxError makes the scanner's error one of this package.
func syntaxError(err error) error {
	var e *imapsyntax.Error
	if errors.As(err, &e) {
		return &SyntaxError{Offset: e.Offset, Want: e.Want, Section: e.Section}
	}
	return err
}

// valueError makes the error of an append function, or of reading a value to
// append, one of this package.
func valueError(field string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := syntaxError(err).(*SyntaxError); ok {
		return &ValueError{Field: field, Offset: e.Offset, Want: e.Want, Section: e.Section}
	}
	return err
}

// Where the productions of this package are defined.
const (
	rfc5465 = "RFC 5465, section 8"
	rfc3501 = "RFC 3501, section 9"
	rfc9051 = "RFC 9051, section 9"
	rfc5464 = "RFC 5464, section 5"
	rfc5258 = "RFC 5258, section 6"
	rfc7162 = "RFC 7162, section 7"
	rfc4466 = "RFC 4466, section 3"
)
