package outband

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/filter"
	"github.com/golemonade/lemonade/msgevent"
)

// DefaultSendTimeout bounds a Send when Engine.SendTimeout is zero.
const DefaultSendTimeout = 10 * time.Second

// Device is a device of a user, with the preferences that hold for it.
type Device struct {
	Name        string // empty for the user's device without a name
	Preferences annotations.Preferences
}

// Engine takes an event through decision, payload and channel for each of the
// user's devices (draft-ietf-lemonade-notifications-04, section 14.5.1). Its
// fields must not change while it is used; it may be used concurrently if the
// functions in it may.
type Engine struct {
	// Channels has the channel for each mechanism that is offered. A device
	// that chose another one is not told.
	Channels map[annotations.Mechanism]Channel

	// Devices returns a user's devices, with their preferences for the
	// mailbox that the event is about.
	Devices func(ctx context.Context, e *msgevent.Event) ([]Device, error)

	// Connected reports whether a device has an IMAP connection. Nil means
	// that none has.
	Connected func(user, device string) bool

	// MailboxURI returns what the payload names as the mailbox of an event:
	// the user's mail as the devices know it, such as
	// "mailat:alice@example.org".
	MailboxURI func(e *msgevent.Event) string

	// AllowExtended reports whether a user wants EXTENDED payloads on
	// mechanisms that others can read, instead of the WAKEUP that they get
	// there. Nil means no.
	AllowExtended func(user string, m annotations.Mechanism) bool

	// SendTimeout bounds one Send. Zero means DefaultSendTimeout.
	SendTimeout time.Duration

	// Trace, if set, gets each outcome as soon as it is known. Handle waits
	// for it.
	Trace func(*Outcome)
}

// Outcome is what became of one event for one device.
type Outcome struct {
	Event    *msgevent.Event
	Device   Device
	Decision filter.Decision

	// Notification is what was sent, or could not be; nil if nothing was to
	// be sent, or no payload could be made.
	Notification *Notification
	Receipt      Receipt
	// Err is why nothing was sent though Decision.Outband is set.
	Err error
}

// Handle takes an event to all devices of its user and returns when each was
// told or could not be; an error of one does not keep the others from being
// told. The error is that of Devices, or the outcomes' errors joined.
func (e *Engine) Handle(ctx context.Context, ev *msgevent.Event) error {
	devices, err := e.Devices(ctx, ev)
	if err != nil {
		return fmt.Errorf("outband: devices of %q: %w", ev.User, err)
	}
	var errs []error
	for _, d := range devices {
		o := e.tell(ctx, ev, d)
		if e.Trace != nil {
			e.Trace(o)
		}
		if o.Err != nil {
			errs = append(errs, fmt.Errorf("outband: device %q of %q: %w", d.Name, ev.User, o.Err))
		}
	}
	return errors.Join(errs...)
}

// tell takes an event to one device.
func (e *Engine) tell(ctx context.Context, ev *msgevent.Event, d Device) *Outcome {
	state := filter.State{Connected: e.Connected != nil && e.Connected(ev.User, d.Name)}
	o := &Outcome{Event: ev, Device: d, Decision: filter.Decide(ev, d.Preferences, state)}
	if !o.Decision.Outband {
		return o
	}
	by := o.Decision.Channel
	channel := e.Channels[by.Mechanism]
	if channel == nil {
		o.Err = &Error{Kind: KindAddress, Err: fmt.Errorf("no channel for %v", by.Mechanism)}
		return o
	}
	if by.Format == annotations.FormatExtended && !confidential(by.Mechanism) &&
		(e.AllowExtended == nil || !e.AllowExtended(ev.User, by.Mechanism)) {
		by.Format = annotations.FormatWakeup
	}
	mediaType, b, err := payload(ev, by, e.MailboxURI(ev))
	if err != nil {
		o.Err = &Error{Kind: KindRequest, Err: err}
		return o
	}
	o.Notification = &Notification{
		User: ev.User, Device: d.Name,
		Channel: by, Address: o.Decision.Address,
		MediaType: mediaType, Payload: b,
		Event: ev,
	}
	timeout := e.SendTimeout
	if timeout == 0 {
		timeout = DefaultSendTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o.Receipt, o.Err = channel.Send(ctx, o.Notification)
	return o
}
