package annotations

import (
	"errors"
	"strconv"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// section5464 has the grammar of the commands.
const section5464 = "RFC 5464, section 5"

// SyntaxError reports octets that the grammar does not allow. The answer is
// BAD.
type SyntaxError struct {
	// Offset is in octets, 0-based: in the bytes given to a parse function, or
	// in the field given to an append function.
	Offset int
	// Want is the production, or the octet in double quotes, expected there.
	Want string
	// Section is where Want is defined, such as "RFC 5464, section 5".
	Section string
}

// Error returns one line with all fields.
func (e *SyntaxError) Error() string {
	return "annotations: expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) + " (" + e.Section + ")"
}

// syntaxError makes the scanner's error one of this package.
func syntaxError(err error) error {
	var e *imapsyntax.Error
	if errors.As(err, &e) {
		return &SyntaxError{Offset: e.Offset, Want: e.Want, Section: e.Section}
	}
	return err
}

// EntryError reports a name that no entry can have. The answer is BAD.
//
// RFC 5464, section 3.2.
type EntryError struct {
	// Entry is the name as it was given.
	Entry string
	// Offset is in Entry, in octets, 0-based.
	Offset int
	// Want is what was expected there.
	Want string
	// Section is where Want is defined.
	Section string
}

// Error returns one line with the name, quoted and cut to 64 octets.
func (e *EntryError) Error() string {
	return "annotations: expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) +
		" of entry name " + quote(e.Entry) + " (" + e.Section + ")"
}

// ReadOnlyError reports an entry that a client cannot set there. The answer is
// NO.
//
// RFC 5464, sections 3.3 and 4.1.
type ReadOnlyError struct {
	// Mailbox is a name in UTF-8, or empty for the server.
	Mailbox string
	// Entry is the name as it was given.
	Entry string
	// Reason says why.
	Reason string
	// Section is where that is defined.
	Section string
}

// Error returns one line with the entry and the reason.
func (e *ReadOnlyError) Error() string {
	return "annotations: cannot set " + quote(e.Entry) + ": " + e.Reason + " (" + e.Section + ")"
}

// QuotaError reports that a limit does not allow a value. The answer is NO with
// Code.
//
// RFC 5464, section 4.3.
type QuotaError struct {
	// Mailbox is a name in UTF-8, or empty for the server.
	Mailbox string
	// Entry is the name as it was given.
	Entry string
	// Limit is the limit: octets of one value, entries, or octets in all.
	Limit int64
	// Reason says which of them.
	Reason string
	// Code is the response code to answer with: MAXSIZE for the first, TOOMANY
	// for the others.
	Code Code
}

// Error returns one line with the entry and the limit.
func (e *QuotaError) Error() string {
	return "annotations: cannot set " + quote(e.Entry) + ": at most " + strconv.FormatInt(e.Limit, 10) + " " + e.Reason
}

// quote returns a client's text for an error message.
func quote(s string) string {
	if len(s) > maxErrorValue {
		s = s[:maxErrorValue] + "..."
	}
	return strconv.Quote(s)
}
