package notifyproto

import (
	"bytes"
	"strings"

	imap "github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// ParseTagged parses a tagged response, a frame without its final CRLF. The code
// keeps its arguments, as in "BADEVENT (MessageNew)". Text that is not UTF-8 is
// replaced octet by octet. The error is a *[SyntaxError].
//
//	response-tagged = tag SP resp-cond-state CRLF
//	resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text
//	                    ; Status condition
//
// RFC 3501, section 9.
func ParseTagged(b []byte) (tag string, resp *imap.StatusResponse, err error) {
	s := imapsyntax.NewScanner(b)
	if tag, err = s.Tag(); err != nil {
		return "", nil, syntaxError(err)
	}
	if err = s.SP(); err != nil {
		return "", nil, syntaxError(err)
	}
	resp = new(imap.StatusResponse)
	switch {
	case s.TryKeyword("OK"):
		resp.Type = imap.StatusResponseTypeOK
	case s.TryKeyword("NO"):
		resp.Type = imap.StatusResponseTypeNo
	case s.TryKeyword("BAD"):
		resp.Type = imap.StatusResponseTypeBad
	default:
		return "", nil, syntaxError(s.Fail("resp-cond-state", rfc3501))
	}
	if err := codeAndText(s, resp); err != nil {
		return "", nil, syntaxError(err)
	}
	return tag, resp, nil
}

// codeAndText parses SP and
//
//	resp-text = ["[" resp-text-code "]" SP] [text]
//
// RFC 9051, section 9. A "[" without "]" is text.
//
// QUIRK: some servers, go-imap's client says, leave out the text and the SP
// before it.
func codeAndText(s *imapsyntax.Scanner, resp *imap.StatusResponse) (err error) {
	if s.End() == nil {
		return nil
	}
	if err := s.SP(); err != nil {
		return err
	}
	if i := bytes.IndexAny(s.Rest(), "\r\n\x00"); i >= 0 {
		return &SyntaxError{Offset: s.Pos() + i, Want: "TEXT-CHAR", Section: rfc3501}
	}
	if end := bytes.IndexByte(s.Rest(), ']'); end > 1 && s.Peek() == '[' {
		resp.Code = imap.ResponseCode(strings.ToValidUTF8(string(s.Rest()[1:end]), "?"))
		advance(s, end+1)
		if s.End() == nil {
			return nil
		}
		if err := s.SP(); err != nil {
			return err
		}
	}
	resp.Text, err = respText(s, true)
	return err
}

// ParseBadEvent returns the names in a BADEVENT code, and whether code is one:
//
//	unsupported-events-code = "BADEVENT"
//	                          SP "(" event-name *(SP event-name) ")"
//
// RFC 5465, section 8. The names are of all events that the server supports
// (section 3.1).
//
// QUIRK: Dovecot leaves out the parentheses, and names the events it does not
// support; LBBS names none.
func ParseBadEvent(code imap.ResponseCode) (events []string, ok bool) {
	s := imapsyntax.NewScanner([]byte(code))
	if !s.TryKeyword(string(ResponseCodeBadEvent)) {
		return nil, false
	}
	if s.End() == nil {
		return nil, true
	}
	s.TryByte(' ')
	list := s.TryByte('(')
	for {
		name, err := s.Atom()
		if err != nil {
			return nil, false
		}
		events = append(events, name)
		if !s.TryByte(' ') {
			break
		}
	}
	if list && !s.TryByte(')') {
		return nil, false
	}
	return events, s.End() == nil
}
