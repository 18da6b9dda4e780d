package notifyproto

import (
	"bytes"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// FetchAtt is one fetch-att, such as "UID" or
// "BODY.PEEK[HEADER.FIELDS (From To)]<0.1024>". In its canonical form, which
// [ParseFetchAtt] returns, everything whose case does not matter is in upper
// case and numbers have no leading zeros; names of header fields stay as they
// are. The zero FetchAtt is invalid.
//
// RFC 3501 and RFC 9051, section 9; extensions add others.
type FetchAtt string

// ParseFetchAtt returns the canonical form of one fetch-att: of RFC 3501, of RFC
// 9051, or an atom that an extension may define. The macros ALL, FAST and FULL
// are no fetch-att. The error is a *[SyntaxError].
func ParseFetchAtt(s string) (FetchAtt, error) {
	scanner := imapsyntax.NewScanner([]byte(s))
	b, err := appendFetchAtt(make([]byte, 0, len(s)), scanner)
	if err == nil {
		err = scanner.End()
	}
	if err != nil {
		return "", syntaxError(err)
	}
	return FetchAtt(b), nil
}

// appendFetchAtt parses
//
//	fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" /
//	            "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
//	            "BODY" ["STRUCTURE"] / "UID" /
//	            "BODY" section ["<" number "." nz-number ">"] /
//	            "BODY.PEEK" section ["<" number "." nz-number ">"]
//
// RFC 3501, section 9, and
//
//	fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" /
//	            "RFC822.SIZE" /
//	            "BODY" ["STRUCTURE"] / "UID" /
//	            "BODY" section [partial] /
//	            "BODY.PEEK" section [partial] /
//	            "BINARY" [".PEEK"] section-binary [partial] /
//	            "BINARY.SIZE" section-binary
//
// RFC 9051, section 9, and other atoms, and appends the canonical form to b.
func appendFetchAtt(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	start, from := s.Pos(), len(b)
	b = appendItemName(b, s)
	var err error
	switch name := b[from:]; string(name) {
	case "BODY":
		if s.Peek() != '[' {
			return b, nil
		}
		fallthrough
	case "BODY.PEEK":
		if b, err = appendSection(b, s); err == nil {
			b, err = appendPartial(b, s)
		}
	case "BINARY", "BINARY.PEEK":
		if b, err = appendSectionBinary(b, s); err == nil {
			b, err = appendPartial(b, s)
		}
	case "BINARY.SIZE":
		b, err = appendSectionBinary(b, s)
	case "PREVIEW":
		b, err = appendPreviewMods(b, s)
	case "", "ALL", "FAST", "FULL":
		err = &SyntaxError{Offset: start, Want: "fetch-att", Section: rfc3501}
	default:
		// "<" is an ATOM-CHAR, but a partial without a section is a mistake
		// and not an extension.
		if i := bytes.IndexByte(name, '<'); i >= 0 {
			err = &SyntaxError{Offset: start + i, Want: "end of fetch-att", Section: rfc3501}
		} else if s.Peek() == '[' {
			err = s.Fail("end of fetch-att", rfc3501)
		}
	}
	return b, err
}

// appendItemName reads an atom up to the "[" of a section, and appends it in
// upper case.
func appendItemName(b []byte, s *imapsyntax.Scanner) []byte {
	for c := s.Peek(); c != '[' && imapsyntax.Is(c, imapsyntax.ClassAtom); c = s.Peek() {
		s.TryByte(c)
		b = append(b, upper(c))
	}
	return b
}

// appendPartial parses and appends
//
//	partial = "<" number64 "." nz-number64 ">"
//	            ; Partial FETCH request. 0-based offset of
//	            ; the first octet, followed by the number of
//	            ; octets in the fragment.
//
// RFC 9051, section 9, if it is there.
func appendPartial(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	if !s.TryByte('<') {
		return b, nil
	}
	b = append(b, '<')
	b, err := appendNumber(b, s.Number64)
	if err == nil {
		err = s.Byte('.')
	}
	if err != nil {
		return b, err
	}
	b, err = appendNumber(append(b, '.'), s.NZNumber64)
	if err == nil {
		err = s.Byte('>')
	}
	return append(b, '>'), err
}

// appendPreviewMods parses and appends the end of
//
//	fetch-att   =/ "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]
//	preview-mod =  "LAZY"
//
// RFC 8970, section 6, if it is there, with any atom as modifier.
func appendPreviewMods(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	if !startsWith(s, " (") {
		return b, nil
	}
	s.TryByte(' ')
	s.TryByte('(')
	b = append(b, " ("...)
	for {
		atom := s.Take(imapsyntax.ClassAtom)
		if len(atom) == 0 {
			return b, s.Fail("preview-mod", "RFC 8970, section 6")
		}
		b = appendUpper(b, atom)
		if !s.TryByte(' ') {
			return append(b, ')'), s.Byte(')')
		}
		b = append(b, ' ')
	}
}

// rewrite appends the canonical form of a fetch-att, or of the name of an item in
// a FETCH response, without allocating if b has room for it twice: value is
// appended and read from there, and its canonical form written after and then
// over it.
func rewrite(b []byte, value string, response bool) (out []byte, err error) {
	from := len(b)
	b = append(b, value...)
	to := len(b)
	s := imapsyntax.NewScanner(b[from:to:to])
	if response {
		b, err = appendFetchItemName(b, s)
	} else {
		b, err = appendFetchAtt(b, s)
	}
	if err == nil {
		err = s.End()
	}
	if err != nil {
		return b[:from], err
	}
	return append(b[:from], b[to:]...), nil
}

// startsWith reports whether prefix comes next in s.
func startsWith(s *imapsyntax.Scanner, prefix string) bool {
	rest := s.Rest()
	return len(rest) >= len(prefix) && string(rest[:len(prefix)]) == prefix
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

func appendUpper(b, s []byte) []byte {
	for _, c := range s {
		b = append(b, upper(c))
	}
	return b
}

// upperCase is strings.ToUpper for US-ASCII alone.
func upperCase(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' }) < 0 {
		return s
	}
	return string(appendUpper(nil, []byte(s)))
}
