// Package mutf7 converts between UTF-8 and modified UTF-7, the form of mailbox
// names on the wire of IMAP4rev1.
//
// Both directions are strict. A name has exactly one modified UTF-7 form, so
// Decode refuses every other spelling of it, and what it accepts Append writes
// again octet by octet.
//
// RFC 3501, section 5.1.3.
package mutf7

import "strconv"

// Error reports the first octet that cannot be converted.
type Error struct {
	Offset int    // in the input, in octets, 0-based
	Reason string // what is wrong there
}

// Error returns the message with the offset.
func (e *Error) Error() string {
	return "mutf7: " + e.Reason + " at octet " + strconv.Itoa(e.Offset) + " (RFC 3501, section 5.1.3)"
}

// alphabet is that of base64 with "," instead of "/".
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"

// notBase64 marks an octet outside the alphabet in values.
const notBase64 = 0xff

// values holds the six bits of each octet of the alphabet.
var values = func() (t [256]byte) {
	for i := range t {
		t[i] = notBase64
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	return t
}()

// isPrintable reports whether c is printing US-ASCII, 0x20 to 0x7e. All of it
// but "&" represents itself, and none of it may be encoded.
func isPrintable[T byte | rune](c T) bool {
	return c >= 0x20 && c <= 0x7e
}
