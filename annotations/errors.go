package annotations

import "strconv"

// maxErrorValue limits how many octets of a value an error message shows. The
// value came from a client and may be of any length.
const maxErrorValue = 64

// ValueError reports a value that its syntax does not allow.
type ValueError struct {
	// Entry is the name of the entry that has the value, as it was given, in
	// errors about entries, else empty.
	Entry string
	// Field is the field of [Preferences] or [Provision], in errors about
	// them, else empty.
	Field string
	// Value is the value, whole and as it was given.
	Value string
	// Offset is in Value, in octets, 0-based.
	Offset int
	// Want is what was expected there.
	Want string
	// Section is where Want is defined, such as "RFC 3261, section 25.1".
	Section string
}

// Error returns one line with the value, quoted and cut to 64 octets.
func (e *ValueError) Error() string {
	about := ""
	switch {
	case e.Entry != "":
		about = quote(e.Entry) + ": "
	case e.Field != "":
		about = e.Field + ": "
	}
	return "annotations: " + about + "expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) +
		" of " + quote(e.Value) + " (" + e.Section + ")"
}

// section113 defines the preference entries.
const section113 = "draft-ietf-lemonade-notifications-04, section 11.3"
