package msgevent

import "unicode/utf8"

// maxDepth is how deep arrays and objects in an extension may be nested. It
// bounds the stack; what Cyrus sends is 4 deep.
const maxDepth = 200

// scanner walks over a JSON text (RFC 8259) without changing or copying it.
// Its methods stop at the first octet that cannot be there and return what
// should be, or "". The rules above them are those of RFC 8259.
type scanner struct {
	data []byte
	pos  int
}

// peek returns the next octet, or 0, which no rule has, at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// take moves over c if it is next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// space moves over
//
//	ws = *( %x20 / %x09 / %x0A / %x0D )
func (s *scanner) space() {
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		s.pos++
	}
}

// value moves over
//
//	value = false / null / true / object / array / number / string
func (s *scanner) value(depth int) string {
	switch c := s.peek(); {
	case c == '"':
		return s.text()
	case c == '-' || isDigit(c):
		return s.number()
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return "less nesting"
		}
		return s.container(c, depth)
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		return "a JSON value"
	}
}

// container moves over
//
//	object = begin-object [ member *( value-separator member ) ] end-object
//	member = string name-separator value
//	array  = begin-array [ value *( value-separator value ) ] end-array
func (s *scanner) container(open byte, depth int) string {
	end := open + 2 // in US-ASCII
	s.pos++
	s.space()
	if s.take(end) {
		return ""
	}
	for {
		if open == '{' {
			if want := s.text(); want != "" {
				return want
			}
			if want := s.colon(); want != "" {
				return want
			}
		}
		if want := s.value(depth + 1); want != "" {
			return want
		}
		s.space()
		if s.take(end) {
			return ""
		}
		if !s.take(',') {
			return `"," or "` + string(end) + `"`
		}
		s.space()
	}
}

// colon moves over
//
//	name-separator = ws %x3A ws
func (s *scanner) colon() string {
	s.space()
	if !s.take(':') {
		return `":"`
	}
	s.space()
	return ""
}

// number moves over
//
//	number = [ minus ] int [ frac ] [ exp ]
func (s *scanner) number() string {
	s.take('-')
	if !s.take('0') && s.digits() == 0 {
		return "a digit"
	}
	if s.take('.') && s.digits() == 0 {
		return "a digit"
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if s.digits() == 0 {
			return "a digit"
		}
	}
	return ""
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos - start
}

// text moves over
//
//	string = quotation-mark *char quotation-mark
func (s *scanner) text() string {
	if !s.take('"') {
		return "a string"
	}
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return ""
		case c == '\\':
			if want := s.escape(); want != "" {
				return want
			}
		case c < ' ':
			return "an escaped control character"
		case c < utf8.RuneSelf:
			s.pos++
		default:
			r, n := utf8.DecodeRune(s.data[s.pos:])
			if r == utf8.RuneError && n == 1 {
				return wantUTF8
			}
			s.pos += n
		}
	}
	return `"\""`
}

// escape moves over
//
//	escape ( %x22 / %x5C / %x2F / %x62 / %x66 / %x6E / %x72 / %x74 /
//	         %x75 4HEXDIG )
func (s *scanner) escape() string {
	s.pos++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return ""
	case 'u':
		s.pos++
		for range 4 {
			if !isHex(s.peek()) {
				return "a hexadecimal digit"
			}
			s.pos++
		}
		return ""
	default:
		return "an escape"
	}
}

func (s *scanner) word(w string) string {
	for i := range len(w) {
		if !s.take(w[i]) {
			return w
		}
	}
	return ""
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}

func isHex(c byte) bool {
	return isDigit(c) || 'A' <= c&^0x20 && c&^0x20 <= 'F'
}
