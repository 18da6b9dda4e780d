package emn

import (
	"time"

	"github.com/golemonade/lemonade/msgevent"
)

// Extended holds what an xemn element says beyond an emn element. Every field
// is optional; the zero Extended is valid and says nothing. A string field is
// UTF-8 and may hold any character XML allows; as an attribute it has at most
// MaxAttributeValue octets.
//
// What it holds is readable by whoever carries it: the draft wants extended
// payloads encrypted and has no means for it.
//
// draft-ietf-lemonade-notifications-04, section 9.1.
type Extended struct {
	// Event is the name of the event: one of RFC 5423, section 4, spelled as
	// there, or a name that starts with "vnd.". Empty is absent.
	Event msgevent.Type
	// View is the mailbox or view with the message, in decoded UTF-8, not in
	// modified UTF-7. Empty is absent.
	View string
	// SequenceID numbers the notification. Nil is absent.
	SequenceID *uint64
	// UID is the UID of the message. 0 is absent.
	UID uint32
	// Sender names the sender of the message. Empty is absent.
	Sender string
	// Date says when the message was sent, to the nanosecond. The zero time is
	// absent. Its year in UTC is 0 to 9999.
	Date time.Time
	// Subject is the subject of the message, decoded. Empty is absent.
	Subject string
	// Text is a snippet of the message body, or any text to show before the
	// message is fetched: the content of the element. Empty is absent; white
	// space alone is refused, because it means no text to a reader.
	Text string
}

func (x *Extended) validate() error {
	if x.Event != "" && !isEventName(x.Event) {
		return &ValueError{"Event", "not an event name of RFC 5423"}
	}
	for _, a := range [...]struct{ field, value string }{
		{"Event", string(x.Event)},
		{"View", x.View},
		{"Sender", x.Sender},
		{"Subject", x.Subject},
	} {
		if err := validateAttribute(a.field, a.value); err != nil {
			return err
		}
	}
	if err := validateTime("Date", x.Date); err != nil {
		return err
	}
	if x.Text != "" && isSpace(x.Text) {
		return &ValueError{"Text", "white space only"}
	}
	return validateText("Text", x.Text)
}
