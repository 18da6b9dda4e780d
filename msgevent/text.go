package msgevent

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends s as a JSON string with the fewest escapes, as Cyrus
// does. It reports false if s is not UTF-8.
func appendString[S string | []byte](b []byte, s S) ([]byte, bool) {
	const digits = "0123456789abcdef"
	opening := len(b)
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xF])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"'), utf8.Valid(b[opening:])
}

// unquote returns the text of a JSON string that a scanner has accepted. It
// reports false for half a surrogate pair, which is no character.
func unquote(quoted []byte) (string, bool) {
	in := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return string(in), true
	}
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		i++
		switch in[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := hex4(in[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				if len(in) < i+7 || in[i+1] != '\\' || in[i+2] != 'u' {
					return "", false
				}
				r = utf16.DecodeRune(r, hex4(in[i+3:]))
				if r == utf8.RuneError {
					return "", false
				}
				i += 6
			}
			out = utf8.AppendRune(out, r)
		default: // the character itself
			out = append(out, in[i])
		}
	}
	return string(out), true
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r <<= 4
		if isDigit(c) {
			r |= rune(c - '0')
		} else {
			r |= rune(c&^0x20 - 'A' + 10)
		}
	}
	return r
}

// appendCompact appends a JSON value that a scanner has accepted, without the
// white space around its parts: an event stays on one line.
func appendCompact(b, value []byte) []byte {
	quoted := false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case quoted && c == '\\':
			b = append(b, c)
			i++
			c = value[i]
		case c == '"':
			quoted = !quoted
		case !quoted && isSpace(c):
			continue
		}
		b = append(b, c)
	}
	return b
}
