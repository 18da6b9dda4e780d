package mailserver

import (
	"net"
	"sync"
)

// listener knows its connections, so that none outlives it: if the servers were
// closed themselves, neither would wait for the goroutines of its connections,
// and imapserver would miss one that it has only just accepted.
type listener struct {
	net.Listener

	mu     sync.Mutex
	closed bool
	conns  map[*conn]struct{}
	open   sync.WaitGroup
}

// conn is a connection that its server has not closed yet.
type conn struct {
	net.Conn
	ln *listener
}

// Accept implements net.Listener.
func (ln *listener) Accept() (net.Conn, error) {
	nc, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	ln.mu.Lock()
	defer ln.mu.Unlock()
	if ln.closed {
		nc.Close()
		return nil, net.ErrClosed
	}
	c := &conn{nc, ln}
	ln.conns[c] = struct{}{}
	ln.open.Add(1)
	return c, nil
}

// Close implements net.Conn. It is the last thing that a server does with a
// connection.
func (c *conn) Close() error {
	c.ln.mu.Lock()
	if _, ok := c.ln.conns[c]; ok {
		delete(c.ln.conns, c)
		c.ln.open.Done()
	}
	c.ln.mu.Unlock()
	return c.Conn.Close()
}

// shutdown closes the listener and its connections, and waits until the server
// has noticed.
func (ln *listener) shutdown() {
	ln.Close()
	ln.mu.Lock()
	ln.closed = true
	for c := range ln.conns {
		c.Conn.Close()
	}
	ln.mu.Unlock()
	ln.open.Wait()
}
