package notifyproto

import imap "github.com/emersion/go-imap/v2"

// Response is an untagged response that NOTIFY can cause: a [Status], [List],
// [Metadata], [Exists], [Recent], [Expunge], [Vanished], [Fetch], [Overflow] or
// [Other], as values.
//
// RFC 5465, section 5.
type Response interface {
	response()
}

var (
	_ Response = Status{}
	_ Response = List{}
	_ Response = Metadata{}
	_ Response = Exists{}
	_ Response = Recent{}
	_ Response = Expunge{}
	_ Response = Vanished{}
	_ Response = Fetch{}
	_ Response = Overflow{}
	_ Response = Other(nil)
)

// Status is a STATUS response: a message event in a mailbox that is not
// selected.
//
// RFC 3501, section 7.2.4.
type Status struct {
	// Mailbox is the name in UTF-8.
	Mailbox string
	// Items are in the order of the response, perhaps none.
	Items []StatusItem
}

// StatusItem is one item of a [Status].
type StatusItem struct {
	// Name is the status-att in upper case, such as "UIDNEXT".
	Name string
	// Value is the number, at most 63 bits: HIGHESTMODSEQ and SIZE need more
	// than 32.
	Value uint64
	// Raw is the value in wire form if it is no such number, as
	// "(F2212ea87)" for MAILBOXID; else empty.
	Raw string
}

// Value returns the value of the item called name, in upper case, and whether
// it is there as a number.
func (s Status) Value(name string) (uint64, bool) {
	for _, item := range s.Items {
		if item.Name == name {
			return item.Value, item.Raw == ""
		}
	}
	return 0, false
}

// List is a LIST response: a mailbox created, deleted, renamed, subscribed or
// unsubscribed.
//
// RFC 3501, section 7.2.2; RFC 5258, section 6; RFC 5465, sections 5.4 and 5.5.
type List struct {
	// Attrs are the mailbox attributes; those that go-imap has constants for,
	// and \NoAccess, are in that spelling.
	Attrs []imap.MailboxAttr
	// Delim is the hierarchy delimiter; 0 is NIL.
	Delim rune
	// Mailbox is the name in UTF-8.
	Mailbox string
	// OldName is the name before a rename; "" is absent.
	OldName string
	// ChildInfo are the selection options that children match, such as
	// "SUBSCRIBED"; none means that CHILDINFO is absent.
	ChildInfo []string
	// Extended are the other extended data items.
	Extended []ExtendedItem
}

// ExtendedItem is an extended data item of a [List].
//
// RFC 5258, section 6.
type ExtendedItem struct {
	// Tag is the name, in upper case.
	Tag string
	// Value is the tagged-ext-val in wire form.
	Value []byte
}

// Metadata is a METADATA response: changed annotations of a mailbox or the
// server. It has Entries or Values, never both.
//
// RFC 5464, section 4.4.
type Metadata struct {
	// Mailbox is the name in UTF-8; "" is the server.
	Mailbox string
	// Entries are the names of changed entries, if there are no values.
	Entries []string
	// Values are entries with values, in the order of the response.
	Values []MetadataValue
}

// MetadataValue is an entry of a [Metadata] with its value.
type MetadataValue struct {
	// Entry is the entry's name, such as "/shared/comment".
	Entry string
	// Value is the value; nil is NIL, which means that the entry is not there.
	Value []byte
}

// Exists is an EXISTS response: the number of messages in the selected mailbox.
//
// RFC 3501, section 7.3.1.
type Exists struct {
	Num uint32 // messages, perhaps 0
}

// Recent is a RECENT response.
//
// RFC 3501, section 7.3.2.
type Recent struct {
	Num uint32 // messages with \Recent, perhaps 0
}

// Expunge is an EXPUNGE response.
//
// RFC 3501, section 7.4.1.
type Expunge struct {
	Num uint32 // message sequence number, at least 1
}

// Vanished is a VANISHED response, which replaces EXPUNGE with QRESYNC.
//
// RFC 7162, section 3.2.10.
type Vanished struct {
	// Earlier says that the messages were gone before, and that no message
	// sequence number changes.
	Earlier bool
	// UIDs are in ascending order, and never empty or with "*".
	UIDs imap.UIDSet
}

// Fetch is a FETCH response: a new message, or new flags, in the selected
// mailbox.
//
// RFC 3501, section 7.4.2.
type Fetch struct {
	Num   uint32 // message sequence number, at least 1
	Items []FetchItem
}

// FetchItem is one item of a [Fetch].
type FetchItem struct {
	// Name is the data item, in upper case where case does not matter, such as
	// "UID" or "BODY[HEADER.FIELDS (From To)]<0>".
	Name string
	// Value is the value in wire form, with the octets of its literals.
	Value []byte
}

// Value returns the value of the item called name, in wire form, and whether it
// is there.
func (f Fetch) Value(name string) ([]byte, bool) {
	for _, item := range f.Items {
		if item.Name == name {
			return item.Value, true
		}
	}
	return nil, false
}

// Overflow is OK [NOTIFICATIONOVERFLOW]: the server sends no more
// notifications, as after NOTIFY NONE.
//
// RFC 5465, section 5.8.
type Overflow struct {
	Text string // for people; may be empty
}

// Other is any other untagged response: the frame as it came, without its final
// CRLF.
type Other []byte

func (Status) response()   {}
func (List) response()     {}
func (Metadata) response() {}
func (Exists) response()   {}
func (Recent) response()   {}
func (Expunge) response()  {}
func (Vanished) response() {}
func (Fetch) response()    {}
func (Overflow) response() {}
func (Other) response()    {}
