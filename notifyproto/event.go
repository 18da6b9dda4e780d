package notifyproto

// Event is an event of a NOTIFY command: a [MessageNew], [MessageExpunge],
// [FlagChange], [AnnotationChange], [MailboxName], [SubscriptionChange],
// [MailboxMetadataChange], [ServerMetadataChange] or [OtherEvent], as values.
//
// RFC 5465, section 5.
type Event interface {
	// Name returns the event's name in the spelling of RFC 5465, section 8; of
	// an OtherEvent as it came.
	Name() string

	event()
}

var (
	_ Event = MessageNew{}
	_ Event = MessageExpunge{}
	_ Event = FlagChange{}
	_ Event = AnnotationChange{}
	_ Event = MailboxName{}
	_ Event = SubscriptionChange{}
	_ Event = MailboxMetadataChange{}
	_ Event = ServerMetadataChange{}
	_ Event = OtherEvent("")
)

// MessageNew is a message delivered or appended.
//
// RFC 5465, section 5.2.
type MessageNew struct {
	// Fetch is what an untagged FETCH says about the new message. It goes with
	// [Selected] and [SelectedDelayed] only, and may be empty.
	Fetch []FetchAtt
}

// MessageExpunge is a message expunged or expired.
//
// RFC 5465, section 5.3.
type MessageExpunge struct{}

// FlagChange is a message whose flags changed.
//
// RFC 5465, section 5.1.
type FlagChange struct{}

// AnnotationChange is a message whose annotations (RFC 5257) changed.
//
// RFC 5465, section 5.1.
type AnnotationChange struct{}

// MailboxName is a mailbox created, deleted or renamed.
//
// RFC 5465, section 5.4.
type MailboxName struct{}

// SubscriptionChange is a mailbox subscribed or unsubscribed.
//
// RFC 5465, section 5.5.
type SubscriptionChange struct{}

// MailboxMetadataChange is a mailbox whose annotations (RFC 5464) changed.
//
// RFC 5465, section 5.6.
type MailboxMetadataChange struct{}

// ServerMetadataChange is a change of the server's annotations (RFC 5464).
//
// RFC 5465, section 5.7.
type ServerMetadataChange struct{}

// OtherEvent is an event-ext: any other atom, as it came. It never holds a name
// that one of the other types stands for.
//
// RFC 5465, section 8.
type OtherEvent string

// Names of events, in the spelling of RFC 5465, section 8.
const (
	nameMessageNew            = "MessageNew"
	nameMessageExpunge        = "MessageExpunge"
	nameFlagChange            = "FlagChange"
	nameAnnotationChange      = "AnnotationChange"
	nameMailboxName           = "MailboxName"
	nameSubscriptionChange    = "SubscriptionChange"
	nameMailboxMetadataChange = "MailboxMetadataChange"
	nameServerMetadataChange  = "ServerMetadataChange"
)

// Name returns "MessageNew".
func (MessageNew) Name() string { return nameMessageNew }

// Name returns "MessageExpunge".
func (MessageExpunge) Name() string { return nameMessageExpunge }

// Name returns "FlagChange".
func (FlagChange) Name() string { return nameFlagChange }

// Name returns "AnnotationChange".
func (AnnotationChange) Name() string { return nameAnnotationChange }

// Name returns "MailboxName".
func (MailboxName) Name() string { return nameMailboxName }

// Name returns "SubscriptionChange".
func (SubscriptionChange) Name() string { return nameSubscriptionChange }

// Name returns "MailboxMetadataChange".
func (MailboxMetadataChange) Name() string { return nameMailboxMetadataChange }

// Name returns "ServerMetadataChange".
func (ServerMetadataChange) Name() string { return nameServerMetadataChange }

// Name returns the name as it came.
func (e OtherEvent) Name() string { return string(e) }

func (MessageNew) event()            {}
func (MessageExpunge) event()        {}
func (FlagChange) event()            {}
func (AnnotationChange) event()      {}
func (MailboxName) event()           {}
func (SubscriptionChange) event()    {}
func (MailboxMetadataChange) event() {}
func (ServerMetadataChange) event()  {}
func (OtherEvent) event()            {}
