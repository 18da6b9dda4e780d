package annotations

// Format says how much a notification tells.
//
// The zero value means that none was chosen; it is not valid.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type Format string

// The formats.
const (
	FormatWakeup   Format = "WAKEUP"   // that there is something: emn
	FormatExtended Format = "EXTENDED" // what it is, too: xemn
)

var formats = []Format{FormatWakeup, FormatExtended}

// ParseFormat parses, in any case,
//
//	format = "WAKEUP" / "EXTENDED"
//
// The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseFormat(s string) (Format, error) {
	return parseWord(s, formats)
}

// Validate returns a *[ValueError] unless f is one of the constants.
func (f Format) Validate() error {
	return validateWord(f, formats)
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if f
// is not valid.
func (f Format) AppendText(b []byte) ([]byte, error) {
	return appendWord(b, f, formats)
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (f Format) MarshalText() ([]byte, error) {
	return f.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseFormat] does.
// An error leaves f unchanged.
func (f *Format) UnmarshalText(text []byte) error {
	v, err := ParseFormat(string(text))
	if err == nil {
		*f = v
	}
	return err
}

// String returns the word, or Format("...") if f is not valid.
func (f Format) String() string {
	return wordString(f, formats, "Format")
}
