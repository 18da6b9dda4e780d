package annotations

// EventFilter says which events lead to a notification: filter.priv of
// /notify/event.
//
// The zero value means that none was chosen; it is not valid.
//
// draft-ietf-lemonade-notifications-04, section 11.3.
type EventFilter string

// The event filters.
const (
	EventFilterAll  EventFilter = "ALL"  // all events
	EventFilterNew  EventFilter = "NEW"  // new messages
	EventFilterNone EventFilter = "NONE" // no event
)

var eventFilters = []EventFilter{EventFilterAll, EventFilterNew, EventFilterNone}

// ParseEventFilter parses, in any case,
//
//	"filter.priv" = "ALL" / "NEW" / "NONE"
//
// that is, its right-hand side. The error is a *[ValueError].
//
// draft-ietf-lemonade-notifications-04, section 11.3.
func ParseEventFilter(s string) (EventFilter, error) {
	return parseWord(s, eventFilters)
}

// Validate returns a *[ValueError] unless f is one of the constants.
func (f EventFilter) Validate() error {
	return validateWord(f, eventFilters)
}

// AppendText implements [encoding.TextAppender]. It fails with b unchanged if f
// is not valid.
func (f EventFilter) AppendText(b []byte) ([]byte, error) {
	return appendWord(b, f, eventFilters)
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (f EventFilter) MarshalText() ([]byte, error) {
	return f.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseEventFilter] does.
// An error leaves f unchanged.
func (f *EventFilter) UnmarshalText(text []byte) error {
	v, err := ParseEventFilter(string(text))
	if err == nil {
		*f = v
	}
	return err
}

// String returns the word, or EventFilter("...") if f is not valid.
func (f EventFilter) String() string {
	return wordString(f, eventFilters, "EventFilter")
}
