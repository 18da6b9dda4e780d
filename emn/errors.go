package emn

import "fmt"

// SyntaxError reports where and why a document was refused.
type SyntaxError struct {
	Offset  int    // octets from the start of the document, 0-based
	Want    string // what was expected there
	Section string // the specification that expects it; empty for a limit
}

// Error implements error.
func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("emn: offset %d: want %s", e.Offset, e.Want)
	if e.Section != "" {
		s += " (" + e.Section + ")"
	}
	return s
}

// ValueError reports a value that has no encoded form.
type ValueError struct {
	Field  string // of Notification or Extended, or "Notification" for all of it
	Reason string
}

// Error implements error.
func (e *ValueError) Error() string {
	return "emn: " + e.Field + ": " + e.Reason
}

// Issue is something a strict reader refuses and the lenient mode let pass.
type Issue struct {
	// Err is what strict mode would have returned.
	Err *SyntaxError
	// Attribute names the attribute concerned; empty if there is none.
	Attribute string
	// Value is the raw value of Attribute, its references expanded. If it could
	// not be read, this is the only place that keeps it.
	Value string
}

// String returns a line for logs.
func (i Issue) String() string {
	if i.Attribute == "" {
		return i.Err.Error()
	}
	return fmt.Sprintf("%v: %s=%q", i.Err, i.Attribute, i.Value)
}
