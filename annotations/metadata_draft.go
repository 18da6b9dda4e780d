package annotations

import (
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// section114 has the examples of commands.
const section114 = "draft-ietf-lemonade-notifications-04, section 11.4"

// draftEntries parses what the first example of the draft has after
// "GETMETADATA ": a pattern of entries and a list of attributes. There is no
// mailbox, for entries of the server; with one they follow it.
//
//	C: a GETMETADATA /notify/* (channel credential push)
//
// It returns the entries of the schema that they stand for, in
// [NamingMetadata]. If there are none, it is something else: nothing is read,
// and the result is nil. No entry that RFC 5464 allows is lost by it, since
// they start with another component than /notify.
//
// draft-ietf-lemonade-notifications-04, section 11.4.
func (p *parser) draftEntries() []string {
	start := *p.Scanner
	pattern := string(p.Take(imapsyntax.ClassList))
	var attributes []string
	err := p.SP()
	if err == nil {
		err = p.List1(func() error {
			attribute, err := p.Atom()
			attributes = append(attributes, attribute)
			return err
		})
	}
	var names []string
	for i := ItemChannel; err == nil && int(i) < len(items); i++ {
		entry, attribute, _ := i.Name(NamingDraft)
		for _, wanted := range attributes {
			if matches(entry, strings.ToLower(pattern)) && ofAttribute(attribute, wanted) {
				names = append(names, string(i.Entry()))
				break
			}
		}
	}
	if names == nil {
		*p.Scanner = start
	}
	return names
}

// ofAttribute reports whether an attribute is the one wanted, which may be
// without the suffix that says who shares it.
func ofAttribute(attribute, wanted string) bool {
	bare, _, _ := strings.Cut(attribute, ".")
	return equalFold(wanted, attribute) || equalFold(wanted, bare)
}

// matches reports whether a pattern, in which "*" stands for anything and "%"
// for anything without "/", matches an entry.
func matches(entry, pattern string) bool {
	if pattern == "" {
		return entry == ""
	}
	switch pattern[0] {
	case '*', '%':
		for i := 0; ; i++ {
			if matches(entry[i:], pattern[1:]) {
				return true
			}
			if i == len(entry) || pattern[0] == '%' && entry[i] == '/' {
				return false
			}
		}
	}
	return entry != "" && entry[0] == pattern[0] && matches(entry[1:], pattern[1:])
}

// draftEntryValues parses what the second example of the draft has after the
// mailbox: an entry and a list of attributes with values.
//
//	C: a SETMETADATA "INBOX" /notify/outband (channel.priv "MMS=EXTENDED")
//
// The names are translated to [NamingMetadata].
//
// draft-ietf-lemonade-notifications-04, section 11.4.
func (p *parser) draftEntryValues() ([]EntryValue, error) {
	entry, err := p.AString()
	if err != nil {
		return nil, err
	}
	if err := p.SP(); err != nil {
		return nil, err
	}
	var values []EntryValue
	err = p.List1(func() error {
		start := *p.Scanner
		v, err := p.entryValue()
		if err != nil {
			return err
		}
		item, ok := ParseItem(NamingDraft, entry, v.Name)
		if !ok {
			*p.Scanner = start
			return p.Fail("attribute of "+quote(entry), section114)
		}
		v.Name = string(item.Entry())
		values = append(values, v)
		return nil
	})
	return values, err
}
