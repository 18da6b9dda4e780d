// Package msgevent models the events of a message store (RFC 5423): what
// happened, in which mailbox, to which messages, and by whom.
//
// An [Event] has a field for every parameter of RFC 5423, section 5, and keeps
// all others as raw JSON. Its JSON form is the flat object that Cyrus IMAP
// sends, so that messages from Cyrus are valid input as they are, and no
// member of them is lost when they are written again.
//
// The package does no I/O, starts no goroutine and reads no clock. Package
// imapurl reads the IMAP URLs that events carry.
package msgevent
