package notifyproto

import (
	"slices"
)

// View is what a grant depends on beside the command and the mailbox. The
// functions are called with names as they were given to For; they may change
// their answers from one call to the next, as the subscriptions do. The zero
// View has no mailbox selected.
type View struct {
	// Selected is the name of the selected mailbox; "" means none.
	Selected string
	// Delim is the hierarchy delimiter; 0 means that there is no hierarchy.
	Delim rune
	// Personal reports whether a mailbox is in the user's personal namespaces
	// (RFC 5465, section 6.2). Nil means that all are.
	Personal func(mailbox string) bool
	// Inbox reports whether mail is delivered to a personal mailbox (RFC 5465,
	// section 6.3). Nil means to all that Personal reports.
	Inbox func(mailbox string) bool
	// Subscribed reports whether the user is subscribed to a mailbox (RFC 5465,
	// section 6.4). Nil means to none.
	Subscribed func(mailbox string) bool
}

// Grant is what a command asks for in one mailbox. The zero Grant is nothing.
type Grant struct {
	// Events are the events to be told of, without EventServerMetadataChange,
	// which belongs to no mailbox: see [Matcher.ServerMetadata].
	Events EventSet
	// Fetch are the attributes of new messages in the selected mailbox, each
	// once. They must not be changed.
	Fetch []FetchAtt
	// Delayed is whether expunges in the selected mailbox wait for a command
	// that allows them (RFC 5465, section 6.1.2).
	Delayed bool
}

// Matcher says what a command grants. It is immutable and may be used by many
// goroutines at once.
type Matcher struct {
	status bool
	groups []group
}

// group is an event-group. The names of a Subtree or Mailboxes are in names.
type group struct {
	filter MailboxFilter
	names  nameSet
	events EventSet
	none   bool
	fetch  []FetchAtt
}

// Compile returns the Matcher of a command. None and nil grant nothing. The
// command may be changed afterwards; it should have passed [Set.Validate], and
// what breaks a rule grants no more than the rule would allow.
func Compile(cmd Command) *Matcher {
	set, ok := cmd.(Set)
	if !ok {
		return &Matcher{}
	}
	m := &Matcher{status: set.Status}
	for _, g := range set.Groups {
		c := group{filter: g.Mailboxes, none: len(g.Events) == 0}
		switch f := g.Mailboxes.(type) {
		case Subtree:
			c.filter, c.names = Subtree(nil), newNameSet(f)
		case Mailboxes:
			c.filter, c.names = Mailboxes(nil), newNameSet(f)
		}
		selected := isSelected(g.Mailboxes)
		for _, e := range g.Events {
			c.events |= eventSet(e)
			if e, ok := e.(MessageNew); ok && selected {
				c.fetch = append(c.fetch, e.Fetch...)
			}
		}
		if selected {
			c.events &= messageEvents
		}
		c.fetch = slices.Clip(unique(c.fetch))
		m.groups = append(m.groups, c)
	}
	return m
}

// For returns what the command grants for a mailbox. Groups are read in order,
// and what earlier ones granted stays; a group that says NONE ends the reading
// for every mailbox it matches. Message events in the selected mailbox are those
// of the selected or selected-delayed group alone (RFC 5465, section 3.1), and
// other events never are. RFC 5465 does not say what NONE means for a mailbox that
// another group matches, too; so NONE can except mailboxes from groups after it.
//
// RFC 5465, section 6. It allocates nothing. A nil v is the zero View.
func (m *Matcher) For(v *View, mailbox string) Grant {
	var (
		zero    View
		g       Grant
		seen    bool // the selected group
		ended   bool // by NONE
		allowed = ^EventServerMetadataChange
	)
	if v == nil {
		v = &zero
	}
	selected := v.Selected != "" && sameMailbox(v.Selected, mailbox, v.Delim)
	if selected {
		allowed &^= messageEvents
	}
	for i := range m.groups {
		c := &m.groups[i]
		switch {
		case isSelected(c.filter):
			if selected && !seen {
				seen = true
				g.Events |= c.events
				g.Fetch = c.fetch
				_, g.Delayed = c.filter.(SelectedDelayed)
			}
		case !ended && c.matches(v, mailbox):
			ended = c.none
			g.Events |= c.events & allowed
		}
	}
	return g
}

// ServerMetadata reports whether the client asked for ServerMetadataChange, in a
// group for whatever mailboxes: the event belongs to none.
//
// RFC 5465, section 5.7.
func (m *Matcher) ServerMetadata() bool {
	for i := range m.groups {
		if m.groups[i].events.Has(EventServerMetadataChange) {
			return true
		}
	}
	return false
}

// StatusFor returns the STATUS items that are owed for a mailbox before the
// tagged OK, in the order of RFC 3501; nil if none are: without the STATUS
// indicator, for the selected mailbox, and where no message event is granted.
// Condstore says that the server supports CONDSTORE or QRESYNC. Whether the
// mailbox exists and may be read is for the caller to know.
//
// RFC 5465, section 3.1.
func (m *Matcher) StatusFor(v *View, mailbox string, condstore bool) []string {
	if !m.status || v != nil && v.Selected != "" && sameMailbox(v.Selected, mailbox, v.Delim) {
		return nil
	}
	events := m.For(v, mailbox).Events
	isNew := events.Has(EventMessageNew)
	modSeq := condstore && events&(EventFlagChange|EventAnnotationChange) != 0
	switch {
	case isNew && modSeq:
		return []string{"MESSAGES", "UIDNEXT", "UIDVALIDITY", "HIGHESTMODSEQ"}
	case isNew:
		return []string{"MESSAGES", "UIDNEXT", "UIDVALIDITY"}
	case events.Has(EventMessageExpunge) && modSeq:
		return []string{"MESSAGES", "UIDVALIDITY", "HIGHESTMODSEQ"}
	case events.Has(EventMessageExpunge):
		return []string{"MESSAGES"}
	case modSeq:
		return []string{"UIDVALIDITY", "HIGHESTMODSEQ"}
	}
	return nil
}

// Names returns the mailboxes named in subtree and mailboxes groups that ask for
// events, each once, in order: those for which a server owes LIST with
// [MailboxAttrNoAccess] if the client may list but not watch them.
//
// RFC 5465, section 3.1.
func (m *Matcher) Names() []string {
	var names []string
	for i := range m.groups {
		if c := &m.groups[i]; !c.none {
			names = append(names, c.names.list...)
		}
	}
	return unique(names)
}

// matches reports whether a group other than selected has the mailbox.
func (c *group) matches(v *View, mailbox string) bool {
	switch c.filter.(type) {
	case Personal:
		return v.personal(mailbox)
	case Inboxes:
		return v.personal(mailbox) && (v.Inbox == nil || v.Inbox(mailbox))
	case Subscribed:
		return v.Subscribed != nil && v.Subscribed(mailbox)
	case Subtree:
		return c.names.hasAbove(mailbox, v.Delim)
	case Mailboxes:
		return c.names.has(mailbox, v.Delim)
	}
	return false
}

func (v *View) personal(mailbox string) bool {
	return v.Personal == nil || v.Personal(mailbox)
}
