package filter

import "fmt"

// Reason says why a decision came out as it did. Its values are stable: they
// may be stored and compared.
type Reason string

// The reasons, in the order in which [Decide] looks for them.
const (
	// ReasonAccess: Login and Logout are no changes of the mail. A wake-up for
	// them would make a device that goes to sleep wake itself.
	ReasonAccess Reason = "access-event"
	// ReasonFilterNone: the device's event filter is NONE.
	ReasonFilterNone Reason = "filter-none"
	// ReasonFilterNew: the event filter is NEW, and this is no new message.
	ReasonFilterNew Reason = "filter-new"
	// ReasonChannelNone: the channel is NONE, or none was chosen.
	ReasonChannelNone Reason = "channel-none"
	// ReasonPreferences: the preferences have a value that cannot be acted on.
	ReasonPreferences Reason = "preferences-invalid"
	// ReasonConnected: the device is connected and hears of it inband.
	ReasonConnected Reason = "connected"
	// ReasonNotify: nothing stands against an outband notification.
	ReasonNotify Reason = "notify"
)

// String returns the reason in a few words, for logs.
func (r Reason) String() string {
	switch r {
	case ReasonAccess:
		return "logins and logouts wake nobody"
	case ReasonFilterNone:
		return "its filter is NONE"
	case ReasonFilterNew:
		return "its filter is NEW and this is no new message"
	case ReasonChannelNone:
		return "it has no outband channel"
	case ReasonPreferences:
		return "its preferences are not valid"
	case ReasonConnected:
		return "it is connected and hears of it inband"
	case ReasonNotify:
		return "its filter takes it and it is not connected"
	}
	return fmt.Sprintf("reason %q", string(r))
}
