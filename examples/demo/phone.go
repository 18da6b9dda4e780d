package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/golemonade/lemonade/emn"
)

// phone is alice's phone: what listens where its address says. It takes a
// payload for what it is, a hint that something happened.
type phone struct {
	addr string
	conn net.PacketConn // nil if another program has the port

	watch func(*message) // if set, gets what it gets
}

// message is a datagram that the phone got.
type message struct {
	octets       []byte
	notification emn.Notification
	err          error // why there is no notification
}

func newPhone(addr string) (*phone, error) {
	conn, err := net.ListenPacket("udp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return &phone{addr: addr}, nil
	case err != nil:
		return nil, fmt.Errorf("cannot listen for udp on %q: %w", addr, err)
	}
	return &phone{addr: conn.LocalAddr().String(), conn: conn}, nil
}

func (p *phone) close() {
	if p.conn != nil {
		p.conn.Close()
	}
}

// run calls woken for each datagram until ctx is done.
func (p *phone) run(ctx context.Context, woken func(*message)) error {
	if p.conn == nil {
		return nil
	}
	stop := context.AfterFunc(ctx, p.close)
	defer stop()
	buf := make([]byte, 64<<10)
	for {
		n, _, err := p.conn.ReadFrom(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("udp: %w", err)
		}
		m := &message{octets: append([]byte(nil), buf[:n]...)}
		m.err = emn.Unmarshal(m.octets, &m.notification, nil)
		woken(m)
		if p.watch != nil {
			p.watch(m)
		}
	}
}
