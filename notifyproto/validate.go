package notifyproto

import (
	"slices"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Validate checks the rules that RFC 5465 states beside its grammar; the error
// is a *[RuleError]. In every group MessageNew and MessageExpunge come together,
// and FlagChange and AnnotationChange with both (section 5); in the whole
// command there is one Selected or SelectedDelayed at most, with message events
// only (section 6.1); fetch-atts go with these two only (section 8).
//
// An [OtherEvent] breaks no rule, wherever it stands: to refuse it is for
// [Set.CheckEvents], since the answer is NO (section 3.1).
func (s Set) Validate() error {
	if len(s.Groups) == 0 {
		return &RuleError{Group: -1, Text: "no event group", Section: rfc5465}
	}
	selected := false
	for i, g := range s.Groups {
		if text, section := g.check(); text != "" {
			return &RuleError{Group: i, Text: text, Section: section}
		}
		if isSelected(g.Mailboxes) {
			if selected {
				return &RuleError{Group: i, Text: "only one selected or selected-delayed", Section: "RFC 5465, section 6.1"}
			}
			selected = true
		}
	}
	return nil
}

// check returns what is wrong with a group, and the section that says so.
func (g EventGroup) check() (text, section string) {
	switch f := g.Mailboxes.(type) {
	case Selected, SelectedDelayed, Inboxes, Personal, Subscribed:
	case Subtree:
		if len(f) == 0 {
			return "subtree without mailbox", rfc5465
		}
	case Mailboxes:
		if len(f) == 0 {
			return "mailboxes without mailbox", rfc5465
		}
	default:
		return "no mailbox filter", rfc5465
	}
	selected := isSelected(g.Mailboxes)
	var has EventSet
	for _, e := range g.Events {
		event := eventSet(e)
		has |= event
		if _, ok := e.(OtherEvent); event == 0 && !ok {
			return "not an event", rfc5465
		}
		if selected && event != 0 && event&messageEvents == 0 {
			return e.Name() + " with " + g.Mailboxes.Name(), "RFC 5465, section 6.1"
		}
		if e, ok := e.(MessageNew); ok && len(e.Fetch) > 0 && !selected {
			return "fetch attributes with " + g.Mailboxes.Name(), rfc5465
		}
	}
	return has.checkPairs()
}

// checkPairs checks the rules on message events of RFC 5465, section 5.
func (s EventSet) checkPairs() (text, section string) {
	const section5 = "RFC 5465, section 5"
	switch both := EventMessageNew | EventMessageExpunge; {
	case s.Has(both):
		return "", ""
	case s.Has(EventFlagChange):
		return "FlagChange without MessageNew and MessageExpunge", section5
	case s.Has(EventAnnotationChange):
		return "AnnotationChange without MessageNew and MessageExpunge", section5
	case s.Has(EventMessageNew):
		return "MessageNew without MessageExpunge", section5
	case s.Has(EventMessageExpunge):
		return "MessageExpunge without MessageNew", section5
	}
	return "", ""
}

// CheckEvents returns a *[BadEventError] if s asks for an event that is not
// among supported, the names, in any case, of all events that the server
// supports.
//
// RFC 5465, section 3.1.
func (s Set) CheckEvents(supported ...string) error {
	var unsupported []string
	checked := make(map[string]bool)
	for _, g := range s.Groups {
		for _, e := range g.Events {
			if e == nil {
				continue // a RuleError
			}
			name := e.Name()
			if key := upperCase(name); !checked[key] {
				checked[key] = true
				is := func(other string) bool { return imapsyntax.EqualFold(name, other) }
				if !slices.ContainsFunc(supported, is) {
					unsupported = append(unsupported, name)
				}
			}
		}
	}
	if unsupported == nil {
		return nil
	}
	return &BadEventError{Unsupported: unsupported, Supported: slices.Clone(supported)}
}
