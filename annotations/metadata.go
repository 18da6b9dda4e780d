package annotations

// Options says how commands and responses are read and written. Nil means the
// zero value.
type Options struct {
	// UTF8 says that IMAP4rev2 or UTF8=ACCEPT is enabled: mailbox names and
	// quoted strings are UTF-8. Else names are in modified UTF-7 (RFC 3501,
	// section 5.1.3).
	UTF8 bool
	// NonSync writes literals of commands as "{n+}" (RFC 7888), so that the
	// whole command may be sent at once. Else a client waits for a continuation
	// request at each.
	NonSync bool
	// OptionsAfterMailbox reads the options of GETMETADATA after the mailbox,
	// too. They are never written there.
	OptionsAfterMailbox bool
	// Draft reads also the forms of GETMETADATA and SETMETADATA that the
	// examples of draft-ietf-lemonade-notifications-04, section 11.4 have. They
	// are never written.
	Draft bool
}

// EntryValue is an entry with its value.
type EntryValue struct {
	// Name is the entry name as it was written or is to be written.
	Name string
	// Value may hold any octets. Nil is NIL: no value, which removes an entry;
	// empty and not nil is a value.
	Value []byte
}

// GetMetadata is a GETMETADATA command.
//
// RFC 5464, section 4.2.
type GetMetadata struct {
	// MaxSize leaves out values of more octets; nil means no limit.
	MaxSize *uint32
	// Depth is how far below Entries to look.
	Depth Depth
	// Mailbox is a name in UTF-8, or empty for the entries of the server.
	Mailbox string
	// Entries has the names as they were written, one or more.
	Entries []string
}

// SetMetadata is a SETMETADATA command.
//
// RFC 5464, section 4.3.
type SetMetadata struct {
	// Mailbox is a name in UTF-8, or empty for the entries of the server.
	Mailbox string
	// Entries has one or more. A name may come twice: the last one counts.
	Entries []EntryValue
}

// Validate returns an *[EntryError] for the first wrong entry name, or another
// *[EntryError] without a name if there is none at all. The answer is BAD.
//
// RFC 5464, section 3.2.
func (c *GetMetadata) Validate() error {
	for _, name := range c.Entries {
		if err := checkEntry(name, true); err != nil {
			return err
		}
	}
	return someEntry(len(c.Entries))
}

// Validate returns an *[EntryError] for the first wrong entry name, or another
// *[EntryError] without a name if there is none at all. The answer is BAD.
//
// RFC 5464, section 3.2.
func (c *SetMetadata) Validate() error {
	for _, e := range c.Entries {
		if err := checkEntry(e.Name, false); err != nil {
			return err
		}
	}
	return someEntry(len(c.Entries))
}

func someEntry(n int) error {
	if n == 0 {
		return &EntryError{Want: "entry", Section: section5464}
	}
	return nil
}

// Select returns the values that may be returned, in a new slice, and the size
// in octets of the longest that MaxSize excludes, or 0 if it excludes none: the
// number for [LongEntries].
//
// RFC 5464, section 4.2.1.
func (c *GetMetadata) Select(values []EntryValue) (kept []EntryValue, longest int) {
	for _, v := range values {
		if c.MaxSize != nil && uint64(len(v.Value)) > uint64(*c.MaxSize) {
			longest = max(longest, len(v.Value))
			continue
		}
		kept = append(kept, v)
	}
	return kept, longest
}
