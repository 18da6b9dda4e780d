package filter

import (
	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/msgevent"
)

// State is what a decision depends on beside the event and the preferences.
// The zero value is a device that is not connected.
type State struct {
	Connected bool // the device has an IMAP connection, on which it is told
}

// Decision is the outcome for one event and one device.
type Decision struct {
	Class  Class
	Reason Reason

	// Outband is whether a notification is to be sent, by Channel to Address,
	// which are zero otherwise.
	Outband bool
	Channel annotations.Channel
	Address string

	// Err is what is wrong with the preferences, for ReasonPreferences.
	Err error
}

// Decide is the notification filter: it decides whether the device whose
// preferences p are is told of e outband
// (draft-ietf-lemonade-notifications-04, sections 3, 6 and 11.3).
//
// Without an event filter in p NEW holds: a device that chose a channel wants
// to hear of its mail.
func Decide(e *msgevent.Event, p annotations.Preferences, s State) Decision {
	if e.Type.Group() == msgevent.GroupAccess {
		return Decision{Class: ClassVisible, Reason: ReasonAccess}
	}
	switch p.Filter {
	case annotations.EventFilterNone:
		return Decision{Class: ClassVisible, Reason: ReasonFilterNone}
	case annotations.EventFilterNew, "":
		if !isNewMessage(e.Type) {
			return Decision{Class: ClassVisible, Reason: ReasonFilterNew}
		}
	}
	if p.Channel.Mechanism == "" || p.Channel.Mechanism == annotations.MechanismNone {
		return Decision{Class: ClassVisible, Reason: ReasonChannelNone}
	}
	if err := p.Validate(); err != nil {
		return Decision{Class: ClassVisible, Reason: ReasonPreferences, Err: err}
	}
	if s.Connected {
		return Decision{Class: ClassNotified, Reason: ReasonConnected}
	}
	return Decision{Class: ClassNotified, Reason: ReasonNotify, Outband: true, Channel: p.Channel, Address: p.Address}
}

// isNewMessage reports whether events of type t are the draft's "NEW message
// events": a message that was not in the mailbox before, delivered or appended
// (RFC 5423, section 4.1), as MessageNew of RFC 5465, section 5.2 has it.
func isNewMessage(t msgevent.Type) bool {
	return t == msgevent.TypeMessageNew || t == msgevent.TypeMessageAppend
}
