package annotations

import "strconv"

// maxErrorValue limits how many octets of a value an error message shows. The
// value came from a client and may be of any length.
const maxErrorValue = 64

// ValueError reports a value that its syntax does not allow.
type ValueError struct {
	// Field is "Channel", "Address" or "Filter" in the errors of
	// [Preferences.Validate], else empty.
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
	field, value := "", e.Value
	if e.Field != "" {
		field = e.Field + ": "
	}
	if len(value) > maxErrorValue {
		value = value[:maxErrorValue] + "..."
	}
	return "annotations: " + field + "expected " + e.Want + " at octet " + strconv.Itoa(e.Offset) +
		" of " + strconv.Quote(value) + " (" + e.Section + ")"
}

// section113 defines the preference entries.
const section113 = "draft-ietf-lemonade-notifications-04, section 11.3"
