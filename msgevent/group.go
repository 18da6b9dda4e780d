package msgevent

// Group is the part of RFC 5423, section 4 that defines an event. The zero
// value is GroupUnknown.
type Group uint8

// The groups of events.
const (
	GroupUnknown Group = iota // vendor events and names that are not registered
	GroupMessage              // section 4.1: message addition and deletion, quota
	GroupFlags                // section 4.2: message flags
	GroupAccess               // section 4.3: access accounting
	GroupMailbox              // section 4.4: mailbox management
)

// String returns the name of the group in lower case, for logs.
func (g Group) String() string {
	switch g {
	case GroupMessage:
		return "message"
	case GroupFlags:
		return "flags"
	case GroupAccess:
		return "access"
	case GroupMailbox:
		return "mailbox"
	default:
		return "unknown"
	}
}

// Group returns the group of a registered event; GroupUnknown for every other
// name. The spelling must be the registered one, as ParseType returns it.
func (t Type) Group() Group {
	for i := range types {
		if types[i].typ == t {
			return types[i].group
		}
	}
	return GroupUnknown
}
