package imapsyntax

import (
	"strconv"
	"strings"
)

// MaxDepth limits how deep [Scanner.Nest], and so lists, may go. Search keys
// nest deepest of what IMAP has; people write four or five levels, and a
// program that wants more than this is after the stack.
const MaxDepth = 64

// Scanner reads productions from a frame.
//
// The zero Scanner is at the end of an empty frame. A method that fails
// returns an *[Error] and leaves the position where it was, but for Nest, List
// and List1, which leave it where their function failed. Strings are copies;
// only the methods that say so alias the frame. The length of what is read is
// bounded by that of the frame, whose reader has its own limit.
type Scanner struct {
	// UTF8 says that IMAP4rev2 or UTF8=ACCEPT is enabled: quoted strings and
	// text may hold UTF-8, and mailbox names are UTF-8, not modified UTF-7.
	UTF8 bool

	src   []byte
	pos   int
	depth int
}

// NewScanner returns a Scanner at the start of frame, which it does not change.
func NewScanner(frame []byte) *Scanner {
	return &Scanner{src: frame}
}

// Pos returns the offset of the next octet.
func (s *Scanner) Pos() int { return s.pos }

// Rest returns what has not been read. It aliases the frame.
func (s *Scanner) Rest() []byte { return s.src[s.pos:len(s.src):len(s.src)] }

// Since returns what has been read from the offset from, a former Pos. It
// aliases the frame.
func (s *Scanner) Since(from int) []byte { return s.src[from:s.pos:s.pos] }

// Fail returns an *[Error] at the position, for productions defined elsewhere.
func (s *Scanner) Fail(want, section string) error {
	return s.failAt(s.pos, want, section)
}

func (s *Scanner) failAt(offset int, want, section string) error {
	return &Error{Offset: offset, Want: want, Section: section}
}

// Peek returns the next octet, or 0 at the end. No production starts with NUL.
func (s *Scanner) Peek() byte {
	if s.pos == len(s.src) {
		return 0
	}
	return s.src[s.pos]
}

// TryByte reads c if it comes next, and reports whether it did.
func (s *Scanner) TryByte(c byte) bool {
	if s.pos == len(s.src) || s.src[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// Byte reads c.
func (s *Scanner) Byte(c byte) error {
	if !s.TryByte(c) {
		return s.Fail(`"`+string(rune(c))+`"`, rfc3501)
	}
	return nil
}

// SP parses
//
//	SP = %x20
//
// It is exactly one space: RFC 3501, section 9, note (2). RFC 5234, appendix
// B.1.
func (s *Scanner) SP() error {
	if !s.TryByte(' ') {
		return s.Fail("SP", rfc5234)
	}
	return nil
}

// CRLF parses
//
//	CRLF = CR LF
//
// RFC 5234, appendix B.1.
func (s *Scanner) CRLF() error {
	if rest := s.src[s.pos:]; len(rest) < 2 || rest[0] != '\r' || rest[1] != '\n' {
		return s.Fail("CRLF", rfc5234)
	}
	s.pos += 2
	return nil
}

// End checks that the whole frame has been read.
func (s *Scanner) End() error {
	if s.pos != len(s.src) {
		return s.Fail("end of line", rfc3501)
	}
	return nil
}

// Take reads the octets of class that come next, perhaps none. The result
// aliases the frame.
func (s *Scanner) Take(class Class) []byte {
	start := s.pos
	s.pos += span(s.src[start:], class)
	return s.Since(start)
}

// take1 reads one octet of class or more.
func (s *Scanner) take1(class Class, want string) ([]byte, error) {
	b := s.Take(class)
	if len(b) == 0 {
		return nil, s.Fail(want, rfc3501)
	}
	return b, nil
}

// Keyword reads an atom and returns the index of the word that it is, in any
// case. The atom is read to its end before it is compared, so neither the order
// of words nor one being the start of another matters.
func (s *Scanner) Keyword(words ...string) (int, error) {
	start := s.pos
	atom := s.Take(ClassAtom)
	for i, word := range words {
		if EqualFold(atom, word) {
			return i, nil
		}
	}
	s.pos = start
	return 0, s.Fail(`"`+strings.Join(words, `" / "`)+`"`, rfc3501)
}

// TryKeyword reads an atom if it is word, in any case, and reports whether it
// is.
func (s *Scanner) TryKeyword(word string) bool {
	start := s.pos
	if EqualFold(s.Take(ClassAtom), word) {
		return true
	}
	s.pos = start
	return false
}

// Nest calls f one level deeper. It fails below [MaxDepth]; parse functions
// that call themselves do so through it.
func (s *Scanner) Nest(f func() error) error {
	if s.depth == MaxDepth {
		return s.Fail("at most "+strconv.Itoa(MaxDepth)+" levels of nesting", "limit of this library")
	}
	s.depth++
	err := f()
	s.depth--
	return err
}

// List parses a list that may be empty, each item by a call of f:
//
//	"(" [item *(SP item)] ")"
//
// It is the shape of flag-list and others, RFC 3501, section 9.
func (s *Scanner) List(f func() error) error {
	if err := s.Byte('('); err != nil {
		return err
	}
	if s.TryByte(')') {
		return nil
	}
	return s.items(f)
}

// List1 parses a list of one item or more, each by a call of f:
//
//	"(" item *(SP item) ")"
//
// It is the shape of header-list and others, RFC 3501, section 9.
func (s *Scanner) List1(f func() error) error {
	if err := s.Byte('('); err != nil {
		return err
	}
	return s.items(f)
}

func (s *Scanner) items(f func() error) error {
	if err := s.Nest(f); err != nil {
		return err
	}
	for s.TryByte(' ') {
		if err := s.Nest(f); err != nil {
			return err
		}
	}
	if !s.TryByte(')') {
		return s.Fail(`SP or ")"`, rfc3501)
	}
	return nil
}
