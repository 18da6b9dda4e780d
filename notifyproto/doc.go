// Package notifyproto reads and writes the IMAP NOTIFY extension (RFC 5465):
// the command, the responses it causes, and the frames both travel in; and it
// says what a command grants for a mailbox.
//
// # The exchange
//
// A client sends a [Set]; the server checks it, answers what it owes, and from
// then on tells of changes whenever they happen:
//
//	C: a NOTIFY SET STATUS (selected (MessageNew (UID FLAGS) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))
//	S: * STATUS Lists/Lemonade (MESSAGES 500 UIDNEXT 9999 UIDVALIDITY 4)
//	S: a OK done
//	S: * STATUS Lists/Lemonade (MESSAGES 501 UIDNEXT 10000)
//	S: * OK [NOTIFICATIONOVERFLOW] from here on as after NOTIFY NONE
//
// A server checks in this order: [ParseCommand] (the grammar, a *[SyntaxError]),
// [Set.Validate] (the rules in the prose, a *[RuleError]) and [Set.CheckEvents]
// (what it supports, a *[BadEventError]); [StatusError] has the answer to each.
// [Compile] then makes a [Matcher], which is asked for every change.
//
// A client builds a Set, checks it with Validate, writes it with
// [AppendCommand], and reads with [ParseResponse], [ParseTagged] and
// [ParseBadEvent].
//
// # Values
//
// Mailbox names are UTF-8 in Go values, and INBOX is upper case; on the wire
// they are modified UTF-7 unless [Options] say UTF8. What a parse function
// returns shares no memory with its input. An append function appends the one
// form it knows for a value, or returns its first argument and a *[ValueError]:
// no value can end a line or start another argument.
//
// The package does no I/O of its own, starts no goroutine and reads no clock.
// [FrameReader] reads from the reader it is given.
package notifyproto
