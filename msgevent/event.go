package msgevent

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Event is one event of a message store with its parameters (RFC 5423,
// section 5). The zero value of a field means that the parameter is absent;
// where zero is a value of its own the field is a pointer. The zero Event has
// no type and no parameter, and cannot be encoded.
//
// Strings are UTF-8. An Event shares its slices and pointers with the code
// that filled it; Clone makes an independent copy.
type Event struct {
	// Type names the event.
	Type Type

	// URI is the IMAP URL of what changed, as it came: the server for Login
	// and Logout, a mailbox, or a single message. Mailbox parses it.
	URI string
	// Timestamp is when the event happened, with the sender's offset from UTC.
	Timestamp time.Time

	// User is the authorization identity of who did it; the mailbox may be
	// somebody else's.
	User string
	// Admin is the authentication identity, if it is not User.
	Admin string
	// Service is the protocol or program that made the change, such as "imap".
	Service string
	// Process names the process that made the change.
	Process string
	// PID is the process number; 0 is absent.
	PID int

	// ServerDomain is the domain name or IP address that the client used to
	// reach the server, in Login and where it is of use.
	ServerDomain string
	// ServerPort is the port that it used; 0 is absent.
	ServerPort uint16
	// ServerFQDN is the name of the server that generated the event.
	ServerFQDN string
	// ClientIP is the client's address; the zero Addr is absent.
	ClientIP netip.Addr
	// ClientPort is the client's port; 0 is absent.
	ClientPort uint16

	// Tags are words that were set with the subscription for such events.
	Tags []string

	// MailboxID identifies the mailbox: an IMAP URL (RFC 5423), or the opaque
	// identifier that Cyrus sends since version 3.
	MailboxID string
	// OldMailboxID is the mailbox before a rename or the source of a copy or
	// move: an IMAP URL.
	OldMailboxID string

	// UIDs are the messages concerned (uidset); never "*" nor "$".
	UIDs imap.UIDSet
	// UIDNext is the mailbox's next UID after the event; 0 is absent.
	UIDNext imap.UID
	// ModSeq is the mod-sequence of the message, if there is just one
	// (RFC 7162); 0 is absent.
	ModSeq uint64

	// Messages is the number of messages in the mailbox after the event, or
	// under the quota root for quota events.
	Messages *uint32
	// MaxMessages is the quota of messages; -1 is Cyrus' "unlimited".
	MaxMessages *int64
	// DiskUsed is the disk space used, in units of 1024 octets.
	DiskUsed *int64
	// DiskQuota is the disk quota, in units of 1024 octets.
	DiskQuota *int64

	// Flags are the flags and keywords that were set or cleared (flagNames),
	// in the order and case they came in.
	Flags []imap.Flag
	// MessageSize is the size of the message in octets.
	MessageSize *int64
	// Envelope is the message's SMTP envelope, as MAIL FROM and RCPT TO lines;
	// it is not the IMAP ENVELOPE.
	Envelope string
	// BodyStructure is the message's BODYSTRUCTURE in IMAP syntax.
	BodyStructure string
	// Content is the whole message (messageContent). The JSON form needs it to
	// be UTF-8.
	Content []byte

	// Extensions are the parameters that RFC 5423 does not define, in order.
	Extensions []Extension

	// Empty names the parameters whose value was an empty string or list.
	// Cyrus sends such a user for deliveries, and an empty parameter is not an
	// absent one. It may name "uri", "user", "admin", "service", "process",
	// "serverDomain", "serverFQDN", "tags", "mailboxID", "oldMailboxID",
	// "flagNames", "envelope", "bodyStructure" and "messageContent".
	Empty []string
}

// Extension is a parameter that RFC 5423 does not define: a vendor parameter
// (section 6) or a name only its sender knows.
type Extension struct {
	// Name is the parameter's name, such as "vnd.cmu.sessionId".
	Name string
	// Value is the parameter's value, one JSON text.
	Value json.RawMessage
}

// Clone returns a copy of the event that shares no memory with it. The clone
// of a nil Event is nil.
func (e *Event) Clone() *Event {
	if e == nil {
		return nil
	}
	c := *e
	c.Tags = slices.Clone(e.Tags)
	c.UIDs = slices.Clone(e.UIDs)
	c.Messages = clonePointer(e.Messages)
	c.MaxMessages = clonePointer(e.MaxMessages)
	c.DiskUsed = clonePointer(e.DiskUsed)
	c.DiskQuota = clonePointer(e.DiskQuota)
	c.Flags = slices.Clone(e.Flags)
	c.MessageSize = clonePointer(e.MessageSize)
	c.Content = bytes.Clone(e.Content)
	c.Extensions = slices.Clone(e.Extensions)
	for i := range c.Extensions {
		c.Extensions[i].Value = bytes.Clone(c.Extensions[i].Value)
	}
	c.Empty = slices.Clone(e.Empty)
	return &c
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
