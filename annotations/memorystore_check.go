package annotations

import "errors"

// write is an entry that a Set changes.
type write struct {
	entry  Entry // canonical
	name   string
	holder holder
	value  []byte
}

// check returns what a Set would write, by entry: of an entry that comes twice
// the last one counts. What depends on what is stored is not checked.
func (s *MemoryStore) check(by Subject, mailbox string, entries []EntryValue, server bool) (map[Entry]write, error) {
	writes := make(map[Entry]write, len(entries))
	for _, v := range entries {
		e, err := ParseEntry(v.Name)
		if err != nil {
			return nil, err
		}
		e = canonical(e)
		writes[e] = write{entry: e, name: v.Name, holder: holderOf(e, by), value: v.Value}
	}
	if err := someEntry(len(entries)); err != nil {
		return nil, err
	}
	if !server {
		for _, v := range entries {
			if err := s.checkClient(mailbox, v); err != nil {
				return nil, err
			}
		}
	}
	if mailbox == "" {
		_, err := DecodeProvision(entries)
		return writes, err
	}
	_, err := DecodePreferences(entries)
	return writes, errors.Join(err, s.checkMsgFormat(entries))
}

// checkClient checks that a client may set an entry, and the size of its value.
func (s *MemoryStore) checkClient(mailbox string, v EntryValue) error {
	if reason, section := readOnly(mailbox, canonical(Entry(foldEntry(v.Name)))); reason != "" {
		return &ReadOnlyError{Mailbox: mailbox, Entry: v.Name, Reason: reason, Section: section}
	}
	if len(v.Value) > s.o.MaxValue {
		return &QuotaError{
			Mailbox: mailbox, Entry: v.Name, Limit: int64(s.o.MaxValue), Reason: "octets in a value",
			Code: Code{Name: CodeMaxSize, Size: clampSize(int64(s.o.MaxValue))},
		}
	}
	return nil
}

// readOnly returns why clients cannot set an entry, which is canonical, and ""
// if they can.
func readOnly(mailbox string, e Entry) (reason, section string) {
	const section11 = "draft-ietf-lemonade-notifications-04, section 11"
	item, _, inSchema := ItemOf(e)
	switch {
	case e == EntryOutstanding:
		return "only the server sets it", "draft-ietf-lemonade-notifications-04, section 14.8"
	case mailbox == "" && e == "/shared/admin":
		return "only the server sets it", "RFC 5464, section 3.2.1.1"
	case !inSchema:
		return "", ""
	case mailbox == "" && item.IsProvision():
		return "it is what the server offers", section11
	case mailbox == "":
		// Nothing would read it there, and the client would never know.
		return "it is set on a mailbox, for all of them on INBOX", section11
	case !item.IsPreference():
		return "it is an entry of the server", section11
	}
	return "", ""
}

// checkMsgFormat asks the one who knows about msgformat preferences.
func (s *MemoryStore) checkMsgFormat(entries []EntryValue) error {
	var errs []error
	for _, v := range entries {
		item, _, ok := ItemOf(Entry(v.Name))
		if !ok || item != ItemMsgFormat || v.Value == nil || s.o.MsgFormat == nil {
			continue
		}
		value := string(v.Value)
		err := s.o.MsgFormat(value)
		if err == nil || validateMsgFormat(value) != nil {
			continue
		}
		bad := &ValueError{Entry: v.Name, Field: fieldMsgFormat, Value: value, Want: err.Error(), Section: section113}
		var detail *ValueError
		if errors.As(err, &detail) {
			bad.Offset, bad.Want, bad.Section = detail.Offset, detail.Want, detail.Section
		}
		errs = append(errs, bad)
	}
	return errors.Join(errs...)
}
