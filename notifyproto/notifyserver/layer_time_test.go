package notifyserver

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

// bubble runs f in a synctest bubble, with a server on net.Pipe.
func bubble(t *testing.T, f func(t *testing.T, s *server, p *Publisher)) {
	synctest.Test(t, func(t *testing.T) {
		p := new(Publisher)
		layer := &Server{Source: p, Store: annotations.NewMemoryStore(nil), AllowInsecureAuth: true}
		f(t, start(t, setup{layer: layer, session: newBackend(t).newSession, pipe: true}), p)
	})
}

// endsAfter requires that the server ends the connection after d, and returns
// what it said.
func (c *client) endsAfter(d time.Duration) string {
	c.t.Helper()
	begin := time.Now()
	<-c.stop
	require.Equal(c.t, d, time.Since(begin))
	return string(c.all[c.used:])
}

func TestLoginTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, _ *Publisher) {
		c := s.client()
		require.Contains(t, c.endsAfter(loginTimeout), "* BYE ")
		c = s.client()
		c.send("a AUTHENTICATE PLAIN")
		c.line("+ ")
		c.endsAfter(loginTimeout)
		c = s.client()
		c.send("a NOTIFY SET (mailboxes {5}")
		c.line("+ ")
		c.endsAfter(commandTimeout)
		c = s.client()
		_, _ = c.conn.Write([]byte("a NO")) // no whole line
		c.endsAfter(loginTimeout)
	})
}

func TestIdleTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, p *Publisher) {
		c := s.client().login()
		require.Contains(t, c.endsAfter(DefaultIdleTimeout), "* BYE ")
		c = s.client().login()
		time.Sleep(DefaultIdleTimeout - time.Second)
		c.ok("NOOP")
		require.Contains(t, c.endsAfter(DefaultIdleTimeout), "* BYE ")
		c = s.client().login()
		c.send("a SELECT {5}") // imapserver's own limit
		c.line("+ ")
		c.endsAfter(30 * time.Second)
	})
}

// TestNotifyHasNoTimeout also proves that imapserver's own deadlines, of 35
// minutes and 30 seconds, do not end the session.
func TestNotifyHasNoTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, p *Publisher) {
		c := s.client().login()
		c.ok("SELECT INBOX")
		c.ok("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))")
		for range 3 {
			time.Sleep(20 * time.Hour)
			p.Publish("alice", newMessage("Work", 3), nil)
			c.line("* STATUS Work ")
			time.Sleep(20 * time.Hour)
			c.ok("NOOP")
			time.Sleep(40 * time.Minute)
			// Commands that the layer collects have a limit of their own.
			c.send("a NOTIFY SET (mailboxes {4}")
			c.line("+ ")
			c.send("Work (MessageNew MessageExpunge))")
			c.until("a OK")
			time.Sleep(40 * time.Minute)
			c.send("b GETMETADATA {5}")
			c.line("+ ")
			time.Sleep(29 * time.Second)
			_, _ = c.conn.Write([]byte("INB"))
			time.Sleep(29 * time.Second)
			c.send("OX /private/x")
			c.until("b OK")
			c.send("i IDLE")
			c.line("+ ")
			time.Sleep(30 * time.Hour)
			p.Publish("alice", newMessage("Work", 4), nil)
			c.line("* STATUS Work ")
			c.send("DONE")
			c.line("i OK")
			time.Sleep(40 * time.Minute)
			c.send("s SELECT {5}")
			c.line("+ ")
			c.send("INBOX")
			c.until("s OK")
		}
	})
}

// TestCoalesce has a first event told at once, and the next ones together.
func TestCoalesce(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, p *Publisher) {
		c := s.client().login()
		c.ok("NOTIFY SET (personal (MessageNew MessageExpunge))")
		time.Sleep(time.Second)
		begin := time.Now()
		p.Publish("alice", newMessage("Work", 1), nil)
		c.line("* STATUS Work (MESSAGES 1 ")
		require.Zero(t, time.Since(begin))
		for i := 2; i < 50; i++ {
			p.Publish("alice", newMessage("Work", imapUID(i)), nil)
			p.Publish("alice", newMessage("INBOX", imapUID(i)), nil)
		}
		c.line("* STATUS Work (MESSAGES 49 ")
		require.Equal(t, coalesce, time.Since(begin))
		c.line("* STATUS INBOX (MESSAGES 49 ")
		require.Equal(t, coalesce, time.Since(begin))
		time.Sleep(coalesce)
		begin = time.Now()
		p.Publish("alice", newMessage("INBOX", 50), nil)
		c.line("* STATUS INBOX (MESSAGES 50 ")
		require.Zero(t, time.Since(begin))
		c.silent()

		// In the middle of a command, too: what needs no answer of the server.
		time.Sleep(coalesce)
		c.send("a CREATE {3}")
		c.line("+ ")
		p.Publish("alice", newMessage("Work", 51), nil)
		c.line("* STATUS Work (MESSAGES 51 ")
		_, _ = c.conn.Write([]byte("n"))
		time.Sleep(coalesce)
		p.Publish("alice", newMessage("Work", 52), nil)
		c.line("* STATUS Work (MESSAGES 52 ")
		c.send("ew")
		c.line("a OK ")
	})
}

