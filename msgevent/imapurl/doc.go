// Package imapurl reads and writes IMAP URLs (RFC 5092) that name a server, a
// mailbox or a message.
//
// Values hold decoded text: mailbox and user names are UTF-8, percent-encoding
// exists only in the URL. What is left unencoded in a URL is exactly what the
// grammar of RFC 5092, section 11 allows there.
//
// Searches, message parts, URLAUTH and relative references are recognised and
// refused.
package imapurl
