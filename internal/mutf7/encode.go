package mutf7

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Append appends the modified UTF-7 form of s to b.
//
// It fails, with an *Error and b unchanged, if s is not valid UTF-8. Control
// characters, NUL included, are encoded as section 5.1.3 says; a caller that
// does not want them in names refuses them before.
//
// RFC 3501, section 5.1.3.
func Append(b []byte, s string) ([]byte, error) {
	start := len(b)
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '&':
			b = append(b, '&', '-')
			i++
		case isPrintable(c):
			b = append(b, c)
			i++
		default:
			n, out, ok := appendShifted(b, s[i:])
			i += n
			if !ok {
				return b[:start], &Error{Offset: i, Reason: "invalid UTF-8"}
			}
			b = out
		}
	}
	return b, nil
}

// appendShifted appends the leading run of s that is not printing US-ASCII, in
// one shift: cutting it would be superfluous. It returns the octets of s read,
// those before the invalid one if ok is false.
func appendShifted(b []byte, s string) (n int, out []byte, ok bool) {
	b = append(b, '&')
	var bits uint32 // the low nbits are pending
	var nbits uint
	put := func(unit uint32) {
		bits = bits<<16 | unit
		nbits += 16
		for nbits >= 6 {
			nbits -= 6
			b = append(b, alphabet[bits>>nbits&0x3f])
		}
	}
	for n < len(s) && !isPrintable(s[n]) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError && size == 1 {
			return n, b, false
		}
		n += size
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			put(uint32(hi))
			put(uint32(lo))
		} else {
			put(uint32(r))
		}
	}
	if nbits > 0 {
		b = append(b, alphabet[bits<<(6-nbits)&0x3f])
	}
	return n, append(b, '-'), true
}
