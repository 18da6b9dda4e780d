package imapsyntax

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// LiteralForm says which literals AppendString may use. The zero value is
// NoLiteral.
type LiteralForm uint8

// The forms of literals.
const (
	// NoLiteral means none: what cannot be quoted is refused.
	NoLiteral LiteralForm = iota
	// SyncLiteral means "{n}". A client waits for the continuation request
	// before it sends the octets.
	SyncLiteral
	// NonSyncLiteral means "{n+}", from client to server only (RFC 7888).
	NonSyncLiteral
)

// AppendAtom appends the atom s to b.
//
//	atom = 1*ATOM-CHAR
//
// RFC 3501, section 9. Anything else is refused with an *[Error] and b
// unchanged.
func AppendAtom(b []byte, s string) ([]byte, error) {
	return append1(b, s, ClassAtom, "ATOM-CHAR")
}

// AppendTag appends the tag s to b.
//
//	tag = 1*<any ASTRING-CHAR except "+">
//
// RFC 3501, section 9. Anything else is refused with an *[Error] and b
// unchanged.
func AppendTag(b []byte, s string) ([]byte, error) {
	return append1(b, s, ClassTag, `ASTRING-CHAR except "+"`)
}

// append1 appends s, one octet of class or more.
func append1(b []byte, s string, class Class, want string) ([]byte, error) {
	if n := span(s, class); n < len(s) || n == 0 {
		return b, &Error{Offset: n, Want: want, Section: rfc3501}
	}
	return append(b, s...), nil
}

// AppendText appends the text s to b, which may hold UTF-8 if utf8 is set.
//
//	text = 1*TEXT-CHAR
//
// RFC 3501, section 9; RFC 9051, section 9 for UTF-8. Anything else, the empty
// string included, is refused with an *[Error] and b unchanged.
func AppendText(b []byte, s string, utf8 bool) ([]byte, error) {
	if n := textSpan(s, utf8); n < len(s) || n == 0 {
		return b, &Error{Offset: n, Want: "TEXT-CHAR", Section: rfc3501}
	}
	return append(b, s...), nil
}

// textSpan returns how many leading octets of s are TEXT-CHAR or, with utf8Ok,
// UTF-8.
func textSpan[T ~string | ~[]byte](s T, utf8Ok bool) int {
	n := 0
	for {
		n += span(s[n:], ClassText)
		if !utf8Ok || n == len(s) || s[n] < utf8.RuneSelf {
			return n
		}
		var four [utf8.UTFMax]byte // DecodeRune of either kind of T
		r, size := utf8.DecodeRune(four[:copy(four[:], s[n:])])
		if r == utf8.RuneError && size == 1 {
			return n
		}
		n += size
	}
}

// AppendAString appends s to b as an atom or quoted, never as a literal.
//
//	astring = 1*ASTRING-CHAR / string
//
// "NIL" is quoted, since a reader of nstring takes the atom for nil. What
// cannot be quoted is refused: see [AppendQuoted].
//
// RFC 3501, section 9.
func AppendAString(b []byte, s string, utf8 bool) ([]byte, error) {
	return appendAString(b, s, utf8)
}

func appendAString[T ~string | ~[]byte](b []byte, s T, utf8 bool) ([]byte, error) {
	if len(s) > 0 && span(s, ClassAString) == len(s) && !EqualFold(s, "NIL") {
		return append(b, s...), nil
	}
	return appendQuoted(b, s, utf8)
}

// AppendQuoted appends s to b as a quoted string.
//
//	quoted = DQUOTE *QUOTED-CHAR DQUOTE
//
// CR, LF and NUL are refused, and so are 8-bit octets unless utf8 is set (for
// IMAP4rev2 and UTF8=ACCEPT) and they are UTF-8: with an *[Error] and b
// unchanged.
//
// RFC 3501, section 9; RFC 9051, section 9 for UTF-8.
func AppendQuoted(b []byte, s string, utf8 bool) ([]byte, error) {
	return appendQuoted(b, s, utf8)
}

func appendQuoted[T ~string | ~[]byte](b []byte, s T, utf8 bool) ([]byte, error) {
	if n := textSpan(s, utf8); n < len(s) {
		return b, &Error{Offset: n, Want: "QUOTED-CHAR", Section: rfc3501}
	}
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		if Is(s[i], ClassQuotedSpecial) {
			b = append(append(b, s[from:i]...), '\\')
			from = i
		}
	}
	return append(append(b, s[from:]...), '"'), nil
}

// AppendString appends s to b: quoted, or as a literal of the form given if it
// cannot be quoted.
//
//	string = quoted / literal
//
// NUL is refused in any form; with [NoLiteral] what [AppendQuoted] refuses is
// refused: with an *[Error] and b unchanged.
//
// RFC 3501, section 9.
func AppendString(b []byte, s string, utf8 bool, form LiteralForm) ([]byte, error) {
	if form == NoLiteral || textSpan(s, utf8) == len(s) {
		return appendQuoted(b, s, utf8)
	}
	return AppendLiteral(b, s, form)
}

// AppendNString appends s to b as [AppendString] does, or NIL unless ok.
//
//	nstring = string / nil
//	nil     = "NIL"
//
// RFC 3501, section 9.
func AppendNString(b []byte, s string, ok, utf8 bool, form LiteralForm) ([]byte, error) {
	if !ok {
		return append(b, "NIL"...), nil
	}
	return AppendString(b, s, utf8, form)
}

// AppendLiteral appends s to b as a literal.
//
//	literal = "{" number ["+"] "}" CRLF *CHAR8
//
// NUL and [NoLiteral] are refused with an *[Error] and b unchanged.
//
// RFC 7888, section 8; RFC 3501, section 9.
func AppendLiteral(b []byte, s string, form LiteralForm) ([]byte, error) {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return b, &Error{Offset: i, Want: "CHAR8", Section: rfc3501}
	}
	if form != SyncLiteral && form != NonSyncLiteral {
		return b, &Error{Want: "a value that needs no literal", Section: rfc7888}
	}
	return append(appendCount(b, len(s), form), s...), nil
}

// AppendLiteral8 appends data to b as a literal8.
//
//	literal8 = "~{" number ["+"] "}" CRLF *OCTET
//
// [NoLiteral] is refused with an *[Error] and b unchanged.
//
// RFC 4466, section 3.
func AppendLiteral8(b, data []byte, form LiteralForm) ([]byte, error) {
	if form != SyncLiteral && form != NonSyncLiteral {
		return b, &Error{Want: "a value that needs no literal", Section: rfc4466}
	}
	return append(appendCount(append(b, '~'), len(data), form), data...), nil
}

func appendCount(b []byte, size int, form LiteralForm) []byte {
	b = strconv.AppendInt(append(b, '{'), int64(size), 10)
	if form == NonSyncLiteral {
		b = append(b, '+')
	}
	return append(b, '}', '\r', '\n')
}

// AppendNumber appends n to b.
//
//	number = 1*DIGIT
//
// RFC 3501, section 9.
func AppendNumber(b []byte, n uint32) []byte {
	return strconv.AppendUint(b, uint64(n), 10)
}

// AppendNumber64 appends n to b.
//
//	number64 = 1*DIGIT
//	             ; Unsigned 63-bit integer
//	             ; (0 <= n <= 9,223,372,036,854,775,807)
//
// A greater n is refused with an *[Error] and b unchanged.
//
// RFC 9051, section 9.
func AppendNumber64(b []byte, n uint64) ([]byte, error) {
	if n > math.MaxInt64 {
		return b, &Error{Want: "number64", Section: rfc9051}
	}
	return strconv.AppendUint(b, n, 10), nil
}
