package mutf7

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Decode returns the UTF-8 form of s.
//
// It fails with an *Error if s holds an 8-bit or control octet, a shift without
// "-" at its end, two shifts where one would do, printing US-ASCII in base64,
// base64 that is not whole UTF-16 units followed by zero bits (fewer than six),
// or a surrogate without its other half.
//
// RFC 3501, section 5.1.3.
func Decode[T ~string | ~[]byte](s T) (string, error) {
	plain := 0
	for plain < len(s) && isPrintable(s[plain]) && s[plain] != '&' {
		plain++
	}
	if plain == len(s) {
		return string(s), nil
	}
	b := append(make([]byte, 0, len(s)), s[:plain]...)
	shifted := false // the last thing read was base64
	for i := plain; i < len(s); {
		switch c := s[i]; {
		case !isPrintable(c):
			return "", &Error{Offset: i, Reason: "octet that must be encoded"}
		case c != '&':
			b = append(b, c)
			i++
			shifted = false
		case i+1 < len(s) && s[i+1] == '-':
			// "-&" before it is no null shift: "&" has no other form.
			b = append(b, '&')
			i += 2
			shifted = false
		case shifted:
			return "", &Error{Offset: i, Reason: "superfluous shift"}
		default:
			n, out, err := decodeShifted(b, s, i+1)
			if err != nil {
				return "", err
			}
			b, i, shifted = out, n, true
		}
	}
	return string(b), nil
}

// decodeShifted decodes the base64 that starts at s[i], which is not "-", up to
// the "-" that ends it, and returns the offset after that.
func decodeShifted[T ~string | ~[]byte](b []byte, s T, i int) (int, []byte, *Error) {
	var bits uint32 // the low nbits are pending
	var nbits uint
	var high rune // a high surrogate that waits for its other half
	unitAt := i   // the octet in which the unit starts
	for ; ; i++ {
		if i == len(s) {
			return 0, nil, &Error{Offset: i, Reason: `no "-" after base64`}
		}
		if s[i] == '-' {
			break
		}
		v := values[s[i]]
		if v == notBase64 {
			return 0, nil, &Error{Offset: i, Reason: "octet outside the base64 alphabet"}
		}
		bits = bits<<6 | uint32(v)
		if nbits += 6; nbits < 16 {
			continue
		}
		nbits -= 16
		unit := rune(bits >> nbits & 0xffff)
		switch {
		case high != 0:
			r := utf16.DecodeRune(high, unit)
			if r == utf8.RuneError {
				return 0, nil, &Error{Offset: unitAt, Reason: "high surrogate alone"}
			}
			b = utf8.AppendRune(b, r)
			high = 0
		case unit >= 0xdc00 && unit <= 0xdfff:
			return 0, nil, &Error{Offset: unitAt, Reason: "low surrogate alone"}
		case utf16.IsSurrogate(unit):
			high = unit
		case isPrintable(unit):
			return 0, nil, &Error{Offset: unitAt, Reason: "printing US-ASCII in base64"}
		default:
			b = utf8.AppendRune(b, unit)
		}
		// With bits left over, the next unit starts in this very octet.
		if unitAt = i; nbits == 0 {
			unitAt++
		}
	}
	switch {
	case high != 0:
		return 0, nil, &Error{Offset: i, Reason: "high surrogate alone"}
	case nbits >= 6:
		return 0, nil, &Error{Offset: i, Reason: "base64 that ends within a UTF-16 unit"}
	case bits&(1<<nbits-1) != 0:
		return 0, nil, &Error{Offset: i - 1, Reason: "padding bits that are not zero"}
	}
	return i + 1, b, nil
}
