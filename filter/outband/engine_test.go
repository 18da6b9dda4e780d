package outband_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/emn"
	"github.com/golemonade/lemonade/filter"
	"github.com/golemonade/lemonade/filter/outband"
	"github.com/golemonade/lemonade/msgevent"
)

var (
	wakeup   = annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup}
	extended = annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatExtended}
)

// channel is a Channel that keeps what it got.
type channel struct {
	sent []*outband.Notification
	err  error
}

// Send implements outband.Channel.
func (c *channel) Send(_ context.Context, n *outband.Notification) (outband.Receipt, error) {
	c.sent = append(c.sent, n)
	return outband.Receipt{}, c.err
}

func event() *msgevent.Event {
	return &msgevent.Event{
		Type:      msgevent.TypeMessageNew,
		URI:       "imap://alice@example.org/Entw%C3%BCrfe;UIDVALIDITY=7/;UID=3141",
		User:      "alice",
		Timestamp: time.Date(2004, 2, 20, 7, 40, 0, 0, time.FixedZone("", 3600)),
	}
}

func engine(c outband.Channel, devices ...outband.Device) (*outband.Engine, *[]*outband.Outcome) {
	var outcomes []*outband.Outcome
	return &outband.Engine{
		Channels:   map[annotations.Mechanism]outband.Channel{annotations.MechanismUDP: c},
		Devices:    func(context.Context, *msgevent.Event) ([]outband.Device, error) { return devices, nil },
		MailboxURI: func(e *msgevent.Event) string { return "mailat:" + e.User + "@foo.com" },
		Trace:      func(o *outband.Outcome) { outcomes = append(outcomes, o) },
	}, &outcomes
}

func device(name string, c annotations.Channel, address string) outband.Device {
	return outband.Device{Name: name, Preferences: annotations.Preferences{Channel: c, Address: address}}
}

func TestHandle(t *testing.T) {
	var c channel
	e, outcomes := engine(&c, device("phone", wakeup, "127.0.0.1:1"), device("tablet", annotations.Channel{}, ""), device("watch", wakeup, "127.0.0.1:2"))
	e.Connected = func(user, device string) bool { return user == "alice" && device == "watch" }
	ev := event()
	require.NoError(t, e.Handle(t.Context(), ev))

	require.Len(t, c.sent, 1)
	n := c.sent[0]
	require.Equal(t, "alice", n.User)
	require.Equal(t, "phone", n.Device)
	require.Equal(t, wakeup, n.Channel)
	require.Equal(t, "127.0.0.1:1", n.Address)
	require.Equal(t, "text/vnd.wap.emn+xml", n.MediaType)
	require.Same(t, ev, n.Event)
	// draft-ietf-lemonade-notifications-04, section 9.1, in canonical form.
	require.Equal(t, `<emn mailbox="mailat:alice@foo.com" timestamp="2004-02-20T06:40:00Z"/>`, string(n.Payload))

	require.Len(t, *outcomes, 3)
	require.Equal(t, n, (*outcomes)[0].Notification)
	require.Equal(t, filter.ReasonChannelNone, (*outcomes)[1].Decision.Reason)
	require.Equal(t, filter.ReasonConnected, (*outcomes)[2].Decision.Reason)
}

// EXTENDED says more only where nobody else can read it, or the user agreed
// (draft-ietf-lemonade-notifications-04, sections 9.1 and 15).
func TestExtended(t *testing.T) {
	var c channel
	e, _ := engine(&c, device("phone", extended, "127.0.0.1:1"))
	require.NoError(t, e.Handle(t.Context(), event()))
	require.Equal(t, wakeup, c.sent[0].Channel)
	require.True(t, strings.HasPrefix(string(c.sent[0].Payload), "<emn "))

	e.AllowExtended = func(user string, m annotations.Mechanism) bool {
		return user == "alice" && m == annotations.MechanismUDP
	}
	require.NoError(t, e.Handle(t.Context(), event()))
	require.Equal(t, extended, c.sent[1].Channel)
	var n emn.Notification
	require.NoError(t, emn.Unmarshal(c.sent[1].Payload, &n, nil))
	require.Equal(t, &emn.Extended{Event: "MessageNew", View: "Entwürfe", UID: 3141}, n.Extended)

	sip := annotations.Channel{Mechanism: annotations.MechanismSIP, Format: annotations.FormatExtended}
	e, _ = engine(nil, device("phone", sip, "sip:alice@example.org"))
	e.Channels[annotations.MechanismSIP] = &c
	require.NoError(t, e.Handle(t.Context(), event()))
	require.Equal(t, sip, c.sent[2].Channel)
	require.Equal(t, "text/xml", c.sent[2].MediaType)

	sip.Format = annotations.FormatWakeup
	e, _ = engine(nil, device("phone", sip, "sip:alice@example.org"))
	e.Channels[annotations.MechanismSIP] = &c
	require.NoError(t, e.Handle(t.Context(), event()))
	require.True(t, strings.HasPrefix(string(c.sent[3].Payload), "<!DOCTYPE emn PUBLIC"))
}

