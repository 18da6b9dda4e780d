package annotations

import "errors"

// DecodePreferences reads the preferences among the entries of a mailbox, named
// as in [NamingMetadata] or [NamingVendor] in any case. Other entries are
// ignored, and a nil value means that nothing was chosen; if an item comes more
// than once, the last one counts.
//
// The error has a *[ValueError] with Entry for each bad value, joined. What it
// names is not chosen in the result; the rest was read. An address that the
// channel among the entries cannot have is a bad value; without a channel, only
// its form as text is checked.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func DecodePreferences(entries []EntryValue) (Preferences, error) {
	var (
		p       Preferences
		errs    []error
		address string // the name of the entry
	)
	for _, e := range entries {
		item, _, ok := ItemOf(Entry(e.Name))
		if !ok || !item.IsPreference() {
			continue
		}
		if item == ItemAddress {
			address = e.Name
		}
		if err := p.set(item, e.Value); err != nil {
			errs = append(errs, ofEntry(err, item, e.Name))
		}
	}
	if p.Address != "" && p.Channel != (Channel{}) {
		if err := ValidateAddress(p.Channel.Mechanism, p.Address); err != nil {
			p.Address = ""
			errs = append(errs, ofEntry(err, ItemAddress, address))
		}
	}
	return p, errors.Join(errs...)
}

// set sets an item from its value on the wire, or to zero if that is nil or
// bad.
func (p *Preferences) set(item Item, value []byte) (err error) {
	switch item {
	case ItemChannel:
		p.Channel, err = parsed(value, ParseChannel)
	case ItemAddress:
		p.Address, err = parsed(value, parseSomeAddress)
	case ItemLimit:
		p.Limit, err = parsed(value, parseLimitText)
	case ItemMsgFormat:
		p.MsgFormat, err = parsed(value, parseMsgFormat)
	case ItemPush:
		p.Push, err = parsed(value, ParseInband)
	case ItemFilter:
		p.Filter, err = parsed(value, ParseEventFilter)
	}
	return err
}

// parsed returns what a value is, the zero T if it is nil or bad.
func parsed[T any](value []byte, parse func(string) (T, error)) (v T, err error) {
	if value == nil {
		return v, nil
	}
	return parse(string(value))
}

// parseSomeAddress checks an address of a mechanism that is not known yet.
func parseSomeAddress(s string) (string, error) {
	if s == "" {
		return "", &ValueError{Want: "address", Section: section113}
	}
	if err := ValidateAddress(MechanismNone, s); err != nil {
		return "", err
	}
	return s, nil
}

func parseLimitText(s string) (string, error) {
	if _, err := ParseLimit(s); err != nil {
		return "", err
	}
	return s, nil
}

func parseMsgFormat(s string) (string, error) {
	if err := validateMsgFormat(s); err != nil {
		return "", err
	}
	return s, nil
}

// ofEntry notes in err the item and entry that it is about.
func ofEntry(err error, item Item, name string) error {
	err = inField(err, items[item].field)
	var e *ValueError
	if errors.As(err, &e) {
		e.Entry = name
	}
	return err
}

// Encode returns the entries of p, all six in a fixed order, those not chosen
// with a nil value: what SETMETADATA has to carry so that p and nothing else is
// stored. The error has a *[ValueError] for each wrong field, joined; with a
// channel and an address, the one must fit the other, but either may also come
// alone. Only [NamingMetadata] and [NamingVendor] have entries that a command
// can carry; any other n is an error.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func (p Preferences) Encode(n Naming) ([]EntryValue, error) {
	if err := p.validate(false); err != nil {
		return nil, err
	}
	var entries []EntryValue
	for i := ItemChannel; i <= ItemFilter; i++ {
		name, err := i.carried(n)
		if err != nil {
			return nil, err
		}
		entries = append(entries, EntryValue{Name: name, Value: p.value(i)})
	}
	return entries, nil
}

// value returns an item as it is written, or nil if it was not chosen.
func (p *Preferences) value(item Item) []byte {
	var s string
	switch item {
	case ItemChannel:
		if p.Channel != (Channel{}) {
			s = p.Channel.String()
		}
	case ItemAddress:
		s = p.Address
	case ItemLimit:
		s = p.Limit
	case ItemMsgFormat:
		s = p.MsgFormat
	case ItemPush:
		s = string(p.Push)
	case ItemFilter:
		s = string(p.Filter)
	}
	if s == "" {
		return nil
	}
	return []byte(s)
}

// carried returns the name of i in a naming that commands can carry.
func (i Item) carried(n Naming) (string, error) {
	entry, attribute, ok := i.Name(n)
	if !ok || attribute != "" {
		return "", &ValueError{Value: n.String(), Want: "metadata or vendor naming", Section: section5464}
	}
	return entry, nil
}
