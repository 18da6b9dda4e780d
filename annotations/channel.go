package annotations

import (
	"errors"
	"strconv"
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// Channel is the mechanism chosen, with the format of what it carries:
// channel.priv of /notify/outband, as a preference.
//
// The zero value means that nothing was chosen, and has no written form.
// Channel{Mechanism: MechanismNone} is the choice of no notification.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Channel struct {
	Mechanism Mechanism
	Format    Format // empty with MechanismNone, else required
}

// ParseChannel parses, in any case,
//
//	"channel.priv" = "NONE" / "SMS=" format / "MMS=" format /
//	"SIP=" format / "XMPP=" format / "UDP=" format
//	format = "WAKEUP" / "EXTENDED"
//
// that is, the right-hand side of the first. The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseChannel(s string) (Channel, error) {
	if imapsyntax.EqualFold(s, string(MechanismNone)) {
		return Channel{Mechanism: MechanismNone}, nil
	}
	word, rest, found := strings.Cut(s, "=")
	m, err := ParseMechanism(word)
	switch {
	case err != nil:
		return Channel{}, within(err, s, 0)
	case m == MechanismNone:
		return Channel{}, &ValueError{Value: s, Offset: len(word), Want: `nothing after "NONE"`, Section: section113}
	case !found:
		return Channel{}, &ValueError{Value: s, Offset: len(s), Want: `"="`, Section: section113}
	}
	f, err := ParseFormat(rest)
	if err != nil {
		return Channel{}, within(err, s, len(word)+1)
	}
	return Channel{Mechanism: m, Format: f}, nil
}

// within makes err, about a part of value that starts at offset, one about
// value.
func within(err error, value string, offset int) error {
	var e *ValueError
	if errors.As(err, &e) {
		e.Value = value
		e.Offset += offset
	}
	return err
}

// Validate returns a *[ValueError] unless c has a written form. Its Value is
// that of the wrong field.
func (c Channel) Validate() error {
	if err := c.Mechanism.Validate(); err != nil {
		return err
	}
	if c.Mechanism == MechanismNone {
		if c.Format != "" {
			return &ValueError{Value: string(c.Format), Want: `no format with "NONE"`, Section: section113}
		}
		return nil
	}
	return c.Format.Validate()
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if c
// is not valid.
func (c Channel) AppendText(b []byte) ([]byte, error) {
	if err := c.Validate(); err != nil {
		return b, err
	}
	b = append(b, c.Mechanism...)
	if c.Mechanism == MechanismNone {
		return b, nil
	}
	return append(append(b, '='), c.Format...), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (c Channel) MarshalText() ([]byte, error) {
	return c.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseChannel] does.
// An error leaves c unchanged.
func (c *Channel) UnmarshalText(text []byte) error {
	v, err := ParseChannel(string(text))
	if err == nil {
		*c = v
	}
	return err
}

// String returns the written form, or Channel("..." "...") with the two fields
// if c is not valid.
func (c Channel) String() string {
	b, err := c.AppendText(nil)
	if err != nil {
		return "Channel(" + strconv.Quote(string(c.Mechanism)) + " " + strconv.Quote(string(c.Format)) + ")"
	}
	return string(b)
}
