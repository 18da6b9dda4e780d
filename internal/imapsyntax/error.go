package imapsyntax

import "strconv"

// Error says where the grammar was left, and what would have kept it.
type Error struct {
	// Offset is in octets, 0-based: in the bytes given to the Scanner, or in
	// the value given to an Append function.
	Offset int
	// Want is the production, or the octet in double quotes, expected there.
	Want string
	// Section is where Want is defined, such as "RFC 3501, section 9".
	Section string
}

// Error returns the message with offset and section.
func (e *Error) Error() string {
	return "imapsyntax: expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) + " (" + e.Section + ")"
}

// Where the productions of this package are defined.
const (
	rfc3501  = "RFC 3501, section 9"
	rfc9051  = "RFC 9051, section 9"
	rfc4466  = "RFC 4466, section 3"
	rfc5234  = "RFC 5234, appendix B.1"
	rfc7888  = "RFC 7888, section 8"
	mutf7Sec = "RFC 3501, section 5.1.3"
)

// nameChars is what a mailbox name holds beside the form of its production:
// one with CR, LF or NUL would become a second command in careless hands.
const nameChars = "mailbox name without CR, LF and NUL"
