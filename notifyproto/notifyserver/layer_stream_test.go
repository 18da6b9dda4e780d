package notifyserver

import (
	"io"
	"runtime"
	"strconv"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"
)

const bigMessage = 50 << 20

// streamSession discards what is appended and makes up what is fetched.
type streamSession struct {
	imapserver.Session
	got   *int64
	chunk []byte
	peak  func()
}

func (s *streamSession) Login(string, string) error { return nil }
func (s *streamSession) Close() error               { return nil }
func (s *streamSession) Unselect() error            { return nil }

func (s *streamSession) Select(string, *imap.SelectOptions) (*imap.SelectData, error) {
	return &imap.SelectData{NumMessages: 1, UIDValidity: 1, UIDNext: 2}, nil
}

func (s *streamSession) Poll(*imapserver.UpdateWriter, bool) error { return nil }

func (s *streamSession) Append(_ string, r imap.LiteralReader, _ *imap.AppendOptions) (*imap.AppendData, error) {
	for {
		n, err := io.CopyN(io.Discard, r, 1<<20)
		*s.got += n
		s.peak()
		if err == io.EOF {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
}

func (s *streamSession) Fetch(w *imapserver.FetchWriter, _ imap.NumSet, options *imap.FetchOptions) error {
	m := w.CreateMessage(1)
	lit := m.WriteBodySection(options.BodySection[0], bigMessage)
	for n := 0; n < bigMessage; n += len(s.chunk) {
		if _, err := lit.Write(s.chunk); err != nil {
			return err
		}
		if n%(1<<20) == 0 {
			s.peak()
		}
	}
	if err := lit.Close(); err != nil {
		return err
	}
	return m.Close()
}

// TestStreaming measures the memory that big messages cost, both ways, also
// while NOTIFY is in force.
func TestStreaming(t *testing.T) {
	const most = 4 << 20
	chunk := make([]byte, 32<<10)
	for i := range chunk {
		chunk[i] = "\nabc{3}\r"[i%8] // many lines, and what looks like literals
	}
	var got int64
	var base, peak runtime.MemStats
	measure := func() {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > peak.HeapAlloc {
			peak = now
		}
	}
	s := start(t, setup{
		caps:  imap.CapSet{imap.CapIMAP4rev1: {}},
		layer: &Server{Source: new(Publisher), AllowInsecureAuth: true},
		session: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &streamSession{got: &got, chunk: chunk, peak: measure}, nil, nil
		},
	})
	conn := s.conn()
	defer conn.Close()
	buf := make([]byte, 64<<10)
	var answer []byte // the beginning of what came
	receive := func(octets int, end string) {
		answer = answer[:0]
		for n := 0; ; {
			m, err := conn.Read(buf)
			require.NoError(t, err)
			if n += m; len(answer) < 1000 {
				answer = append(answer, buf[:m]...)
			}
			if n >= octets && m >= len(end) && string(buf[m-len(end):m]) == end {
				return
			}
		}
	}
	send := func(text string) {
		_, err := io.WriteString(conn, text)
		require.NoError(t, err)
	}
	begin := func() {
		runtime.GC()
		runtime.ReadMemStats(&base)
		peak = base
	}
	allocated := func() uint64 {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		return now.TotalAlloc - base.TotalAlloc
	}
	receive(0, "ready\r\n")
	send("a LOGIN u p\r\n")
	receive(0, "in\r\n")
	send("b SELECT INBOX\r\n")
	receive(0, "SELECT completed\r\n")

	for _, nonSync := range []bool{false, true} {
		got = 0
		send("c NOOP\r\n")
		receive(0, "completed\r\n")
		begin()
		if nonSync {
			// imapserver takes no more without being asked.
			send("d APPEND INBOX {4096+}\r\n" + string(chunk[:4096]) + "\r\n")
		} else {
			send("d APPEND INBOX {" + strconv.Itoa(bigMessage) + "}\r\n")
			receive(0, "data\r\n")
			for n := 0; n < bigMessage; n += len(chunk) {
				_, err := conn.Write(chunk)
				require.NoError(t, err)
			}
			send("\r\n")
		}
		receive(0, "APPEND completed\r\n")
		require.Less(t, int64(peak.HeapAlloc)-int64(base.HeapAlloc), int64(most), "APPEND")
		require.Less(t, allocated(), uint64(most), "APPEND in all")
	}
	require.EqualValues(t, 4096, got)

	for range 2 {
		begin()
		send("e FETCH 1 BODY[]\r\n")
		receive(bigMessage, "FETCH completed\r\n")
		require.Contains(t, string(answer), "* 1 FETCH (BODY[] {"+strconv.Itoa(bigMessage)+"}\r\n")
		require.Less(t, int64(peak.HeapAlloc)-int64(base.HeapAlloc), int64(most), "FETCH")
		require.Less(t, allocated(), uint64(most), "FETCH in all")
		t.Logf("FETCH: heap +%d, allocated %d", int64(peak.HeapAlloc)-int64(base.HeapAlloc), allocated())
	}
}
