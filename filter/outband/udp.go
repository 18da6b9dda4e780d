package outband

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/golemonade/lemonade/annotations"
)

// MaxUDPPayload is the size in octets up to which a datagram is expected to
// arrive in one piece on any network: 576 octets, less the headers of IP with
// options and of UDP.
const MaxUDPPayload = 512

// UDP is the channel for addresses "host:port" (draft-ietf-lemonade-
// notifications-04, section 11.3): one datagram a notification, with nothing
// around the payload. Nobody says whether it arrived.
//
// The zero value is ready to use.
type UDP struct {
	// Dialer opens the socket; the zero value is fine.
	Dialer net.Dialer
}

// Send implements Channel. A payload over MaxUDPPayload octets is a request
// error; an address that is no host and port, or a host that does not exist,
// an address error.
func (u *UDP) Send(ctx context.Context, n *Notification) (Receipt, error) {
	if len(n.Payload) > MaxUDPPayload {
		return Receipt{}, &Error{Kind: KindRequest, Err: fmt.Errorf("payload of %d octets, over %d", len(n.Payload), MaxUDPPayload)}
	}
	if err := annotations.ValidateAddress(annotations.MechanismUDP, n.Address); err != nil {
		return Receipt{}, &Error{Kind: KindAddress, Err: err}
	}
	conn, err := u.Dialer.DialContext(ctx, "udp", n.Address)
	if err != nil {
		kind := KindTemporary
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			kind = KindAddress
		}
		return Receipt{}, &Error{Kind: kind, Err: err}
	}
	defer conn.Close()
	if _, err := conn.Write(n.Payload); err != nil {
		return Receipt{}, &Error{Kind: KindTemporary, Err: err}
	}
	return Receipt{}, nil
}
