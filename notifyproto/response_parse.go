package notifyproto

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// ParseResponse parses one untagged response, a frame without its final CRLF. A
// response that has no type here is an [Other]; one that has, and is not in the
// grammar, is a *[SyntaxError]. The Response shares no memory with b.
//
//	response-data = "*" SP (resp-cond-state / resp-cond-bye /
//	                mailbox-data / message-data / capability-data) CRLF
//
// RFC 3501, section 9.
func ParseResponse(b []byte, o *Options) (Response, error) {
	s := imapsyntax.NewScanner(b)
	s.UTF8 = o.utf8()
	r, err := responseData(s)
	if err == nil && r == nil {
		if err = checkFrame(b); err == nil {
			return Other(bytes.Clone(b)), nil
		}
	}
	if err == nil {
		err = s.End()
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	return r, nil
}

// responseData returns nil for a response that has no type here.
func responseData(s *imapsyntax.Scanner) (Response, error) {
	if err := s.Byte('*'); err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	if imapsyntax.Is(s.Peek(), imapsyntax.ClassDigit) {
		return messageData(s)
	}
	switch {
	case s.TryKeyword("STATUS"):
		return statusResponse(s)
	case s.TryKeyword("LIST"):
		return mailboxList(s)
	case s.TryKeyword("METADATA"):
		return metadataResp(s)
	case s.TryKeyword("VANISHED"):
		return expungedResp(s)
	case s.TryKeyword("OK"):
		return overflow(s)
	case len(s.Take(imapsyntax.ClassAtom)) == 0:
		return nil, s.Fail("response-data", rfc3501)
	}
	return nil, nil
}

// messageData parses
//
//	mailbox-data = "FLAGS" SP flag-list / "LIST" SP mailbox-list /
//	               "LSUB" SP mailbox-list / "SEARCH" *(SP nz-number) /
//	               "STATUS" SP mailbox SP "(" [status-att-list] ")" /
//	               number SP "EXISTS" / number SP "RECENT"
//	message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
//
// RFC 3501, section 9, where a number comes first.
func messageData(s *imapsyntax.Scanner) (Response, error) {
	start := s.Pos()
	num, err := s.Number()
	if err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	switch {
	case s.TryKeyword("EXISTS"):
		return Exists{Num: num}, nil
	case s.TryKeyword("RECENT"):
		return Recent{Num: num}, nil
	case s.TryKeyword("EXPUNGE"):
		return Expunge{Num: num}, nzNumber(num, start)
	case s.TryKeyword("FETCH"):
		if err := nzNumber(num, start); err != nil {
			return nil, err
		}
		if err := s.SP(); err != nil {
			return nil, err
		}
		items, err := msgAtt(s)
		return Fetch{Num: num, Items: items}, err
	case len(s.Take(imapsyntax.ClassAtom)) == 0:
		return nil, s.Fail("message-data", rfc3501)
	}
	return nil, nil
}

func nzNumber(num uint32, at int) error {
	if num == 0 {
		return &SyntaxError{Offset: at, Want: "nz-number", Section: rfc3501}
	}
	return nil
}

// overflow parses what follows "OK", if it is
//
//	resp-text-code =/ "NOTIFICATIONOVERFLOW" /
//	                  unsupported-events-code
//
// RFC 5465, section 8, the first one. The text, of which RFC 9051 lets a server
// send none, is for people: what is not allowed in it must not hide that
// notifications have stopped, and is replaced.
func overflow(s *imapsyntax.Scanner) (Response, error) {
	if !s.TryByte(' ') || !s.TryByte('[') ||
		!s.TryKeyword(string(ResponseCodeNotificationOverflow)) || !s.TryByte(']') {
		return nil, nil
	}
	if s.End() != nil && !s.TryByte(' ') {
		return nil, s.Fail("SP", rfc3501)
	}
	text, err := respText(s, s.UTF8)
	return Overflow{Text: text}, err
}

// respText reads the text to the end of the frame. Octets that are not text are
// replaced, but for CR, LF and NUL, which are errors.
func respText(s *imapsyntax.Scanner, utf8Ok bool) (string, error) {
	if i := bytes.IndexAny(s.Rest(), "\r\n\x00"); i >= 0 {
		return "", &SyntaxError{Offset: s.Pos() + i, Want: "TEXT-CHAR", Section: rfc3501}
	}
	text := string(s.Rest())
	advance(s, len(text))
	if utf8Ok {
		return strings.ToValidUTF8(text, "?"), nil
	}
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, text), nil
}

// mailbox parses a mailbox as Scanner.Mailbox does.
//
// QUIRK: Dovecot before 2.4.3 writes the names of NOTIFY's STATUS and LIST
// responses as literals in UTF-8 where they are modified UTF-7.
func mailbox(s *imapsyntax.Scanner) (string, error) {
	name, err := s.Mailbox()
	if err == nil || s.UTF8 || s.Peek() != '{' {
		return name, err
	}
	raw, literalErr := s.Literal()
	eightBit := bytes.ContainsFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf })
	if literalErr != nil || !eightBit || !utf8.Valid(raw) || bytes.ContainsAny(raw, "\r\n") {
		return "", err
	}
	return string(raw), nil
}
