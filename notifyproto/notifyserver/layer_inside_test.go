package notifyserver

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

// TestNeverInside has a change of annotations come while the server behind, in
// an IDLE of its own, is in the middle of a response that is too long to be
// held back until it is whole.
func TestNeverInside(t *testing.T) {
	for _, c := range []struct{ name, begin, end string }{
		{"line", "* 1 FETCH (FLAGS (" + strings.Repeat("aaa ", 5000), "bbb))\r\n"},
		{"literal", "* 1 FETCH (BODY[] {20000}\r\n" + strings.Repeat("a", 10000), strings.Repeat("b", 10000) + ")\r\n"},
		{"line behind a literal", "* 1 FETCH (BODY[] {3}\r\nabc" + strings.Repeat(" X", 10000), ")\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := &Server{Source: new(Publisher)}
			store := annotations.NewMemoryStore(&annotations.MemoryOptions{OnChange: server.AnnotationsChanged})
			server.Store = store
			client, raw := net.Pipe()
			t.Cleanup(func() { client.Close() })
			conn := newConn(server, raw)
			conn.session.user, conn.session.loggedIn = "alice", true
			conn.session.enabled.metadata = true
			conn.watch()
			got := make(chan string)
			go func() {
				all, _ := io.ReadAll(client)
				got <- string(all)
			}()

			_, err := conn.Write([]byte(c.begin))
			require.NoError(t, err)
			require.NoError(t, store.Set(annotations.Subject{User: "alice"}, "INBOX", []annotations.EntryValue{
				{Name: "/private/comment", Value: []byte("x")},
			}))
			conn.tellWhatNeedsNoServer()
			_, err = conn.Write([]byte(c.end))
			require.NoError(t, err)
			conn.mu.Lock()
			require.False(t, conn.wakeAt.IsZero(), "Read must look again")
			require.False(t, conn.wakeAt.After(time.Now()))
			conn.mu.Unlock()
			conn.tellWhatNeedsNoServer()
			require.NoError(t, conn.Close())
			require.Equal(t, c.begin+c.end+"* METADATA INBOX /private/comment\r\n", <-got)
		})
	}
}
