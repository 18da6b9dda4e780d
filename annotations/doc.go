// Package annotations gives types to the /notify annotations, by which a user
// chooses how and of what to be notified, and has the commands and the store of
// METADATA that carry and keep them.
//
//	item       names in RFC 5464, private         type            syntax
//	channel    /private/notify/outband/channel    [Channel]       "NONE", or a mechanism, "=" and a format
//	address    /private/notify/outband/address    string          by mechanism, see [ValidateAddress]
//	limit      /private/notify/outband/limit      [Limit]         "size=" or "total=" and a number
//	msgformat  /private/notify/inband/msgformat   string          fetch-att, not parsed here
//	push       /private/notify/inband/push        [Inband]        "push" or "pull"
//	filter     /private/notify/event/filter       [EventFilter]   "ALL", "NEW" or "NONE"
//
// The words of these values are read in any case and written as above. The zero
// value of each type means that nothing was chosen; it is not NONE, which is a
// choice, and it has no written form. [Item] and [Naming] know the other
// spellings of the names. All items of a mailbox and a device are [Preferences];
// [Effective] says how mailboxes inherit them. What a server offers is
// [Provision].
//
// [ParseGetMetadata] and [ParseSetMetadata] read the commands,
// [AppendMetadataResponse] and [Code] write the answers, and [StatusError] says
// how to answer an error. A [Store], such as [MemoryStore], keeps the entries of
// all users; nothing here opens a file or a connection.
//
// A value that its syntax does not allow is a *[ValueError], several are joined;
// octets that are no command are a *[SyntaxError], a name that is no entry's an
// *[EntryError].
//
// draft-ietf-lemonade-notifications-04, section 11; RFC 5464.
package annotations
