package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/examples/internal/mailserver"
	"github.com/golemonade/lemonade/examples/internal/notify"
	"github.com/golemonade/lemonade/filter/outband"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// demo holds what runs.
type demo struct {
	server *mailserver.Server
	events notify.Log
	engine *outband.Engine
	phone  *phone
	web    net.Listener
	steps  *steps

	// watch, if set, gets all events and outcomes; Handle waits for it.
	watch func(*msgevent.Event, []*outband.Outcome)

	outcomes []*outband.Outcome // of the event at hand

	mu        sync.Mutex
	connected map[outbandDevice]int // connections of devices
}

// outbandDevice is a device of a user.
type outbandDevice struct{ user, device string }

// phoneName is the device that alice's phone logs in as: alice+phone.
const phoneName = "phone"

// newDemo opens all ports.
func newDemo(f *flags, stdout io.Writer) (*demo, error) {
	d := &demo{steps: &steps{out: stdout}, connected: make(map[outbandDevice]int)}
	var err error
	if d.phone, err = newPhone(f.udp); err != nil {
		return nil, err
	}
	d.web, err = net.Listen("tcp", f.http)
	if err != nil {
		d.phone.close()
		return nil, fmt.Errorf("cannot listen for http on %q: %w", f.http, err)
	}
	d.server, err = mailserver.Listen(&mailserver.Config{
		IMAP:    f.imap,
		LMTP:    f.lmtp,
		Users:   []mailserver.User{{Name: "alice", Password: "alice"}, {Name: "bob", Password: "bob"}},
		Publish: d.events.Append,

		DeviceFromLogin: true,
		Presence:        d.presence,
		Provision: func(annotations.Subject) annotations.Provision {
			return annotations.Provision{Channels: []annotations.Channel{
				{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup},
			}}
		},
	})
	if err != nil {
		d.phone.close()
		d.web.Close()
		return nil, err
	}
	d.engine = &outband.Engine{
		Channels:   map[annotations.Mechanism]outband.Channel{annotations.MechanismUDP: &outband.UDP{}},
		Devices:    d.devicesOf,
		Connected:  d.isConnected,
		MailboxURI: func(e *msgevent.Event) string { return "mailat:" + e.User + "@localhost" },
		Trace:      d.trace,
	}
	return d, nil
}

// serve runs all of it until ctx is done, or something fails.
func (d *demo) serve(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.server.Serve(ctx) })
	g.Go(func() error {
		d.events.Run(ctx, d.handle)
		return nil
	})
	g.Go(func() error { return d.phone.run(ctx, d.woken) })
	web := &http.Server{Handler: d.steps, ReadHeaderTimeout: 10 * time.Second}
	g.Go(func() error {
		if err := web.Serve(d.web); ctx.Err() == nil {
			return fmt.Errorf("http: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		return web.Close()
	})
	return g.Wait()
}

// choosePhone stores what alice's phone would choose, for a demo without a
// story.
func (d *demo) choosePhone() error {
	entries, err := annotations.Preferences{
		Channel: annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup},
		Address: d.phone.addr,
		Filter:  annotations.EventFilterNew,
	}.Encode(annotations.NamingMetadata)
	if err != nil {
		return err
	}
	return d.server.Annotations.Set(annotations.Subject{User: "alice", Device: phoneName}, "INBOX", entries)
}

// devicesOf returns the devices that have chosen something, with what holds
// for the mailbox of the event.
func (d *demo) devicesOf(_ context.Context, e *msgevent.Event) ([]outband.Device, error) {
	mailbox, err := e.Mailbox()
	if err != nil {
		return nil, err
	}
	var devices []outband.Device
	for _, name := range d.server.Annotations.Devices(e.User) {
		// What is wrong with the preferences is a reason of the decision.
		p, _ := d.server.Annotations.Preferences(e.User, name, mailbox.Mailbox, annotations.Preferences{})
		devices = append(devices, outband.Device{Name: name, Preferences: p})
	}
	return devices, nil
}

