package emn

import (
	"fmt"
	"time"
)

// Notification is an emn element, or an xemn element if Extended is set.
//
// The zero Notification is not valid: Mailbox is required.
//
// OMA EMN 1.0; draft-ietf-lemonade-notifications-04, section 9.1.
type Notification struct {
	// Mailbox is the URI of the mailbox that changed: mailat:user@host, or a
	// pop, imap, http or https URL, at most MaxAttributeValue octets. It is
	// opaque text here, written and read as it is.
	Mailbox string
	// Timestamp says when the notification was made, to the second: a fraction
	// is dropped. The zero time is absent. Its year in UTC is 0 to 9999.
	Timestamp time.Time
	// Extended makes the element an xemn. Nil makes it an emn, a wake-up.
	Extended *Extended
}

// Validate returns a *ValueError for the first field AppendXML could not write,
// nil if there is none. Only the size of the whole document is left to
// AppendXML.
func (n *Notification) Validate() error {
	if n.Mailbox == "" {
		return &ValueError{"Mailbox", "empty"}
	}
	if err := validateAttribute("Mailbox", n.Mailbox); err != nil {
		return err
	}
	if err := validateTime("Timestamp", n.Timestamp); err != nil {
		return err
	}
	if n.Extended == nil {
		return nil
	}
	return n.Extended.validate()
}

// validateAttribute checks a value that is written as an attribute.
func validateAttribute(field, value string) error {
	if len(value) > MaxAttributeValue {
		return &ValueError{field, fmt.Sprintf("longer than %d octets", MaxAttributeValue)}
	}
	return validateText(field, value)
}

// validateText checks that XML can hold value, XML 1.0, section 2.2.
func validateText(field, value string) error {
	if i := indexNotChar(value); i >= 0 {
		return &ValueError{field, fmt.Sprintf("octet %d is not part of a character XML allows", i)}
	}
	return nil
}

// validateTime checks that four digits hold the year, which both the %Datetime
// of OMA EMN 1.0 and RFC 3339, section 5.6, need.
func validateTime(field string, t time.Time) error {
	if !yearFits(t) {
		return &ValueError{field, "year is not in 0000 to 9999"}
	}
	return nil
}
