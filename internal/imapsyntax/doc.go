// Package imapsyntax reads and writes the lexical productions that all IMAP
// grammars share: atoms, strings, numbers, mailbox names, lists.
//
// A [Scanner] reads them from one complete frame, a command or response with
// its literals, that lies in memory; the Append functions write them. Both are
// strict: a Scanner takes what the ABNF takes, and an Append function refuses
// what the production excludes, so that no value can end a line or start
// another argument.
//
// Methods and functions carry the name of their production, and say which
// document defines it. Where RFC 9051 widens a production of RFC 3501 both are
// named.
package imapsyntax
