package notifyproto

import (
	"strconv"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// appendSection parses
//
//	section      = "[" [section-spec] "]"
//	section-spec = section-msgtext / (section-part ["." section-text])
//
// RFC 3501, section 9, and appends the canonical form to b.
func appendSection(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	if err := s.Byte('['); err != nil {
		return b, err
	}
	b = append(b, '[')
	if s.TryByte(']') {
		return append(b, ']'), nil
	}
	var err error
	if !imapsyntax.Is(s.Peek(), imapsyntax.ClassDigit) {
		b, err = appendSectionText(b, s, false)
	} else if b, err = appendSectionPart(b, s); err == nil && s.TryByte('.') {
		b, err = appendSectionText(append(b, '.'), s, true)
	}
	if err != nil {
		return b, err
	}
	return append(b, ']'), s.Byte(']')
}

// appendSectionPart parses and appends
//
//	section-part = nz-number *("." nz-number)
//	                 ; body part nesting
//
// RFC 3501, section 9. It leaves a "." that no number follows.
func appendSectionPart(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	for {
		n, err := s.NZNumber()
		if err != nil {
			return b, err
		}
		b = imapsyntax.AppendNumber(b, n)
		rest := s.Rest()
		if len(rest) < 2 || rest[0] != '.' || !imapsyntax.Is(rest[1], imapsyntax.ClassDigit) {
			return b, nil
		}
		s.TryByte('.')
		b = append(b, '.')
	}
}

// appendSectionBinary parses and appends
//
//	section-binary = "[" [section-part] "]"
//
// RFC 9051, section 9.
func appendSectionBinary(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	if err := s.Byte('['); err != nil {
		return b, err
	}
	b = append(b, '[')
	if !s.TryByte(']') {
		var err error
		if b, err = appendSectionPart(b, s); err != nil {
			return b, err
		}
		if err := s.Byte(']'); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// appendSectionText parses
//
//	section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list /
//	                  "TEXT"
//	                    ; top-level or MESSAGE/RFC822 part
//	section-text    = section-msgtext / "MIME"
//	                    ; text other than actual body part (headers, etc.)
//
// RFC 3501, section 9: the second one with mime, else the first. It appends the
// canonical form to b.
func appendSectionText(b []byte, s *imapsyntax.Scanner, mime bool) ([]byte, error) {
	start, from := s.Pos(), len(b)
	b = appendUpper(b, s.Take(imapsyntax.ClassAtom))
	switch string(b[from:]) {
	case "HEADER", "TEXT":
		return b, nil
	case "MIME":
		if mime {
			return b, nil
		}
	case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
		if err := s.SP(); err != nil {
			return b, err
		}
		return appendHeaderList(append(b, ' '), s)
	}
	want := "section-spec"
	if mime {
		want = "section-text"
	}
	return b, &SyntaxError{Offset: start, Want: want, Section: rfc3501}
}

// appendHeaderList parses and appends
//
//	header-list     = "(" header-fld-name *(SP header-fld-name) ")"
//	header-fld-name = astring
//
// RFC 3501, section 9. A name is written as an atom where it can be, else
// quoted; one that needs a literal is none of a header field and refused.
func appendHeaderList(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	if err := s.Byte('('); err != nil {
		return b, err
	}
	b = append(b, '(')
	for {
		var err error
		if b, err = appendHeaderName(b, s); err != nil {
			return b, err
		}
		if !s.TryByte(' ') {
			return append(b, ')'), s.Byte(')')
		}
		b = append(b, ' ')
	}
}

func appendHeaderName(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	start := s.Pos()
	if name := s.Take(imapsyntax.ClassAString); len(name) > 0 && !imapsyntax.EqualFold(name, "NIL") {
		return append(b, name...), nil
	} else if len(name) > 0 {
		return append(append(append(b, '"'), name...), '"'), nil
	}
	name, err := s.AString()
	if err != nil {
		return b, err
	}
	b, err = imapsyntax.AppendAString(b, name, false)
	if err != nil {
		return b, &SyntaxError{Offset: start, Want: "header-fld-name in US-ASCII without CR, LF and NUL", Section: rfc3501}
	}
	return b, nil
}

// appendNumber appends the number that read returns.
func appendNumber(b []byte, read func() (uint64, error)) ([]byte, error) {
	n, err := read()
	if err != nil {
		return b, err
	}
	return strconv.AppendUint(b, n, 10), nil
}
