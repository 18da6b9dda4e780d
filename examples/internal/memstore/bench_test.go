package memstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/require"
)

// memserver serves go-imap's own store in memory, for comparison.
func memserver(b *testing.B) (addr string) {
	b.Helper()
	store := imapmemserver.New()
	user := imapmemserver.NewUser("ann", "secret")
	require.NoError(b, user.Create("INBOX", nil))
	store.AddUser(user)
	caps := Caps()
	delete(caps, imap.CapUnauthenticate)
	return serve(b, caps, func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return imapmemserver.NewUserSession(user), nil, nil
	})
}

// BenchmarkAppendNotify appends a message and waits until 100 idle sessions
// were told.
func BenchmarkAppendNotify(b *testing.B) {
	const idle = 100
	for _, server := range []struct {
		name string
		addr func(*testing.B) string
	}{
		{"memstore", func(b *testing.B) string { return newHarness(b).addr }},
		{"imapmemserver", memserver},
	} {
		b.Run(server.name, func(b *testing.B) {
			addr := server.addr(b)
			c := dial(b, addr)
			told := make(chan error, idle)
			for range idle {
				o := dial(b, addr)
				o.ok("SELECT INBOX")
				o.idle()
				if err := o.conn.SetReadDeadline(time.Time{}); err != nil {
					b.Fatal(err)
				}
				go func() {
					for {
						_, err := o.br.ReadSlice('\n')
						told <- err
						if err != nil {
							return
						}
					}
				}()
			}
			message := string(make([]byte, 1000))
			b.ReportAllocs()
			for b.Loop() {
				c.ok("APPEND INBOX", message)
				for range idle {
					if err := <-told; err != nil {
						b.Fatal(err)
					}
				}
			}
			b.StopTimer()
			go func() { // the connections are closed after this
				for range idle {
					<-told
				}
			}()
		})
	}
}

// BenchmarkNoop is a client's look at a mailbox of 10,000 messages after one
// of them got a flag, through the protocol.
func BenchmarkNoop(b *testing.B) {
	const messages = 10_000
	for _, server := range []struct {
		name string
		addr func(*testing.B) string
	}{
		{"memstore", func(b *testing.B) string { return newHarness(b).addr }},
		{"imapmemserver", memserver},
	} {
		b.Run(server.name, func(b *testing.B) {
			addr := server.addr(b)
			c, other := dial(b, addr), dial(b, addr)
			for range messages {
				c.ok("APPEND INBOX", "x")
			}
			c.ok("SELECT INBOX")
			other.ok("SELECT INBOX")
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				other.ok("STORE 5000 " + string("+-"[i%2]) + `FLAGS.SILENT (\Flagged)`)
				c.ok("NOOP")
			}
		})
	}
}

// BenchmarkSync is the store's part of BenchmarkNoop: what a view of 10,000
// messages costs under the lock.
func BenchmarkSync(b *testing.B) {
	const messages = 10_000
	mbox := &mailbox{uidNext: 1, modSeq: 1}
	for range messages {
		mbox.add(nil, testDate, nil)
	}
	kw := []imap.Flag{"kw"}
	for _, bm := range []struct {
		name   string
		change func(mbox *mailbox, i int)
	}{
		{"nothing", func(*mailbox, int) {}},
		{"flag", func(mbox *mailbox, i int) {
			mbox.setFlags(mbox.msgs[messages/2], kw[:i%2])
		}},
		{"append and expunge", func(mbox *mailbox, _ int) {
			mbox.add(nil, testDate, nil)
			first := mbox.msgs[0]
			mbox.expunge(func(m *message) bool { return m == first })
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			v := mbox.newView(false)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				bm.change(mbox, i)
				_ = v.sync(true)
			}
		})
	}
}

// BenchmarkSet resolves "1:*" and a set of single numbers in a mailbox of
// 10,000 messages.
func BenchmarkSet(b *testing.B) {
	mbox := &mailbox{uidNext: 1}
	var odd imap.UIDSet
	for i := range 10_000 {
		if m := mbox.add(nil, testDate, nil); i%2 == 0 {
			odd.AddNum(m.uid)
		}
	}
	v := mbox.newView(false)
	for _, set := range []imap.NumSet{imap.SeqSet{{Start: 1}}, odd} {
		b.Run(fmt.Sprintf("%T", set), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.messages(set); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
