package notifyproto

import (
	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// ParseCommand parses a command as [FrameReader.ReadFrame] and [CutCommand]
// return it: "NOTIFY ..." without tag and final CRLF, with the octets of
// literals inline. It checks the grammar only; the rules in the prose are for
// [Set.Validate] and [Set.CheckEvents].
//
// The error is a *[SyntaxError]. The Command shares no memory with b.
func ParseCommand(b []byte, o *Options) (Command, error) {
	s := imapsyntax.NewScanner(b)
	s.UTF8 = o.utf8()
	cmd, err := notify(s)
	if err == nil {
		err = s.End()
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	return cmd, nil
}

// notify parses
//
//	notify      = "NOTIFY" SP
//	              (notify-set / notify-none)
//	notify-none = "NONE"
//	                ; Cancel all registered notification
//	                ; events.  The client is not interested
//	                ; in receiving any events.
//
// RFC 5465, section 8.
func notify(s *imapsyntax.Scanner) (Command, error) {
	if !s.TryKeyword("NOTIFY") {
		return nil, s.Fail(`"NOTIFY"`, rfc5465)
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	switch {
	case s.TryKeyword("NONE"):
		return None{}, nil
	case s.TryKeyword("SET"):
		return notifySet(s)
	}
	return nil, s.Fail(`"SET" / "NONE"`, rfc5465)
}

// notifySet parses what follows "SET" in
//
//	notify-set       = "SET" [status-indicator] SP event-groups
//	                     ; Replace registered notification events
//	                     ; with the specified list of events
//	status-indicator = SP "STATUS"
//	event-groups     = event-group *(SP event-group)
//
// RFC 5465, section 8.
func notifySet(s *imapsyntax.Scanner) (Command, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	var set Set
	if s.Peek() != '(' {
		if !s.TryKeyword("STATUS") {
			return nil, s.Fail(`"STATUS" / event-groups`, rfc5465)
		}
		if err := s.SP(); err != nil {
			return nil, err
		}
		set.Status = true
	}
	for {
		group, err := eventGroup(s)
		if err != nil {
			return nil, err
		}
		set.Groups = append(set.Groups, group)
		if !s.TryByte(' ') {
			return set, nil
		}
	}
}

// eventGroup parses
//
//	event-group = "(" filter-mailboxes SP events ")"
//	                ;; Only <message-event>s are allowed in <events>
//	                ;; when <filter-mailboxes-selected> is used.
//
// RFC 5465, section 8.
func eventGroup(s *imapsyntax.Scanner) (g EventGroup, err error) {
	if !s.TryByte('(') {
		return g, s.Fail("event-group", rfc5465)
	}
	if g.Mailboxes, err = filterMailboxes(s); err != nil {
		return g, err
	}
	if err := s.SP(); err != nil {
		return g, err
	}
	if g.Events, err = events(s); err != nil {
		return g, err
	}
	return g, s.Byte(')')
}

// filterMailboxes parses
//
//	filter-mailboxes          = filter-mailboxes-selected /
//	                            filter-mailboxes-other
//	filter-mailboxes-other    = "inboxes" / "personal" / "subscribed" /
//	                            ( "subtree" SP one-or-more-mailbox ) /
//	                            ( "mailboxes" SP one-or-more-mailbox )
//	filter-mailboxes-selected = "selected" / "selected-delayed"
//	                              ;; Apply to the currently selected mailbox only.
//	                              ;; Only one of them can be specified in a NOTIFY
//	                              ;; command.
//
// RFC 5465, section 8. The "subtree-one" of RFC 7377 is not among them.
func filterMailboxes(s *imapsyntax.Scanner) (MailboxFilter, error) {
	switch {
	case s.TryKeyword(keySelected):
		return Selected{}, nil
	case s.TryKeyword(keySelectedDelayed):
		return SelectedDelayed{}, nil
	case s.TryKeyword(keyInboxes):
		return Inboxes{}, nil
	case s.TryKeyword(keyPersonal):
		return Personal{}, nil
	case s.TryKeyword(keySubscribed):
		return Subscribed{}, nil
	case s.TryKeyword(keySubtree):
		names, err := oneOrMoreMailbox(s)
		return Subtree(names), err
	case s.TryKeyword(keyMailboxes):
		names, err := oneOrMoreMailbox(s)
		return Mailboxes(names), err
	}
	return nil, s.Fail("filter-mailboxes", rfc5465)
}

// oneOrMoreMailbox parses SP and
//
//	one-or-more-mailbox = mailbox / many-mailboxes
//	many-mailboxes      = "(" mailbox *(SP mailbox) ")"
//
// RFC 5465, section 8.
func oneOrMoreMailbox(s *imapsyntax.Scanner) ([]string, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	many := s.TryByte('(')
	var names []string
	for {
		name, err := s.Mailbox()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if !many || !s.TryByte(' ') {
			break
		}
	}
	if many && !s.TryByte(')') {
		return nil, s.Fail(`SP or ")"`, rfc5465)
	}
	return names, nil
}

// events parses
//
//	events = ( "(" event *(SP event) ")" ) / "NONE"
//	           ;; As in [MSGEVENT].
//	           ;; "NONE" means that the client does not wish
//	           ;; to receive any events for the specified
//	           ;; mailboxes.
//
// RFC 5465, section 8.
func events(s *imapsyntax.Scanner) ([]Event, error) {
	if !s.TryByte('(') {
		if !s.TryKeyword("NONE") {
			return nil, s.Fail(`"(" / "NONE"`, rfc5465)
		}
		return nil, nil
	}
	var list []Event
	for {
		e, err := event(s)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !s.TryByte(' ') {
			break
		}
	}
	if !s.TryByte(')') {
		return nil, s.Fail(`SP or ")"`, rfc5465)
	}
	return list, nil
}

// event parses
//
//	event         = message-event /
//	                mailbox-event / user-event / event-ext
//	message-event = ( "MessageNew" [SP
//	                "(" fetch-att *(SP fetch-att) ")" ] )
//	                / "MessageExpunge"
//	                / "FlagChange"
//	                / "AnnotationChange"
//	                ;; "MessageNew" includes "MessageAppend" from
//	                ;; [MSGEVENT]. "FlagChange" is any of
//	                ;; "MessageRead", "MessageTrash", "FlagsSet",
//	                ;; "FlagsClear" [MSGEVENT]. "MessageExpunge"
//	                ;; includes "MessageExpire" [MSGEVENT].
//	                ;; MessageNew and MessageExpunge MUST always
//	                ;; be specified together.  If FlagChange is
//	                ;; specified, then MessageNew and MessageExpunge
//	                ;; MUST be specified as well.
//	                ;; The fett-att list may only be present for the
//	                ;; SELECTED/SELECTED-DELAYED mailbox filter
//	                ;; (<filter-mailboxes>).
//	mailbox-event = "MailboxName" /
//	                "SubscriptionChange" / "MailboxMetadataChange"
//	                ; "SubscriptionChange" includes
//	                ; MailboxSubscribe and MailboxUnSubscribe.
//	                ; "MailboxName" includes MailboxCreate,
//	                ; "MailboxDelete" and "MailboxRename".
//	user-event    = "ServerMetadataChange"
//	event-ext     = atom
//	                ;; For future extensions
//
// RFC 5465, section 8.
func event(s *imapsyntax.Scanner) (Event, error) {
	atom := s.Take(imapsyntax.ClassAtom)
	if len(atom) == 0 {
		return nil, s.Fail("event", rfc5465)
	}
	e := knownEvent(atom)
	if e == nil {
		return OtherEvent(atom), nil
	}
	if _, ok := e.(MessageNew); ok && startsWith(s, " (") {
		s.TryByte(' ')
		atts, err := fetchAtts(s)
		return MessageNew{Fetch: atts}, err
	}
	return e, nil
}

// fetchAtts parses the list of a MessageNew.
func fetchAtts(s *imapsyntax.Scanner) (atts []FetchAtt, err error) {
	var buf [64]byte // most fetch-atts are shorter
	b := buf[:0]
	s.TryByte('(')
	for {
		if b, err = appendFetchAtt(b[:0], s); err != nil {
			return nil, err
		}
		atts = append(atts, FetchAtt(b))
		if !s.TryByte(' ') {
			break
		}
	}
	if !s.TryByte(')') {
		return nil, s.Fail(`SP or ")"`, rfc5465)
	}
	return atts, nil
}

// knownEvent returns the event of that name, in any case; nil for an event-ext.
func knownEvent[T ~string | ~[]byte](name T) Event {
	switch {
	case imapsyntax.EqualFold(name, nameMessageNew):
		return MessageNew{}
	case imapsyntax.EqualFold(name, nameMessageExpunge):
		return MessageExpunge{}
	case imapsyntax.EqualFold(name, nameFlagChange):
		return FlagChange{}
	case imapsyntax.EqualFold(name, nameAnnotationChange):
		return AnnotationChange{}
	case imapsyntax.EqualFold(name, nameMailboxName):
		return MailboxName{}
	case imapsyntax.EqualFold(name, nameSubscriptionChange):
		return SubscriptionChange{}
	case imapsyntax.EqualFold(name, nameMailboxMetadataChange):
		return MailboxMetadataChange{}
	case imapsyntax.EqualFold(name, nameServerMetadataChange):
		return ServerMetadataChange{}
	}
	return nil
}
