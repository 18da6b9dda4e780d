package annotations

import "errors"

// Preferences is what a user chose for a mailbox and a device, once inherited
// values have been filled in.
//
// The zero value means that nothing was chosen.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Preferences struct {
	Channel Channel     // zero if not chosen
	Address string      // where Channel leads to; required unless that is zero or NONE
	Filter  EventFilter // empty if not chosen
}

// Validate returns nil if a decision can rest on p, else a *[ValueError] for
// each wrong field, joined if there are several.
//
// What was not chosen is not wrong, but a channel other than NONE needs an
// address that [ValidateAddress] accepts. Without such a channel the address is
// kept for later, and only checked to be text without control characters.
func (p Preferences) Validate() error {
	var errs []error
	mechanism := MechanismNone
	if p.Channel != (Channel{}) {
		if err := p.Channel.Validate(); err != nil {
			errs = append(errs, inField(err, "Channel"))
		}
		if p.Channel.Mechanism.Validate() == nil {
			mechanism = p.Channel.Mechanism
		}
	}
	if err := ValidateAddress(mechanism, p.Address); err != nil {
		errs = append(errs, inField(err, "Address"))
	}
	if p.Filter != "" {
		if err := p.Filter.Validate(); err != nil {
			errs = append(errs, inField(err, "Filter"))
		}
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
