package annotations

import (
	"errors"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// section112 defines the provision entries.
const section112 = "draft-ietf-lemonade-notifications-04, section 11.2"

// Provision is what a server offers to a device: entries of the server, which
// clients only read.
//
// The zero value offers nothing.
//
// draft-ietf-lemonade-notifications-04, section 11.2.
type Provision struct {
	// Channels has the channels that the device may choose from, each mechanism
	// once. NONE need not be among them: it is always offered. Nil means that
	// there is no entry.
	Channels []Channel
	// Credential is the address or identity that notifications come from; empty
	// means that there is no entry.
	Credential string
	// Push has the names of the events that can be pushed inband, which are
	// atoms; nil means that there is no entry.
	Push []string
}

// ParseChannels parses, in any case, the list of channels that a server offers:
//
//	"channel.priv" = "NONE" *(SP ("SMS" / "MMS" / "SIP" / "XMPP" / "UDP") = format)
//	format         = "WAKEUP" / "EXTENDED"
//
// that is, the right-hand side of the first, and NONE anywhere or nowhere: the
// draft's own example has it last. A mechanism that comes twice is refused. The
// result has NONE only if the list does. The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.2.
func ParseChannels(s string) ([]Channel, error) {
	var channels []Channel
	at := 0
	for word := range strings.SplitSeq(s, " ") {
		c, err := ParseChannel(word)
		if err != nil {
			return nil, within(err, s, at)
		}
		if offers(channels, c.Mechanism) {
			return nil, &ValueError{Value: s, Offset: at, Want: "another mechanism", Section: section112}
		}
		channels = append(channels, c)
		at += len(word) + 1
	}
	return channels, nil
}

// AppendChannels appends the list of channels that a server offers to b, NONE
// first whether it is among them or not. The error is a *[ValueError], with b
// unchanged.
//
// draft-ietf-lemonade-notifications-04, section 11.2.
func AppendChannels(b []byte, channels []Channel) ([]byte, error) {
	out := append(b, MechanismNone...)
	for i, c := range channels {
		if offers(channels[:i], c.Mechanism) {
			return b, &ValueError{Value: string(c.Mechanism), Want: "another mechanism", Section: section112}
		}
		if c == (Channel{Mechanism: MechanismNone}) {
			continue
		}
		var err error
		if out, err = c.AppendText(append(out, ' ')); err != nil {
			return b, err
		}
	}
	return out, nil
}

// offers reports whether m is the mechanism of one of channels.
func offers(channels []Channel, m Mechanism) bool {
	for _, c := range channels {
		if c.Mechanism == m {
			return true
		}
	}
	return false
}

// DecodeProvision reads what a server offers from its entries, as
// [DecodePreferences] reads preferences from those of a mailbox.
//
// draft-ietf-lemonade-notifications-04, section 11.2.
func DecodeProvision(entries []EntryValue) (Provision, error) {
	var (
		p    Provision
		errs []error
	)
	for _, e := range entries {
		item, _, ok := ItemOf(Entry(e.Name))
		if !ok || !item.IsProvision() {
			continue
		}
		field, err := p.set(item, e.Value)
		var bad *ValueError
		if errors.As(err, &bad) {
			bad.Entry, bad.Field = e.Name, field
			errs = append(errs, bad)
		}
	}
	return p, errors.Join(errs...)
}

// set sets an item from its value on the wire, or to zero if that is nil or
// bad, and returns the field that it is in.
func (p *Provision) set(item Item, value []byte) (field string, err error) {
	switch item {
	case ItemChannel:
		field = "Channels"
		p.Channels, err = parsed(value, ParseChannels)
	case ItemCredential:
		field = "Credential"
		p.Credential, err = parsed(value, parseCredential)
	case ItemPushEvents:
		field = "Push"
		p.Push, err = parsed(value, parsePushEvents)
	}
	return field, err
}

func parseCredential(s string) (string, error) {
	if s == "" {
		return "", &ValueError{Want: "address or identity", Section: section112}
	}
	if err := ValidateAddress(MechanismNone, s); err != nil {
		return "", err
	}
	return s, nil
}

// parsePushEvents parses
//
//	"push.shared" = event-list ;a space separated list of push event names
//	                supported for in-band push.
//
// The draft defines no event-list; the names of events are atoms elsewhere
// (RFC 5465, section 8). The empty list is empty, not nil.
func parsePushEvents(s string) ([]string, error) {
	events := []string{}
	if s == "" {
		return events, nil
	}
	at := 0
	for event := range strings.SplitSeq(s, " ") {
		if _, err := imapsyntax.AppendAtom(nil, event); err != nil {
			return nil, &ValueError{Value: s, Offset: at, Want: "atom", Section: section112}
		}
		events = append(events, event)
		at += len(event) + 1
	}
	return events, nil
}

// Encode returns the entries of p, those that there are, in a fixed order. The
// error has a *[ValueError] for each wrong field, joined. It is an error if n is
// not [NamingMetadata] or [NamingVendor].
//
// draft-ietf-lemonade-notifications-04, section 11.2.
func (p Provision) Encode(n Naming) ([]EntryValue, error) {
	var (
		entries []EntryValue
		errs    []error
	)
	add := func(item Item, field string, value []byte, err error) {
		if err != nil {
			errs = append(errs, inField(err, field))
			return
		}
		name, err := item.carried(n)
		if err != nil {
			errs = append(errs, err)
		}
		entries = append(entries, EntryValue{Name: name, Value: value})
	}
	if p.Channels != nil {
		value, err := AppendChannels(nil, p.Channels)
		add(ItemChannel, "Channels", value, err)
	}
	if p.Credential != "" {
		value, err := parseCredential(p.Credential)
		add(ItemCredential, "Credential", []byte(value), err)
	}
	if p.Push != nil {
		value := []byte(strings.Join(p.Push, " "))
		events, err := parsePushEvents(string(value))
		if err == nil && len(events) != len(p.Push) {
			err = &ValueError{Value: string(value), Want: "atom", Section: section112}
		}
		add(ItemPushEvents, "Push", value, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return entries, nil
}
