package annotations

import (
	"bytes"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// maxQuoted is the greatest length of a quoted value, in octets. Longer ones
// are literals, since readers of lines have limits: RFC 2683, section 3.2.1.5
// asks for 8000 octets, and there is more than the value in a line.
const maxQuoted = 1024

// AppendGetMetadata appends c to b, from the name of the command on, without
// CRLF. Options that say nothing new (DEPTH 0) are left out. The error is an
// *[EntryError], or a *[SyntaxError] about another field, with b unchanged.
//
// RFC 5464, section 4.2.
func AppendGetMetadata(b []byte, c *GetMetadata, o *Options) ([]byte, error) {
	if err := c.Validate(); err != nil {
		return b, err
	}
	out := append(b, "GETMETADATA "...)
	if c.MaxSize != nil || c.Depth != DepthZero {
		out = append(out, '(')
		if c.MaxSize != nil {
			out = imapsyntax.AppendNumber(append(out, "MAXSIZE "...), *c.MaxSize)
		}
		if c.Depth != DepthZero {
			if c.Depth != DepthOne && c.Depth != DepthInfinity {
				return b, &SyntaxError{Want: `"0" / "1" / "infinity"`, Section: section5464}
			}
			if c.MaxSize != nil {
				out = append(out, ' ')
			}
			out = append(append(out, "DEPTH "...), c.Depth.String()...)
		}
		out = append(out, ") "...)
	}
	out, err := imapsyntax.AppendMailbox(out, c.Mailbox, o != nil && o.UTF8)
	if err != nil {
		return b, syntaxError(err)
	}
	if len(c.Entries) > 1 {
		out = append(out, " ("...)
	} else {
		out = append(out, ' ')
	}
	for i, name := range c.Entries {
		if i > 0 {
			out = append(out, ' ')
		}
		if out, err = imapsyntax.AppendAString(out, name, false); err != nil {
			return b, syntaxError(err)
		}
	}
	if len(c.Entries) > 1 {
		out = append(out, ')')
	}
	return out, nil
}

// AppendSetMetadata appends c to b, from the name of the command on, without
// CRLF. A value is quoted; it is a literal if it has octets that cannot be
// quoted or more than 1024, and a literal8 if it has NUL. The error is an
// *[EntryError], or a *[SyntaxError] about the mailbox, with b unchanged.
//
// RFC 5464, section 4.3.
func AppendSetMetadata(b []byte, c *SetMetadata, o *Options) ([]byte, error) {
	form := imapsyntax.SyncLiteral
	if o != nil && o.NonSync {
		form = imapsyntax.NonSyncLiteral
	}
	if err := c.Validate(); err != nil {
		return b, err
	}
	utf8 := o != nil && o.UTF8
	out, err := imapsyntax.AppendMailbox(append(b, "SETMETADATA "...), c.Mailbox, utf8)
	if err == nil {
		out, err = appendEntryValues(append(out, ' '), c.Entries, utf8, form)
	}
	if err != nil {
		return b, syntaxError(err)
	}
	return out, nil
}

// AppendMetadataResponse appends to b the METADATA response with values that
// answers GETMETADATA, without CRLF:
//
//	S: * METADATA "INBOX" (/private/comment "My own comment")
//
// It needs one entry or more. Values are written as [AppendSetMetadata] does.
// The error is an *[EntryError], or a *[SyntaxError] about the mailbox, with b
// unchanged.
//
// RFC 5464, section 4.4.1.
func AppendMetadataResponse(b []byte, mailbox string, entries []EntryValue, o *Options) ([]byte, error) {
	for _, e := range entries {
		// An answer may say that there is no value where there cannot be one.
		if err := checkEntry(e.Name, true); err != nil {
			return b, err
		}
	}
	if err := someEntry(len(entries)); err != nil {
		return b, err
	}
	utf8 := o != nil && o.UTF8
	out := append(b, "* METADATA "...)
	start := len(out)
	out, err := imapsyntax.AppendMailbox(out, mailbox, utf8)
	if err != nil {
		return b, syntaxError(err)
	}
	// All the RFC's examples quote the name, INBOX included. What was written
	// as an atom has nothing that needs a backslash.
	if out[start] != '"' {
		out = append(out, '"', '"')
		copy(out[start+1:], out[start:len(out)-2])
		out[start] = '"'
		out[len(out)-1] = '"'
	}
	out, err = appendEntryValues(append(out, ' '), entries, utf8, imapsyntax.SyncLiteral)
	if err != nil {
		return b, syntaxError(err)
	}
	return out, nil
}

// appendEntryValues appends
//
//	entry-values = "(" entry-value *(SP entry-value) ")"
//	entry-value  = entry SP value
//
// RFC 5464, section 5.
func appendEntryValues(b []byte, entries []EntryValue, utf8 bool, form imapsyntax.LiteralForm) ([]byte, error) {
	for i, e := range entries {
		if i == 0 {
			b = append(b, '(')
		} else {
			b = append(b, ' ')
		}
		var err error
		if b, err = imapsyntax.AppendAString(b, e.Name, false); err != nil {
			return b, err
		}
		if b, err = appendValue(append(b, ' '), e.Value, utf8, form); err != nil {
			return b, err
		}
	}
	return append(b, ')'), nil
}

// appendValue appends
//
//	value = nstring / literal8
//
// RFC 5464, section 5.
func appendValue(b, value []byte, utf8 bool, form imapsyntax.LiteralForm) ([]byte, error) {
	switch {
	case bytes.IndexByte(value, 0) >= 0:
		return imapsyntax.AppendLiteral8(b, value, form)
	case len(value) > maxQuoted:
		return imapsyntax.AppendLiteral(b, string(value), form)
	}
	return imapsyntax.AppendNString(b, string(value), value != nil, utf8, form)
}
