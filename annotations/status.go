package annotations

import (
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// maxStatusText limits the text of an answer, in octets: a client shows it to
// people or logs it, and the errors quote what the client sent.
const maxStatusText = 400

// StatusError returns the tagged answer that an error of this package calls
// for: BAD for a *[SyntaxError] and an *[EntryError], NO with a METADATA code
// for a *[QuotaError], and NO for a *[ReadOnlyError] and a *[ValueError]. It
// returns nil for another error, and for nil.
//
// The text is printable US-ASCII, whatever the client sent.
//
// RFC 5464, sections 3.2 and 4.3.
func StatusError(err error) *imap.Error {
	var (
		syntax   *SyntaxError
		entry    *EntryError
		quota    *QuotaError
		readOnly *ReadOnlyError
		value    *ValueError
	)
	e := &imap.Error{Type: imap.StatusResponseTypeNo}
	switch {
	case errors.As(err, &syntax), errors.As(err, &entry):
		e.Type = imap.StatusResponseTypeBad
	case errors.As(err, &quota):
		e.Code = quota.Code.ResponseCode()
	case errors.As(err, &readOnly), errors.As(err, &value):
	default:
		return nil
	}
	e.Text = statusText(err.Error())
	return e
}

// statusText returns s as text of a status response: one line, without what an
// IMAP4rev1 client could not read.
func statusText(s string) string {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "annotations: "), "\n", "; ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	if len(s) > maxStatusText {
		s = s[:maxStatusText] + "..."
	}
	return s
}
