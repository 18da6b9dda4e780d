package emn

import (
	"strings"

	"github.com/golemonade/lemonade/msgevent"
)

// isEventName reports whether t is an event name: one of RFC 5423, section 4,
// in its spelling, or a vendor's, RFC 5423, section 6.
func isEventName(t msgevent.Type) bool {
	parsed, err := msgevent.ParseType(string(t))
	return err == nil && parsed == t
}

// foldEventName returns the event that s means to a lenient reader, or "".
//
// QUIRK: the example of the draft says event="New Message", which is no name of
// RFC 5423, so senders written from it vary case and word breaks, and send the
// two words in that order.
func foldEventName(s string) msgevent.Type {
	if t := msgevent.Type(s); isEventName(t) {
		return t
	}
	joined := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s)
	if strings.EqualFold(joined, "NewMessage") {
		return msgevent.TypeMessageNew
	}
	for t := range msgevent.Types() {
		if strings.EqualFold(joined, string(t)) {
			return t
		}
	}
	return ""
}