// What goes wrong for one device is said, and keeps no other from being told.
func TestHandleErrors(t *testing.T) {
	c := channel{err: &outband.Error{Kind: outband.KindTemporary, Err: errors.New("no route")}}
	sms := annotations.Channel{Mechanism: annotations.MechanismSMS, Format: annotations.FormatWakeup}
	e, outcomes := engine(&c, device("old", sms, "+4930123456"), device("phone", wakeup, "127.0.0.1:1"), device("watch", wakeup, "127.0.0.1:2"))
	err := e.Handle(t.Context(), event())
	require.Len(t, c.sent, 2)
	require.ErrorContains(t, err, `device "old" of "alice": outband: address error: no channel for SMS`)
	require.ErrorContains(t, err, `device "phone" of "alice": outband: temporary error: no route`)
	require.Len(t, *outcomes, 3)
	require.Error(t, (*outcomes)[2].Err)

	var kind *outband.Error
	e, outcomes = engine(&c, device("phone", wakeup, "127.0.0.1:1"))
	e.MailboxURI = func(*msgevent.Event) string { return "" }
	require.Error(t, e.Handle(t.Context(), event()))
	require.ErrorAs(t, (*outcomes)[0].Err, &kind)
	require.Equal(t, outband.KindRequest, kind.Kind)
	require.Nil(t, (*outcomes)[0].Notification)

	broken := errors.New("the database is away")
	e.Devices = func(context.Context, *msgevent.Event) ([]outband.Device, error) { return nil, broken }
	require.ErrorIs(t, e.Handle(t.Context(), event()), broken)
}

// stuck is a channel that never comes to an end.
type stuck struct{}

// Send implements outband.Channel.
func (stuck) Send(ctx context.Context, _ *outband.Notification) (outband.Receipt, error) {
	<-ctx.Done()
	return outband.Receipt{}, ctx.Err()
}

func TestSendTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, timeout := range []time.Duration{0, time.Minute} {
			e, _ := engine(stuck{}, device("phone", wakeup, "127.0.0.1:1"))
			e.SendTimeout = timeout
			if timeout == 0 {
				timeout = outband.DefaultSendTimeout
			}
			start := time.Now()
			require.ErrorIs(t, e.Handle(t.Context(), event()), context.DeadlineExceeded)
			require.Equal(t, timeout, time.Since(start))
		}
	})
}

func TestErrorKindString(t *testing.T) {
	require.Equal(t, "temporary request address ErrorKind(7)",
		fmt.Sprint(outband.KindTemporary, " ", outband.KindRequest, " ", outband.KindAddress, " ", outband.ErrorKind(7)))
}

func TestUDP(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))

	e, _ := engine(&outband.UDP{}, device("phone", wakeup, conn.LocalAddr().String()))
	require.NoError(t, e.Handle(t.Context(), event()))
	buf := make([]byte, 1500)
	n, _, err := conn.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, `<emn mailbox="mailat:alice@foo.com" timestamp="2004-02-20T06:40:00Z"/>`, string(buf[:n]))
}

func TestUDPErrors(t *testing.T) {
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		address string
		size    int
		want    outband.ErrorKind
	}{
		{"as large as may be", t.Context(), "127.0.0.1:9", outband.MaxUDPPayload, -1},
		{"too large", t.Context(), "127.0.0.1:9", outband.MaxUDPPayload + 1, outband.KindRequest},
		{"no port", t.Context(), "127.0.0.1", 1, outband.KindAddress},
		{"port zero", t.Context(), "127.0.0.1:0", 1, outband.KindAddress},
		{"no address at all", t.Context(), "", 1, outband.KindAddress},
		{"no time", canceled, "localhost:9", 1, outband.KindTemporary},
	} {
		_, err := new(outband.UDP).Send(c.ctx, &outband.Notification{Address: c.address, Payload: make([]byte, c.size)})
		if c.want < 0 {
			require.NoError(t, err, c.name)
			continue
		}
		var oe *outband.Error
		require.ErrorAs(t, err, &oe, c.name)
		require.Equal(t, c.want, oe.Kind, c.name)
	}
}

func BenchmarkHandle(b *testing.B) {
	e, _ := engine(nothing{}, device("phone", wakeup, "127.0.0.1:1"))
	e.Trace = nil
	ev := event()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Handle(ctx, ev); err != nil {
			b.Fatal(err)
		}
	}
}

type nothing struct{}

// Send implements outband.Channel.
func (nothing) Send(context.Context, *outband.Notification) (outband.Receipt, error) {
	return outband.Receipt{}, nil
}
