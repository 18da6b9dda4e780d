package notifyproto

import (
	"errors"
	"strconv"
	"strings"

	imap "github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Names of RFC 5465, section 8 that go-imap does not have.
const (
	// MailboxAttrNoAccess says that the client may list the mailbox, but lacks
	// a right that the events it asked for need (RFC 5465, section 3.1).
	MailboxAttrNoAccess imap.MailboxAttr = `\NoAccess`
	// ResponseCodeBadEvent is the code of a NO for events that are not
	// supported (RFC 5465, section 3.1). On the wire the names of all that are
	// follow in parentheses; [ParseBadEvent] reads them.
	ResponseCodeBadEvent imap.ResponseCode = "BADEVENT"
	// ResponseCodeNotificationOverflow is the code of a NO for a command that
	// is too expensive (RFC 5465, section 3.1), and of an [Overflow].
	ResponseCodeNotificationOverflow imap.ResponseCode = "NOTIFICATIONOVERFLOW"
)

// maxStatusText limits the text of StatusError, in octets: names in it come from
// the client, who needs no more of them to find the mistake.
const maxStatusText = 200

// StatusError returns the tagged response that err calls for: BAD with what was
// expected and where for a *[SyntaxError], BAD for a *[RuleError], NO [BADEVENT
// (...)] with all supported events for a *[BadEventError]. If err wraps several
// of them, the first of these three kinds answers. An *imap.Error is returned
// with its code as it is and its text made safe. The result is nil for a nil err
// only: for every other error it is NO [SERVERBUG], without the error's text,
// which was not written for clients.
//
// The text is printable US-ASCII.
//
// RFC 5465, section 3.1.
func StatusError(err error) *imap.Error {
	var (
		syntax   *SyntaxError
		rule     *RuleError
		badEvent *BadEventError
		status   *imap.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return &imap.Error{Type: imap.StatusResponseTypeBad, Text: safeText(
			"Expected " + syntax.Want + " at octet " + strconv.Itoa(syntax.Offset) + " (" + syntax.Section + ")")}
	case errors.As(err, &rule):
		return &imap.Error{Type: imap.StatusResponseTypeBad, Text: safeText("NOTIFY " + rule.message())}
	case errors.As(err, &badEvent):
		return &imap.Error{
			Type: imap.StatusResponseTypeNo,
			Code: badEvent.code(),
			Text: safeText("Unsupported event: " + strings.Join(badEvent.Unsupported, " ")),
		}
	case errors.As(err, &status) && safeText(string(status.Code)) == string(status.Code):
		return &imap.Error{Type: status.Type, Code: status.Code, Text: safeText(status.Text)}
	}
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "Internal error"}
}

// code returns
//
//	unsupported-events-code = "BADEVENT"
//	                          SP "(" event-name *(SP event-name) ")"
//
// RFC 5465, section 8; no code if no name is an atom.
func (e *BadEventError) code() imap.ResponseCode {
	b := []byte(ResponseCodeBadEvent + " (")
	none := len(b)
	for _, name := range e.Supported {
		sep := len(b)
		if sep > none {
			b = append(b, ' ')
		}
		out, err := imapsyntax.AppendAtom(b, name)
		if err != nil {
			b = b[:sep]
			continue
		}
		b = out
	}
	if len(b) == none {
		return ""
	}
	return imap.ResponseCode(append(b, ')'))
}

// safeText returns s with every octet replaced that is not printable US-ASCII,
// within maxStatusText.
func safeText(s string) string {
	b := []byte(s[:min(len(s), maxStatusText)])
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	if len(b) == 0 || b[0] == '[' {
		b = append([]byte("- "), b...) // a "[" would start a code, and text is not empty
	}
	return string(b)
}
