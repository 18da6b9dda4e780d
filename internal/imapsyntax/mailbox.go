package imapsyntax

import (
	"strings"
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/mutf7"
)

// inbox is the one spelling of INBOX in Go values.
const inbox = "INBOX"

// Mailbox parses
//
//	mailbox = "INBOX" / astring
//	            ; INBOX is case-insensitive.  All case variants of
//	            ; INBOX (e.g., "iNbOx") MUST be interpreted as INBOX
//	            ; not as an astring.  An astring which consists of
//	            ; the case-insensitive sequence "I" "N" "B" "O" "X"
//	            ; is considered to be INBOX and not an astring.
//
// and returns the name in UTF-8, INBOX in upper case. On the wire it is
// modified UTF-7 (RFC 3501, section 5.1.3) or, with UTF8, UTF-8 (RFC 9051,
// section 5.1). A name with CR, LF or NUL is refused, encoded or not; who must
// live with names that are no modified UTF-7 reads an AString.
//
// RFC 3501, section 9.
func (s *Scanner) Mailbox() (string, error) {
	start := s.pos
	t, err := s.astring("mailbox")
	if err != nil {
		return "", err
	}
	name, err := s.decodeMailbox(t)
	if err != nil {
		s.pos = start
	}
	return name, err
}

func (s *Scanner) decodeMailbox(t token) (string, error) {
	if EqualFold(t.raw, inbox) {
		return inbox, nil
	}
	value := t.bytes()
	if s.UTF8 {
		name := string(value)
		if i := invalidUTF8(name); i >= 0 {
			return "", s.failAt(t.offset(i), "UTF-8", "RFC 9051, section 5.1")
		}
		if i := strings.IndexAny(name, "\r\n\x00"); i >= 0 {
			return "", s.failAt(t.offset(i), nameChars, rfc3501)
		}
		return name, nil
	}
	name, err := mutf7.Decode(value)
	if bad, ok := err.(*mutf7.Error); ok {
		return "", s.failAt(t.offset(bad.Offset), "modified UTF-7, found "+bad.Reason, mutf7Sec)
	}
	if strings.ContainsAny(name, "\r\n\x00") {
		return "", s.failAt(t.start, nameChars, rfc3501)
	}
	return name, nil
}

// AppendMailbox appends the mailbox named name, in UTF-8, to b: as an atom or
// quoted; in modified UTF-7 or, with utf8, in UTF-8.
//
//	mailbox = "INBOX" / astring
//
// INBOX in any case is written in upper case. A name that is not UTF-8, or has
// CR, LF or NUL, is refused with an *[Error] and b unchanged.
//
// RFC 3501, section 9 and section 5.1.3; RFC 9051, section 5.1.
func AppendMailbox(b []byte, name string, utf8 bool) ([]byte, error) {
	if EqualFold(name, inbox) {
		return append(b, inbox...), nil
	}
	if i := strings.IndexAny(name, "\r\n\x00"); i >= 0 {
		return b, &Error{Offset: i, Want: nameChars, Section: rfc3501}
	}
	if utf8 {
		return AppendAString(b, name, true)
	}
	var buf [128]byte // most names need no more, and so no allocation
	wire, err := mutf7.Append(buf[:0], name)
	if bad, ok := err.(*mutf7.Error); ok {
		return b, &Error{Offset: bad.Offset, Want: "UTF-8", Section: mutf7Sec}
	}
	return appendAString(b, wire, false)
}

// invalidUTF8 returns the offset of the first octet of s that is not UTF-8, or
// -1.
func invalidUTF8(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
