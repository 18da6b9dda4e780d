package annotations

// Mechanism is a way to reach a device outside of IMAP.
//
// The zero value means that none was chosen; it is not valid.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Mechanism string

// The mechanisms.
const (
	MechanismNone Mechanism = "NONE" // no notification outside of IMAP
	MechanismSMS  Mechanism = "SMS"  // short message
	MechanismMMS  Mechanism = "MMS"  // multimedia message
	MechanismSIP  Mechanism = "SIP"  // SIP MESSAGE
	MechanismXMPP Mechanism = "XMPP" // XMPP message stanza
	MechanismUDP  Mechanism = "UDP"  // datagram
)

var mechanisms = []Mechanism{
	MechanismNone, MechanismSMS, MechanismMMS, MechanismSIP, MechanismXMPP, MechanismUDP,
}

// ParseMechanism parses, in any case,
//
//	"NONE" / "SMS" / "MMS" / "SIP" / "XMPP" / "UDP"
//
// which are the words of channel.priv. The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseMechanism(s string) (Mechanism, error) {
	return parseWord(s, mechanisms)
}

// Validate returns a *[ValueError] unless m is one of the constants.
func (m Mechanism) Validate() error {
	return validateWord(m, mechanisms)
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if m
// is not valid.
func (m Mechanism) AppendText(b []byte) ([]byte, error) {
	return appendWord(b, m, mechanisms)
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (m Mechanism) MarshalText() ([]byte, error) {
	return m.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseMechanism] does.
// An error leaves m unchanged.
func (m *Mechanism) UnmarshalText(text []byte) error {
	v, err := ParseMechanism(string(text))
	if err == nil {
		*m = v
	}
	return err
}

// String returns the word, or Mechanism("...") if m is not valid.
func (m Mechanism) String() string {
	return wordString(m, mechanisms, "Mechanism")
}