// stuck returns a connection whose client is logged in, has used NOTIFY and
// reads nothing.
func stuck(t *testing.T, s *server, notify string) net.Conn {
	c := s.client().login()
	c.ok(notify)
	require.NoError(t, c.conn.SetReadDeadline(time.Now()))
	<-c.stop
	require.NoError(t, c.conn.SetReadDeadline(time.Time{}))
	return c.conn
}

// TestDeafClient reads nothing while octets wait: it is closed after 30
// seconds.
func TestDeafClient(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, p *Publisher) {
		conn := stuck(t, s, "NOTIFY SET (personal (MessageNew MessageExpunge))")
		time.Sleep(time.Hour)
		p.Publish("alice", newMessage("Work", 1), nil)
		time.Sleep(writeTimeout - time.Second)
		p.mu.RLock()
		require.Len(t, p.watchers["alice"], 1)
		p.mu.RUnlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		p.mu.RLock()
		require.Empty(t, p.watchers["alice"])
		p.mu.RUnlock()
		_, err := conn.Read(make([]byte, 100))
		require.Error(t, err)
	})
}

// TestOverflow publishes to a client that does not read, and to one that does.
func TestOverflow(t *testing.T) {
	bubble(t, func(t *testing.T, s *server, p *Publisher) {
		const notify = "NOTIFY SET (personal (MessageNew MessageExpunge))"
		conn := stuck(t, s, notify)
		other := s.client().login()
		other.ok(notify)
		time.Sleep(time.Second)
		for _, name := range names(400) {
			p.Publish("alice", newMessage(name, 1), nil)
		}
		begin := time.Now()
		other.until("* STATUS Box0399")
		require.LessOrEqual(t, time.Since(begin), coalesce) // 0 if it was not awake before
		for _, name := range names(2000) {
			p.Publish("alice", newMessage(name, 2), nil)
		}
		other.until("* OK [NOTIFICATIONOVERFLOW]") // 2000 are too many for all, at once
		require.LessOrEqual(t, time.Since(begin), 2*coalesce)

		time.Sleep(20 * time.Second)
		c := newClient(t, conn)
		got := c.until("* OK [NOTIFICATIONOVERFLOW]")
		require.LessOrEqual(t, len(got), 3*MaxQueue)
		require.Equal(t, strings.Count(got, "\n"), strings.Count(got, "* STATUS Box")+1)

		// As after NOTIFY NONE.
		for _, c := range []*client{c, other} {
			time.Sleep(time.Second)
			p.Publish("alice", newMessage("Work", 1), nil)
			c.silent()
			c.send("i IDLE")
			c.line("+ ")
			p.Publish("alice", newMessage("Work", 1), nil)
			c.send("DONE")
			require.Equal(t, "i OK IDLE completed\r\n", c.until("i "))
			c.ok(notify)
			p.Publish("alice", newMessage("Work", 3), nil)
			c.line("* STATUS Work (MESSAGES 3 ")
		}
	})
}

// TestQueueBounded has a client read nothing while more and more happens, in
// other mailboxes and in the selected one.
func TestQueueBounded(t *testing.T) {
	for _, selected := range []string{"selected", "selected-delayed"} {
		c := newConn(&Server{Source: new(Publisher)}, nil)
		cmd := parse(t, "NOTIFY SET ("+selected+" (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName MailboxMetadataChange))")
		c.mu.Lock()
		c.setNotify(cmd)
		c.session.view.Selected = "INBOX"
		c.mu.Unlock()
		for i := range 100_000 {
			c.hear(NewNotice(newMessage("INBOX", imapUID(2*i+1)), nil))
			if i%100 == 0 {
				c.hear(NewNotice(event("MailboxCreate", names(i/100 + 1)[i/100], 0, 0, 0), nil))
			}
			c.mu.Lock()
			q := &c.session.queue
			require.LessOrEqual(t, q.size, MaxQueue)
			require.LessOrEqual(t, len(q.fresh)*freshSize, MaxQueue)
			require.LessOrEqual(t, len(q.items)*itemSize, MaxQueue)
			c.mu.Unlock()
		}
		require.True(t, c.session.queue.overflow)
	}
}
