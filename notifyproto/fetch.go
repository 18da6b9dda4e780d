package notifyproto

import (
	"bytes"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// msgAtt parses
//
//	msg-att = "(" (msg-att-dynamic / msg-att-static)
//	          *(SP (msg-att-dynamic / msg-att-static)) ")"
//
// RFC 3501, section 9, with the values as they are.
func msgAtt(s *imapsyntax.Scanner) (items []FetchItem, err error) {
	var buf [64]byte // most names are shorter
	name := buf[:0]
	if err := s.Byte('('); err != nil {
		return nil, err
	}
	for {
		if name, err = appendFetchItemName(name[:0], s); err != nil {
			return nil, err
		}
		if err := s.SP(); err != nil {
			return nil, err
		}
		value, err := rawValue(s)
		if err != nil {
			return nil, err
		}
		items = append(items, FetchItem{Name: string(name), Value: bytes.Clone(value)})
		if !s.TryByte(' ') {
			return items, s.Byte(')')
		}
	}
}

// appendFetchItemName parses the names in
//
//	msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
//	                    ; MAY change for a message
//	msg-att-static  = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time /
//	                  "RFC822" [".HEADER" / ".TEXT"] SP nstring /
//	                  "RFC822.SIZE" SP number /
//	                  "BODY" ["STRUCTURE"] SP body /
//	                  "BODY" section ["<" number ">"] SP nstring /
//	                  "UID" SP uniqueid
//	                    ; MUST NOT change for a message
//
// RFC 3501, section 9; in "BINARY" section-binary ["<" number ">"] and
// "BINARY.SIZE" section-binary, RFC 3516, section 7; and those of other
// extensions. It appends the name as FetchItem.Name has it.
func appendFetchItemName(b []byte, s *imapsyntax.Scanner) ([]byte, error) {
	from := len(b)
	b = appendItemName(b, s)
	if len(b) == from {
		return b, s.Fail("msg-att-static", rfc3501)
	}
	if s.Peek() != '[' {
		return b, nil
	}
	var err error
	switch string(b[from:]) {
	case "BODY":
		b, err = appendSection(b, s)
	case "BINARY":
		b, err = appendSectionBinary(b, s)
	case "BINARY.SIZE":
		return appendSectionBinary(b, s)
	default:
		return b, s.Fail("SP", rfc3501)
	}
	if err != nil || !s.TryByte('<') {
		return b, err
	}
	if b, err = appendNumber(append(b, '<'), s.Number64); err != nil {
		return b, err
	}
	return append(b, '>'), s.Byte('>')
}

// appendFetch is the inverse of messageData for FETCH. Names are written as
// FetchItem.Name has them, whatever their case was.
func appendFetch(b []byte, r Fetch, utf8 bool) ([]byte, error) {
	if r.Num == 0 {
		return b, &ValueError{Field: "Fetch.Num", Want: "nz-number", Section: rfc3501}
	}
	if len(r.Items) == 0 {
		return b, &ValueError{Field: "Fetch.Items", Want: "msg-att-static", Section: rfc3501}
	}
	b = append(imapsyntax.AppendNumber(append(b, "* "...), r.Num), " FETCH ("...)
	for i, item := range r.Items {
		if i > 0 {
			b = append(b, ' ')
		}
		var err error
		if b, err = rewrite(b, item.Name, true); err != nil {
			return b, valueError("FetchItem.Name", err)
		}
		if err := checkRaw(item.Value, utf8); err != nil {
			return b, valueError("FetchItem.Value", err)
		}
		b = append(append(b, ' '), item.Value...)
	}
	return append(b, ')'), nil
}
