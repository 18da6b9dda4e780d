// Package lemonade is the map of the module; it has no code.
//
// Lemonade is the IETF's architecture for mail on devices that are not always
// connected. RFC 5551 says how such a device learns that something changed in
// a message store: inband, on its IMAP connection, while it has one, and
// outband, by a small payload on another channel, while it has none. In
// between stand filters: what is delivered where, what a device sees, and what
// it is told. The module has these parts as packages to build mail clients and
// servers with, and small servers that show them at work on real mail.
//
// The packages:
//
//   - msgevent: message store events, as typed values and as JSON
//   - msgevent/imapurl: IMAP URLs of servers, mailboxes and messages
//   - notifyproto: NOTIFY, its commands, responses and matching
//   - notifyproto/notifyserver: NOTIFY and METADATA in front of a go-imap server
//   - annotations: what a device may choose, and METADATA with a store for it
//   - emn: the payload that wakes a device, EMN and its extension xemn, in XML
//   - filter: the decision who is told
//   - filter/outband: the way of a notification to devices, with UDP
//
// The servers in examples (a module of its own): demo, which is everything in
// one process, and imapstore, a mail store with all of it inband.
//
// The specifications and what there is of them:
//
//	RFC 5551          Lemonade Notifications Architecture      the map
//	draft-ietf-lemonade-notifications-04
//	                  its filters, payloads and preferences    partly: sections 3, 6, 9.1, 11, 14.5
//	RFC 5423          Internet Message Store Events            types, parameters, JSON
//	RFC 5464          IMAP METADATA                            commands, store, server side
//	RFC 5465          IMAP NOTIFY                              codec, matching, server side but
//	                                                           section 7 and AnnotationChange
//	RFC 5092          IMAP URL Scheme                          server, mailbox and message URLs
//	OMA EMN 1.0       E-Mail Notification                      XML
//	RFC 3501, 9051    IMAP                                     as far as the above needs it;
//	                                                           the examples use go-imap
//
// What is planned stands in the issues of the project, not here.
package lemonade
