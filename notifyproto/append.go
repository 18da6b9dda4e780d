package notifyproto

import "github.com/golemonade/lemonade/internal/imapsyntax"

// AppendCommand appends the wire form of cmd to b, without tag and CRLF. Names
// are written as atoms or quoted strings, never as literals, so the command is
// one line; keywords and events have the spelling of RFC 5465, section 8.
//
// A command that has no wire form (no groups or names, a name with CR, LF or
// NUL, a FetchAtt that is none) is refused with a *[ValueError] and b as it was.
// The rules in the prose are for [Set.Validate].
func AppendCommand(b []byte, cmd Command, o *Options) ([]byte, error) {
	switch cmd := cmd.(type) {
	case None:
		return append(b, "NOTIFY NONE"...), nil
	case Set:
		if out, err := appendSet(b, cmd, o.utf8()); err != nil {
			return b, err
		} else {
			return out, nil
		}
	}
	return b, &ValueError{Field: "Command", Want: "None or Set", Section: rfc5465}
}

func appendSet(b []byte, set Set, utf8 bool) ([]byte, error) {
	if len(set.Groups) == 0 {
		return b, &ValueError{Field: "Set.Groups", Want: "event-group", Section: rfc5465}
	}
	b = append(b, "NOTIFY SET"...)
	if set.Status {
		b = append(b, " STATUS"...)
	}
	for _, g := range set.Groups {
		var err error
		if b, err = appendFilter(append(b, " ("...), g.Mailboxes, utf8); err != nil {
			return b, err
		}
		if b, err = appendEvents(append(b, ' '), g.Events); err != nil {
			return b, err
		}
		b = append(b, ')')
	}
	return b, nil
}

func appendFilter(b []byte, f MailboxFilter, utf8 bool) ([]byte, error) {
	switch f := f.(type) {
	case Selected, SelectedDelayed, Inboxes, Personal, Subscribed:
		return append(b, f.Name()...), nil
	case Subtree:
		return appendNames(append(b, keySubtree+" "...), f, utf8)
	case Mailboxes:
		return appendNames(append(b, keyMailboxes+" "...), f, utf8)
	}
	return b, &ValueError{Field: "EventGroup.Mailboxes", Want: "filter-mailboxes", Section: rfc5465}
}

func appendNames(b []byte, names []string, utf8 bool) ([]byte, error) {
	if len(names) == 0 {
		return b, &ValueError{Field: "EventGroup.Mailboxes", Want: "mailbox", Section: rfc5465}
	}
	if len(names) > 1 {
		b = append(b, '(')
	}
	for i, name := range names {
		if i > 0 {
			b = append(b, ' ')
		}
		var err error
		if b, err = imapsyntax.AppendMailbox(b, name, utf8); err != nil {
			return b, valueError("EventGroup.Mailboxes", err)
		}
	}
	if len(names) > 1 {
		b = append(b, ')')
	}
	return b, nil
}

func appendEvents(b []byte, list []Event) ([]byte, error) {
	if len(list) == 0 {
		return append(b, "NONE"...), nil
	}
	for i, e := range list {
		sep := byte(' ')
		if i == 0 {
			sep = '('
		}
		var err error
		if b, err = appendEvent(append(b, sep), e); err != nil {
			return b, err
		}
	}
	return append(b, ')'), nil
}

func appendEvent(b []byte, e Event) ([]byte, error) {
	switch e := e.(type) {
	case MessageNew:
		return appendFetchAtts(append(b, nameMessageNew...), e.Fetch)
	case MessageExpunge, FlagChange, AnnotationChange, MailboxName,
		SubscriptionChange, MailboxMetadataChange, ServerMetadataChange:
		return append(b, e.Name()...), nil
	case OtherEvent:
		if knownEvent(e) != nil {
			return b, &ValueError{Field: "OtherEvent", Want: "the type of that event", Section: rfc5465}
		}
		b, err := imapsyntax.AppendAtom(b, string(e))
		return b, valueError("OtherEvent", err)
	}
	return b, &ValueError{Field: "EventGroup.Events", Want: "event", Section: rfc5465}
}

// appendFetchAtts appends SP and the list, or nothing if it is empty.
func appendFetchAtts(b []byte, atts []FetchAtt) ([]byte, error) {
	if len(atts) == 0 {
		return b, nil
	}
	for i, att := range atts {
		if i == 0 {
			b = append(b, " ("...)
		} else {
			b = append(b, ' ')
		}
		var err error
		if b, err = rewrite(b, string(att), false); err != nil {
			return b, valueError("FetchAtt", err)
		}
	}
	return append(b, ')'), nil
}
