package emn

import "strconv"

// attribute is an attribute as read, with the offsets of its parts.
type attribute struct {
	name     []byte
	value    string
	namePos  int
	valuePos int
}

const draftSection = "draft-ietf-lemonade-notifications-04, section 9.1"

// issue is what to tolerate about the value of a.
func (a attribute) issue(what, section string) Issue {
	return Issue{
		Err:       &SyntaxError{a.valuePos, what, section},
		Attribute: string(a.name),
		Value:     a.value,
	}
}

// set stores a in n by
//
//	<!ATTLIST emn  mailbox CDATA #REQUIRED  timestamp CDATA #IMPLIED>
//
// of OMA EMN 1.0, to which xemn adds what setExtended has.
func (p *parser) set(n *Notification, a attribute) error {
	switch string(a.name) {
	case "mailbox":
		n.Mailbox = a.value
		return nil
	case "timestamp":
		return p.setTimestamp(n, a)
	}
	if n.Extended == nil {
		return p.unknown(a, "OMA EMN 1.0")
	}
	return p.setExtended(n.Extended, a)
}

// setTimestamp stores the %Datetime of OMA EMN 1.0.
//
// QUIRK: templates leave timestamp="" where they have no time; what other forms
// are sent, parseTimestamp says.
func (p *parser) setTimestamp(n *Notification, a attribute) error {
	t, strict, ok := parseTimestamp(a.value)
	if strict {
		n.Timestamp = t
		return nil
	}
	issue := a.issue("YYYY-MM-DDThh:mm:ssZ", "OMA EMN 1.0")
	if !ok && a.value != "" {
		return issue.Err
	}
	n.Timestamp = t
	return p.tolerate(issue)
}

// setExtended stores an attribute that only xemn has.
//
// QUIRK: the draft says of event, sequence-id, uid and datetime that they are
// CDATA, no more, so senders differ: sets for a uid, other names for an event.
// A value that cannot be read leaves its field absent and is kept in the Issue.
func (p *parser) setExtended(x *Extended, a attribute) error {
	switch string(a.name) {
	case "view":
		x.View = a.value
	case "sender":
		x.Sender = a.value
	case "subject":
		x.Subject = a.value
	case "event":
		x.Event = foldEventName(a.value)
		if x.Event == "" || string(x.Event) != a.value {
			return p.tolerate(a.issue("an event name", "RFC 5423, section 4"))
		}
	case "sequence-id":
		v, ok := parseUint(a.value, 64)
		if !ok {
			return p.tolerate(a.issue("a decimal number of 64 bits", draftSection))
		}
		x.SequenceID = &v
	case "uid":
		v, ok := parseUint(a.value, 32)
		if !ok || v == 0 {
			return p.tolerate(a.issue("a decimal number, 1 to 4294967295", draftSection))
		}
		x.UID = uint32(v)
	case "datetime":
		t, strict, _ := parseDate(a.value)
		x.Date = t
		if !strict {
			return p.tolerate(a.issue("a date-time", "RFC 3339, section 5.6"))
		}
	default:
		return p.unknown(a, draftSection)
	}
	return nil
}

// unknown skips an attribute the element type does not have.
//
// QUIRK: vendors add attributes of their own, and XML libraries a default
// namespace.
func (p *parser) unknown(a attribute, section string) error {
	issue := a.issue("an attribute of the element type", section)
	issue.Err.Offset = a.namePos
	return p.tolerate(issue)
}

// parseUint reads a decimal number as AppendXML writes it: no sign, no leading
// zero, at most bits wide.
func parseUint(s string, bits int) (uint64, bool) {
	v, err := strconv.ParseUint(s, 10, bits)
	return v, err == nil && (len(s) == 1 || s[0] != '0')
}
