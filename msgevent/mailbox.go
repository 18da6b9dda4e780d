package msgevent

import (
	"errors"
	"strings"

	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// ErrNoMailbox is what Mailbox returns for an event whose parameters name no
// mailbox by URL.
var ErrNoMailbox = errors.New("msgevent: no parameter names a mailbox by URL")

// Mailbox returns the mailbox the event is about: that of URI or, if URI names
// none or cannot be read, of MailboxID. The UID is left out of the result.
//
// The error is [ErrNoMailbox], as for Login and Logout, or an
// [*imapurl.SyntaxError]. A MailboxID that is not an IMAP URL, as Cyrus 3
// sends, is an identifier and not an error.
func (e *Event) Mailbox() (imapurl.URL, error) {
	err := ErrNoMailbox
	for _, s := range [...]string{e.URI, e.MailboxID} {
		const scheme = "imap:"
		if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
			continue
		}
		u, parseErr := imapurl.Parse(s)
		if parseErr != nil {
			if errors.Is(err, ErrNoMailbox) {
				err = parseErr
			}
			continue
		}
		if u.Mailbox != "" {
			u.UID = 0
			return u, nil
		}
	}
	return imapurl.URL{}, err
}
