package imapurl

import "github.com/emersion/go-imap/v2"

// AuthAny is the Auth that lets the client choose the mechanism (RFC 5092,
// section 3.2).
const AuthAny = "*"

// URL is an absolute IMAP URL of a server, a mailbox or a message (RFC 5092,
// section 3). The zero value is no URL and cannot be encoded: a URL has at
// least a Host.
//
// URLs are comparable; two that are equal have the same text form, except
// that a Slash beside a Mailbox means nothing.
type URL struct {
	// User is the authorization identity and the scope of personal mailbox
	// names; "" is absent.
	User string
	// Auth is the SASL mechanism to use, or AuthAny; "" is absent.
	Auth string

	// Host is the server: a registered name, an IPv4 address, or an IPv6
	// address without its brackets. Case is kept.
	Host string
	// Port is the server's port; 0 is absent.
	Port uint16

	// Slash tells imap://host/ from imap://host. Both name the server (RFC
	// 5092, section 4). It is ignored when there is a Mailbox.
	Slash bool

	// Mailbox is the decoded name, UTF-8 with the server's hierarchy
	// delimiter; "" for a server URL.
	Mailbox string
	// UIDValidity is the mailbox's UIDVALIDITY; 0 is absent. Needs a Mailbox.
	UIDValidity uint32
	// UID is the message's UID; 0 is absent. Needs a Mailbox.
	UID imap.UID
}
