package notifyproto

// Command is a NOTIFY command: a [None] or a [Set], as values. A nil Command is
// no command.
//
// RFC 5465, section 3.1.
type Command interface {
	// String returns the command for logs: its wire form if it has one.
	String() string

	command()
}

var (
	_ Command = None{}
	_ Command = Set{}
)

// None is NOTIFY NONE: the client wants no notification at all.
//
// RFC 5465, section 3.1.
type None struct{}

// Set is NOTIFY SET: it replaces what the client asked for before. The zero Set
// has no groups and is invalid; it does not mean [None].
//
// RFC 5465, section 3.1.
type Set struct {
	// Status is the STATUS indicator: it asks for a STATUS response for every
	// mailbox with message events, before the tagged OK.
	Status bool
	// Groups are read in order; there is one at least.
	Groups []EventGroup
}

// EventGroup is an event-group: some mailboxes, and what the client wants to
// hear about them. The zero EventGroup has no mailboxes and is invalid.
//
// RFC 5465, section 8.
type EventGroup struct {
	// Mailboxes says which mailboxes.
	Mailboxes MailboxFilter
	// Events are what the client wants to hear; none means NONE.
	Events []Event
}

// Options adjusts parsing and appending. Nil and the zero value mean IMAP4rev1.
type Options struct {
	// UTF8 says that IMAP4rev2 or UTF8=ACCEPT is enabled: mailbox names are
	// UTF-8 on the wire, and quoted strings and text may hold UTF-8.
	UTF8 bool
}

func (o *Options) utf8() bool { return o != nil && o.UTF8 }

func (None) command() {}
func (Set) command()  {}

// String returns "NOTIFY NONE".
func (None) String() string { return "NOTIFY NONE" }

// String returns the wire form of s in UTF-8, or for a Set that has none what
// is wrong with it. It is for logs and never fails.
func (s Set) String() string {
	b, err := AppendCommand(nil, s, &Options{UTF8: true})
	if err != nil {
		return "NOTIFY SET (" + err.Error() + ")"
	}
	return string(b)
}
