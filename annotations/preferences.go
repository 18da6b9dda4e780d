package annotations

import (
	"errors"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Preferences is what a user chose for a mailbox and a device: as it is stored,
// or with inherited values filled in by [Effective].
//
// The zero value means that nothing was chosen.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Preferences struct {
	Channel   Channel     // zero if not chosen
	Address   string      // where Channel leads to; required unless that is zero or NONE
	Filter    EventFilter // empty if not chosen
	Limit     string      // as it was written, see [ParseLimit]; empty if not chosen
	Push      Inband      // empty if not chosen
	MsgFormat string      // what an unsolicited FETCH has, not parsed here; empty if not chosen
}

// MaxMsgFormat is the greatest length of Preferences.MsgFormat, in octets. It
// becomes part of a command line, and has room for dozens of attributes.
const MaxMsgFormat = 1024

// The fields of Preferences, as errors name them.
const (
	fieldChannel   = "Channel"
	fieldAddress   = "Address"
	fieldFilter    = "Filter"
	fieldLimit     = "Limit"
	fieldPush      = "Push"
	fieldMsgFormat = "MsgFormat"
)

// Validate returns nil if a decision can rest on p, else a *[ValueError] for
// each wrong field, joined if there are several.
//
// What was not chosen is not wrong, but a channel other than NONE needs an
// address that [ValidateAddress] accepts. Without such a channel the address is
// kept for later, and only checked to be text without control characters.
// MsgFormat is only checked to be printable US-ASCII of [MaxMsgFormat] octets or
// fewer: what a fetch-att may be is not this package's business.
func (p Preferences) Validate() error {
	return p.validate(true)
}

// validate does what Validate says; unless complete is set the address may come
// from elsewhere.
func (p *Preferences) validate(complete bool) error {
	var errs []error
	check := func(err error, field string) {
		if err != nil {
			errs = append(errs, inField(err, field))
		}
	}
	mechanism := MechanismNone
	if p.Channel != (Channel{}) {
		check(p.Channel.Validate(), fieldChannel)
		if p.Channel.Mechanism.Validate() == nil {
			mechanism = p.Channel.Mechanism
		}
	}
	if complete || p.Address != "" {
		check(ValidateAddress(mechanism, p.Address), fieldAddress)
	}
	if p.Filter != "" {
		check(p.Filter.Validate(), fieldFilter)
	}
	if p.Limit != "" {
		_, err := ParseLimit(p.Limit)
		check(err, fieldLimit)
	}
	if p.Push != "" {
		check(p.Push.Validate(), fieldPush)
	}
	if p.MsgFormat != "" {
		check(validateMsgFormat(p.MsgFormat), fieldMsgFormat)
	}
	return errors.Join(errs...)
}

// inField notes in err the field that it is about.
func inField(err error, field string) error {
	var e *ValueError
	if errors.As(err, &e) {
		e.Field = field
	}
	return err
}

func validateMsgFormat(s string) error {
	if s == "" {
		return &ValueError{Want: "fetch-att", Section: section113}
	}
	if len(s) > MaxMsgFormat {
		return &ValueError{Value: s, Offset: MaxMsgFormat, Want: "at most 1024 octets", Section: section113}
	}
	for i := range len(s) {
		if !imapsyntax.Is(s[i], imapsyntax.ClassChar) || imapsyntax.Is(s[i], imapsyntax.ClassCTL) {
			return &ValueError{Value: s, Offset: i, Want: "printable US-ASCII", Section: section113}
		}
	}
	return nil
}

// Effective returns the preferences that hold for a mailbox, from those chosen
// for it, those chosen for INBOX, and those that the operator provisioned for
// the device. For INBOX itself the first two are the same.
//
// Everything but the channel comes from the first of the three that chose it. A
// channel chosen for INBOX makes no other mailbox send, so that is left out for
// the channel; if no one chose one, it is NONE.
//
// The result need not be valid: a channel may have got the address of another
// mechanism, or none.
func Effective(mailbox, inbox, provisioned Preferences) Preferences {
	p := mailbox
	for _, from := range []Preferences{inbox, provisioned} {
		p.Address = firstOf(p.Address, from.Address)
		p.Filter = firstOf(p.Filter, from.Filter)
		p.Limit = firstOf(p.Limit, from.Limit)
		p.Push = firstOf(p.Push, from.Push)
		p.MsgFormat = firstOf(p.MsgFormat, from.MsgFormat)
	}
	p.Channel = firstOf(p.Channel, provisioned.Channel)
	p.Channel = firstOf(p.Channel, Channel{Mechanism: MechanismNone})
	return p
}

// firstOf returns a unless it is zero, else b.
func firstOf[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}
