package annotations

// Inband says how a client wants to learn of a new message while it is
// connected.
//
// The zero value means that none was chosen; it is not valid. Unlike the other
// words of the schema these are written in lower case, as the draft has them.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Inband string

// The ways.
const (
	InbandPush Inband = "push" // an unsolicited FETCH tells of it
	InbandPull Inband = "pull" // EXISTS does, and the client fetches
)

var inbands = []Inband{InbandPush, InbandPull}

// ParseInband parses, in any case,
//
//	"push.priv" = "push" / "pull"
//
// that is, its right-hand side. The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseInband(s string) (Inband, error) {
	return parseWord(s, inbands)
}

// Validate returns a *[ValueError] unless i is one of the constants.
func (i Inband) Validate() error {
	return validateWord(i, inbands)
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if i
// is not valid.
func (i Inband) AppendText(b []byte) ([]byte, error) {
	return appendWord(b, i, inbands)
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (i Inband) MarshalText() ([]byte, error) {
	return i.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseInband] does. An
// error leaves i unchanged.
func (i *Inband) UnmarshalText(text []byte) error {
	v, err := ParseInband(string(text))
	if err == nil {
		*i = v
	}
	return err
}

// String returns the word, or Inband("...") if i is not valid.
func (i Inband) String() string {
	return wordString(i, inbands, "Inband")
}