// presence counts the connections of devices.
func (d *demo) presence(user, device string, connected bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if connected {
		d.connected[outbandDevice{user, device}]++
	} else {
		d.connected[outbandDevice{user, device}]--
	}
}

func (d *demo) isConnected(user, device string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.connected[outbandDevice{user, device}] > 0
}

// handle says what an event is and takes it to the devices.
func (d *demo) handle(ctx context.Context, e *msgevent.Event) {
	if u, err := imapurl.Parse(e.URI); err == nil && u.UID != 0 && e.MessageSize != nil {
		d.say("delivered", "message %d of %d octets in %s's %s by %s", u.UID, *e.MessageSize, e.User, u.Mailbox, e.Service)
	}
	d.say("event", "%s %s by %s%s", e.Type, e.URI, e.User, details(e))
	d.outcomes = nil
	if e.Type.Group() != msgevent.GroupAccess {
		if err := d.engine.Handle(ctx, e); err == nil && d.outcomes == nil {
			d.say("decision", "%s has no device to tell", e.User)
		}
	}
	if d.watch != nil {
		d.watch(e, d.outcomes)
	}
}

// details says what else of an event is worth reading.
func details(e *msgevent.Event) string {
	var b strings.Builder
	if len(e.UIDs) > 0 {
		fmt.Fprintf(&b, ", UID %v", e.UIDs)
	}
	if len(e.Flags) > 0 {
		fmt.Fprintf(&b, ", flags %v", e.Flags)
	}
	if old := e.OldMailboxID; old != "" {
		fmt.Fprintf(&b, ", was %s", old)
	}
	if e.ModSeq != 0 {
		fmt.Fprintf(&b, ", mod-sequence %d", e.ModSeq)
	}
	return b.String()
}

// trace says what was decided and sent.
func (d *demo) trace(o *outband.Outcome) {
	d.outcomes = append(d.outcomes, o)
	verdict := "is not told"
	if o.Decision.Outband {
		verdict = "is told by " + o.Decision.Channel.String()
	}
	d.say("decision", "%s's %s %s: %v (%s)", o.Event.User, o.Device.Name, verdict, o.Decision.Reason, string(o.Decision.Reason))
	switch {
	case o.Err != nil:
		d.say("not sent", "%v", o.Err)
	case o.Notification != nil:
		d.say("sent", "%d octets to %s: %s", len(o.Notification.Payload), o.Notification.Address, o.Notification.Payload)
	}
}

// woken says what the phone got.
func (d *demo) woken(m *message) {
	if m.err != nil {
		d.say("phone", "got %d octets that it cannot read: %v", len(m.octets), m.err)
		return
	}
	d.say("phone", "was woken for %s", m.notification.Mailbox)
}

func (d *demo) say(step, format string, args ...any) {
	d.steps.say(step, fmt.Sprintf(format, args...))
}

// invitation says what there is and what to try.
func (d *demo) invitation() string {
	phone := "alice has a phone on UDP " + d.phone.addr + " that is woken for new mail, bob has none"
	if d.phone.conn == nil {
		phone = "another program has UDP " + d.phone.addr + ": as alice's phone it gets the payloads for new mail; bob has none"
	}
	return phone + `. Try in another terminal:
    swaks --protocol LMTP --server ` + d.server.LMTPAddr() + ` --to alice --header "Subject: hello"
    printf 'Subject: hello\r\n\r\nworld\r\n' >hello.eml && curl -u alice:alice -T hello.eml imap://` + d.server.IMAPAddr() + `/INBOX
    curl -u alice:alice 'imap://` + d.server.IMAPAddr() + `/INBOX;UID=1'
  or point any mail client at IMAP ` + d.server.IMAPAddr() + `, user and password alice. As user alice+phone
  you are the phone: while that is connected, it is not woken. These lines are also at http://` + d.web.Addr().String() + `/.`
}
