package msgevent

import "fmt"

// ParameterError says why a text is not the JSON form of an event, or why an
// event has none.
type ParameterError struct {
	// Name is the member or parameter; "" if the text as a whole is wrong.
	Name string
	// Expected is what the parameter should hold, or what should stand at
	// Offset.
	Expected string
	// Offset is where in the text the value starts or reading stopped, in
	// octets; -1 from encoding.
	Offset int
}

// Error implements the error interface.
func (e *ParameterError) Error() string {
	switch {
	case e.Offset < 0:
		return fmt.Sprintf("msgevent: parameter %q: expected %s", e.Name, e.Expected)
	case e.Name == "":
		return fmt.Sprintf("msgevent: offset %d: expected %s", e.Offset, e.Expected)
	default:
		return fmt.Sprintf("msgevent: offset %d: member %q: expected %s", e.Offset, e.Name, e.Expected)
	}
}

// Texts that encoding and decoding share.
const (
	wantUTF8      = "valid UTF-8"
	wantUIDs      = `UIDs and ranges of UIDs separated by commas, without "*"`
	wantFlags     = "IMAP flags (RFC 3501, section 9) separated by single spaces"
	wantTimestamp = "a date and time of RFC 3339"
	wantUnique    = "each name once"
	wantFewer     = "at most 256 extensions"
)
