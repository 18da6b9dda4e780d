package filter

import "strconv"

// Class says how far an event gets on its way to a device
// (draft-ietf-lemonade-notifications-04, section 3, where they are types A, B
// and C). The zero value is no class.
type Class int

// The classes, from least to most.
const (
	ClassHidden   Class = iota + 1 // A: filtered out; the device never sees the message
	ClassVisible                   // B: there to be seen, and told inband only
	ClassNotified                  // C: told, outband when the device is not connected
)

// String returns "A", "B", "C" or "Class(n)".
func (c Class) String() string {
	switch c {
	case ClassHidden:
		return "A"
	case ClassVisible:
		return "B"
	case ClassNotified:
		return "C"
	}
	return "Class(" + strconv.Itoa(int(c)) + ")"
}
