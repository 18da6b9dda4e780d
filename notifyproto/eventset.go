package notifyproto

import "github.com/golemonade/lemonade/msgevent"

// EventSet is a set of the events of RFC 5465, section 5. The zero value is the
// empty set.
type EventSet uint16

// The events of RFC 5465, section 5, as sets of one.
const (
	EventMessageNew            EventSet = 1 << iota // section 5.2
	EventMessageExpunge                             // section 5.3
	EventFlagChange                                 // section 5.1
	EventAnnotationChange                           // section 5.1
	EventMailboxName                                // section 5.4
	EventSubscriptionChange                         // section 5.5
	EventMailboxMetadataChange                      // section 5.6
	EventServerMetadataChange                       // section 5.7
)

// messageEvents are the message-events of RFC 5465, section 8.
const messageEvents = EventMessageNew | EventMessageExpunge | EventFlagChange | EventAnnotationChange

// Has reports whether all of events are in s.
func (s EventSet) Has(events EventSet) bool { return s&events == events }

// EventOf returns the event, as a set of one, that covers an event of the store;
// the empty set if none does, as for quotas and logins.
//
// AnnotationChange, MailboxMetadataChange and ServerMetadataChange, which RFC
// 5423 postpones, are found by these names. A change of rights is a MailboxName
// only if it makes the mailbox appear or vanish (section 5.4), which its type
// does not say.
//
// RFC 5465, sections 5 and 8.
func EventOf(t msgevent.Type) EventSet {
	switch t {
	case msgevent.TypeMessageNew, msgevent.TypeMessageAppend:
		return EventMessageNew
	case msgevent.TypeMessageExpunge, msgevent.TypeMessageExpire:
		return EventMessageExpunge
	case msgevent.TypeMessageRead, msgevent.TypeMessageTrash, msgevent.TypeFlagsSet, msgevent.TypeFlagsClear:
		return EventFlagChange
	case nameAnnotationChange:
		return EventAnnotationChange
	case msgevent.TypeMailboxCreate, msgevent.TypeMailboxDelete, msgevent.TypeMailboxRename:
		return EventMailboxName
	case msgevent.TypeMailboxSubscribe, msgevent.TypeMailboxUnSubscribe:
		return EventSubscriptionChange
	case nameMailboxMetadataChange:
		return EventMailboxMetadataChange
	case nameServerMetadataChange:
		return EventServerMetadataChange
	}
	return 0
}

// eventSet returns the event as a set of one; the empty set for an OtherEvent.
func eventSet(e Event) EventSet {
	switch e.(type) {
	case MessageNew:
		return EventMessageNew
	case MessageExpunge:
		return EventMessageExpunge
	case FlagChange:
		return EventFlagChange
	case AnnotationChange:
		return EventAnnotationChange
	case MailboxName:
		return EventMailboxName
	case SubscriptionChange:
		return EventSubscriptionChange
	case MailboxMetadataChange:
		return EventMailboxMetadataChange
	case ServerMetadataChange:
		return EventServerMetadataChange
	}
	return 0
}
