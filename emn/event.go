package emn

import (
	"slices"
	"strings"
)

// eventNames are the events of RFC 5423, section 4.
var eventNames = [...]string{
	"MessageAppend", "MessageExpire", "MessageExpunge", "MessageNew",
	"QuotaExceed", "QuotaWithin", "QuotaChange",
	"MessageRead", "MessageTrash", "FlagsSet", "FlagsClear",
	"Login", "Logout",
	"MailboxCreate", "MailboxDelete", "MailboxRename",
	"MailboxSubscribe", "MailboxUnSubscribe",
}

// isEventName reports whether s is an event name: one of RFC 5423, section 4,
// or a vendor's, RFC 5423, section 6. That section gives vendor names no
// grammar; RFC 5465, section 8, wants an atom.
func isEventName(s string) bool {
	if rest, ok := strings.CutPrefix(s, "vnd."); ok {
		return rest != "" && strings.IndexFunc(rest, notAtomChar) < 0
	}
	return slices.Contains(eventNames[:], s)
}

// notAtomChar is the complement of
//
//	ATOM-CHAR = <any CHAR except atom-specials>
//
// RFC 3501, section 9.
func notAtomChar(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\]`, r)
}

// foldEventName returns the event name that s means to a lenient reader, or "".
//
// QUIRK: the example of the draft says event="New Message", which is no name of
// RFC 5423, so senders written from it vary case and word breaks, and send the
// two words in that order.
func foldEventName(s string) string {
	if isEventName(s) {
		return s
	}
	joined := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s)
	if strings.EqualFold(joined, "NewMessage") {
		return "MessageNew"
	}
	for _, name := range eventNames {
		if strings.EqualFold(joined, name) {
			return name
		}
	}
	return ""
}
