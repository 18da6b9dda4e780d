package notifyproto

import (
	"bytes"
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// skipValue reads over one value of any kind that responses carry: a list, a
// string, a literal8, or a run of the octets that atoms, flags, numbers and
// sequence sets are made of. Lists may stand side by side without a space, as
// bodies and addresses do.
//
// RFC 3501, section 9; RFC 4466, section 3.
func skipValue(s *imapsyntax.Scanner) error {
	switch c := s.Peek(); {
	case c == '(':
		return s.Nest(func() error { return skipList(s) })
	case c == '"':
		return skipQuoted(s)
	case c == '{':
		_, err := s.Literal()
		return err
	case startsWith(s, "~{"):
		_, err := s.Literal8()
		return err
	}
	start := s.Pos()
	for s.Take(imapsyntax.ClassList); s.TryByte('\\'); s.Take(imapsyntax.ClassList) {
	}
	if s.Pos() == start {
		return s.Fail("value", rfc3501)
	}
	return nil
}

func skipList(s *imapsyntax.Scanner) error {
	s.TryByte('(')
	if s.TryByte(')') {
		return nil
	}
	for {
		list := s.Peek() == '('
		if err := skipValue(s); err != nil {
			return err
		}
		switch {
		case s.TryByte(')'):
			return nil
		case list && s.Peek() == '(':
		case !s.TryByte(' '):
			return s.Fail(`SP or ")"`, rfc3501)
		}
	}
}

// skipQuoted reads over a quoted string as Scanner.Quoted does, without a copy.
func skipQuoted(s *imapsyntax.Scanner) error {
	s.TryByte('"')
	for {
		s.Take(imapsyntax.ClassQuoted)
		switch c := s.Peek(); {
		case s.TryByte('"'):
			return nil
		case s.TryByte('\\'):
			if c = s.Peek(); !imapsyntax.Is(c, imapsyntax.ClassQuotedSpecial) {
				return s.Fail("quoted-specials", rfc3501)
			}
			s.TryByte(c)
		case s.UTF8 && c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(s.Rest())
			if r == utf8.RuneError && size == 1 {
				return s.Fail("UTF-8", rfc9051)
			}
			advance(s, size)
		default:
			return s.Fail("QUOTED-CHAR or DQUOTE", rfc3501)
		}
	}
}

// rawValue reads one value and returns it in wire form, which aliases the frame.
func rawValue(s *imapsyntax.Scanner) ([]byte, error) {
	start := s.Pos()
	err := skipValue(s)
	return s.Since(start), err
}

// checkRaw returns an error unless b is one value in wire form.
func checkRaw(b []byte, utf8 bool) error {
	s := imapsyntax.NewScanner(b)
	s.UTF8 = utf8
	if err := skipValue(s); err != nil {
		return err
	}
	return s.End()
}

// checkFrame returns an error unless b is one frame without its final CRLF: CR
// and LF only after the announcement of a literal, all of its octets, and no NUL
// outside of them.
func checkFrame(b []byte) error {
	for at := 0; ; {
		line, more, found := bytes.Cut(b[at:], []byte("\r\n"))
		if i := bytes.IndexAny(line, "\r\n\x00"); i >= 0 {
			return &imapsyntax.Error{Offset: at + i, Want: "TEXT-CHAR", Section: rfc3501}
		}
		size, _, literal := LiteralSuffix(line)
		literal = literal && !endsInText(b[:at+len(line)], at)
		switch {
		case !found && !literal:
			return nil
		case !literal:
			return &imapsyntax.Error{Offset: at + len(line), Want: "end of line", Section: rfc3501}
		case !found || size > int64(len(more)):
			return &imapsyntax.Error{Offset: len(b), Want: "octets of literal", Section: rfc3501}
		}
		at = len(b) - len(more) + int(size)
	}
}

// advance reads over n octets, which are there.
func advance(s *imapsyntax.Scanner, n int) {
	for range n {
		s.TryByte(s.Peek())
	}
}
