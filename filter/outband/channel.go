package outband

import (
	"context"
	"fmt"
	"time"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/msgevent"
)

// Notification is a payload on its way to a device, with the information that
// the channel needs beside it (draft-ietf-lemonade-notifications-04, sections
// 14.5.1 and 14.6).
type Notification struct {
	User    string              // whose mailbox it is about
	Device  string              // who is told
	Channel annotations.Channel // how, and how much is said
	Address string              // where, in the form that the channel's mechanism has

	MediaType string // of Payload, for mechanisms that carry one
	Payload   []byte

	Event *msgevent.Event // what it is about; must not be changed
}

// Receipt is a channel's answer to a notification that it took.
type Receipt struct {
	// Acknowledged is whether the device itself confirmed it. Otherwise the
	// next hop has it, and nothing more is known.
	Acknowledged bool
}

// Channel sends notifications by one mechanism. Its methods may be called
// concurrently.
type Channel interface {
	// Send returns when the next hop has taken the notification, or an error
	// that is or wraps an *Error; any other error counts as temporary.
	Send(ctx context.Context, n *Notification) (Receipt, error)
}

// ErrorKind says what is to become of a notification that could not be sent.
type ErrorKind int

// The kinds of errors (draft-ietf-lemonade-notifications-04, section 14.5.3).
const (
	KindTemporary ErrorKind = iota // try again later
	KindRequest                    // this notification can never be sent
	KindAddress                    // nothing can be sent to this address
)

// String returns "temporary", "request", "address" or "ErrorKind(n)".
func (k ErrorKind) String() string {
	switch k {
	case KindTemporary:
		return "temporary"
	case KindRequest:
		return "request"
	case KindAddress:
		return "address"
	}
	return fmt.Sprintf("ErrorKind(%d)", int(k))
}

// Error is a channel's error.
type Error struct {
	Kind       ErrorKind
	RetryAfter time.Duration // for KindTemporary, how long to wait at least; zero if not known
	Err        error
}

// Error returns the kind and the error within.
func (e *Error) Error() string { return fmt.Sprintf("outband: %v error: %v", e.Kind, e.Err) }

// Unwrap returns the error within.
func (e *Error) Unwrap() error { return e.Err }
