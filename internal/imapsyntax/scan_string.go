package imapsyntax

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// token is an atom or string in the frame.
type token struct {
	raw     []byte // what is between the quotes, or the whole; aliases the frame
	start   int    // offset of raw in the frame
	escaped bool   // raw has backslashes
}

// bytes returns the value, which aliases the frame unless it was escaped.
func (t token) bytes() []byte {
	if !t.escaped {
		return t.raw
	}
	b := make([]byte, 0, len(t.raw))
	for i := 0; i < len(t.raw); i++ {
		if t.raw[i] == '\\' {
			i++
		}
		b = append(b, t.raw[i])
	}
	return b
}

// offset returns where octet i of the value is in the frame.
func (t token) offset(i int) int {
	if !t.escaped {
		return t.start + i
	}
	at := 0
	for ; i > 0 && at < len(t.raw); i-- {
		if t.raw[at] == '\\' {
			at++
		}
		at++
	}
	return t.start + at
}

// Atom parses
//
//	atom = 1*ATOM-CHAR
//
// RFC 3501, section 9.
func (s *Scanner) Atom() (string, error) {
	b, err := s.take1(ClassAtom, "atom")
	return string(b), err
}

// Tag parses
//
//	tag = 1*<any ASTRING-CHAR except "+">
//
// RFC 3501, section 9.
func (s *Scanner) Tag() (string, error) {
	b, err := s.take1(ClassTag, "tag")
	return string(b), err
}

// Text parses
//
//	text      = 1*TEXT-CHAR
//	TEXT-CHAR = <any CHAR except CR and LF>
//
// RFC 3501, section 9; and with UTF8
//
//	text = 1*(TEXT-CHAR / UTF8-2 / UTF8-3 / UTF8-4)
//
// RFC 9051, section 9.
func (s *Scanner) Text() (string, error) {
	n := s.run(s.pos, ClassText)
	if n == 0 {
		return "", s.Fail("text", rfc3501)
	}
	s.pos += n
	return string(s.Since(s.pos - n)), nil
}

// run returns how many octets from offset at on are in class or, with UTF8,
// belong to characters of more than one octet.
func (s *Scanner) run(at int, class Class) int {
	n := 0
	for {
		rest := s.src[at+n:]
		i := span(rest, class)
		n += i
		if !s.UTF8 || i == len(rest) || rest[i] < utf8.RuneSelf {
			return n
		}
		r, size := utf8.DecodeRune(rest[i:])
		if r == utf8.RuneError && size == 1 {
			return n
		}
		n += size
	}
}

// AString parses
//
//	astring = 1*ASTRING-CHAR / string
//
// RFC 3501, section 9.
func (s *Scanner) AString() (string, error) {
	t, err := s.astring("astring")
	return string(t.bytes()), err
}

func (s *Scanner) astring(want string) (token, error) {
	start := s.pos
	if b := s.Take(ClassAString); len(b) > 0 {
		return token{raw: b, start: start}, nil
	}
	return s.string(want)
}

// String parses
//
//	string = quoted / literal
//
// RFC 3501, section 9. It is the production, not [fmt.Stringer].
func (s *Scanner) String() (string, error) {
	t, err := s.string("string")
	return string(t.bytes()), err
}

func (s *Scanner) string(want string) (token, error) {
	switch s.Peek() {
	case '"':
		return s.quoted()
	case '{':
		return s.literal("literal", rfc7888)
	}
	return token{}, s.Fail(want, rfc3501)
}

// NString parses
//
//	nstring = string / nil
//	nil     = "NIL"
//
// and reports false for nil. RFC 3501, section 9.
func (s *Scanner) NString() (value string, ok bool, err error) {
	if s.TryKeyword("NIL") {
		return "", false, nil
	}
	t, err := s.string("nstring")
	return string(t.bytes()), err == nil, err
}

// Quoted parses
//
//	quoted          = DQUOTE *QUOTED-CHAR DQUOTE
//	QUOTED-CHAR     = <any TEXT-CHAR except quoted-specials> /
//	                  "\" quoted-specials
//	quoted-specials = DQUOTE / "\"
//
// RFC 3501, section 9; and with UTF8
//
//	QUOTED-CHAR     = <any TEXT-CHAR except quoted-specials> /
//	                  "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
//
// RFC 9051, section 9.
func (s *Scanner) Quoted() (string, error) {
	t, err := s.quoted()
	return string(t.bytes()), err
}

func (s *Scanner) quoted() (token, error) {
	if s.Peek() != '"' {
		return token{}, s.Fail("quoted", rfc3501)
	}
	t := token{start: s.pos + 1}
	for at := t.start; ; {
		at += s.run(at, ClassQuoted)
		if at == len(s.src) {
			return token{}, s.failAt(at, "DQUOTE", rfc3501)
		}
		switch c := s.src[at]; {
		case c == '"':
			t.raw = s.src[t.start:at:at]
			s.pos = at + 1
			return t, nil
		case c != '\\':
			return token{}, s.failAt(at, "QUOTED-CHAR or DQUOTE", rfc3501)
		case at+1 == len(s.src) || !Is(s.src[at+1], ClassQuotedSpecial):
			return token{}, s.failAt(at+1, "quoted-specials", rfc3501)
		}
		t.escaped = true
		at += 2
	}
}

// Literal parses
//
//	literal = "{" number ["+"] "}" CRLF *CHAR8
//	CHAR8   = %x01-ff
//
// RFC 7888, section 8 and RFC 3501, section 9, with the number64 of RFC 9051,
// section 9. The octets follow inline, as a frame holds them. The result
// aliases the frame.
func (s *Scanner) Literal() ([]byte, error) {
	t, err := s.literal("literal", rfc7888)
	return t.raw, err
}

func (s *Scanner) literal(want, section string) (token, error) {
	start := s.pos
	t, err := s.counted(want, section)
	if i := bytes.IndexByte(t.raw, 0); i >= 0 {
		s.pos = start
		return token{}, s.failAt(t.offset(i), "CHAR8", rfc3501)
	}
	return t, err
}

// Literal8 parses
//
//	literal8 = "~{" number ["+"] "}" CRLF *OCTET
//
// RFC 4466, section 3, with the number64 of RFC 9051, section 9. The result
// aliases the frame.
func (s *Scanner) Literal8() ([]byte, error) {
	start := s.pos
	if !s.TryByte('~') {
		return nil, s.Fail("literal8", rfc4466)
	}
	t, err := s.counted(`"{"`, rfc4466)
	if err != nil {
		s.pos = start
	}
	return t.raw, err
}

// counted reads a literal from its "{" on.
func (s *Scanner) counted(want, section string) (t token, err error) {
	start := s.pos
	defer func() {
		if err != nil {
			s.pos = start
		}
	}()
	if !s.TryByte('{') {
		return t, s.Fail(want, section)
	}
	size, err := s.Number64()
	if err != nil {
		return t, err
	}
	s.TryByte('+')
	if !s.TryByte('}') {
		return t, s.Fail(`"}"`, section)
	}
	if err := s.CRLF(); err != nil {
		return t, err
	}
	if size > uint64(len(s.src)-s.pos) {
		return t, s.failAt(len(s.src), strconv.FormatUint(size, 10)+" octets of literal", section)
	}
	t.start = s.pos
	s.pos += int(size)
	t.raw = s.Since(t.start)
	return t, nil
}
