// Package notifyserver adds NOTIFY (RFC 5465) and METADATA (RFC 5464) to an
// IMAP server that lacks them, as a layer on its connections: [Server.Listener]
// wraps the listener that go-imap's imapserver serves. Neither imapserver nor
// the backend behind it changes.
//
// The layer answers NOTIFY, GETMETADATA, SETMETADATA, ID and its share of
// ENABLE itself and passes everything else on as it comes, literals streamed.
// What happens in mailboxes it hears from a [Source] of message store events:
// a [Publisher] that the backend publishes to, directly or by the decorator
// [Publish].
//
// # How it works
//
// The layer starts no goroutine. It works in the Read and Write calls of the
// server behind: imapserver reads a command only after it has answered the one
// before, so that a Read at the beginning of a command is the moment between
// responses, and the moment in which notifications are written. An event that
// is published wakes a Read that waits for the client.
//
// Message sequence numbers belong to the session behind. Where the selected
// mailbox changed, the layer has that session tell, by a NOOP of its own that
// is given to the server in place of a command and whose tagged response never
// leaves the layer. In the same way it asks for the attributes of new
// messages, and for LIST and STATUS data that an event does not bring. By these
// the client must not hear of its selected mailbox what it did not ask for: a
// backend that publishes itself, without [Publish], asks [Quiet].
//
// # TLS
//
// TLS is the layer's: imapserver recognizes TLS by the type of its connection,
// which is the layer's. So the server behind has InsecureAuth set and no
// TLSConfig, and the layer refuses logins before TLS, see
// [Server.AllowInsecureAuth]. While it does, only commands without strings
// reach the server behind.
package notifyserver
