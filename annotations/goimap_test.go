package annotations_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// The client of go-imap writes the commands and reads the answers. Its options
// come after the mailbox.
func TestGoImapClient(t *testing.T) {
	store := annotations.NewMemoryStore(nil)
	near, far := net.Pipe()
	require.NoError(t, near.SetDeadline(time.Now().Add(30*time.Second)))
	served := make(chan error, 1)
	go func() { served <- serveMetadata(far, store) }()
	c := imapclient.New(near, nil)
	text := func(s string) *[]byte { b := []byte(s); return &b }

	want := map[string]*[]byte{
		"/private/comment": text("two\r\nlines"), "/private/empty": text(""), "/private/quoted": text(`a "b" \`), "/private/long": text(strings.Repeat("x", 2000)),
	}
	for name, value := range want {
		require.NoError(t, c.SetMetadata("INBOX", map[string]*[]byte{name: value}).Wait())
	}
	got, err := c.GetMetadata("INBOX", []string{"/private"}, &imapclient.GetMetadataOptions{Depth: imapclient.GetMetadataDepthInfinity}).Wait()
	require.NoError(t, err)
	require.Equal(t, want, got.Entries)
	got, err = c.GetMetadata("INBOX", []string{"/private/comment", "/private/none"}, nil).Wait()
	require.NoError(t, err)
	require.Equal(t, map[string]*[]byte{"/private/comment": want["/private/comment"], "/private/none": nil}, got.Entries)

	err = c.SetMetadata("INBOX", map[string]*[]byte{"/private/notify/event/filter": text("SOME")}).Wait()
	var status *imap.Error
	require.ErrorAs(t, err, &status)
	require.Equal(t, imap.StatusResponseTypeNo, status.Type)
	require.NoError(t, c.Close())
	require.NoError(t, <-served)
}

// serveMetadata answers the two commands, and literals with a continuation
// request, until the connection ends.
func serveMetadata(conn net.Conn, store annotations.Store) error {
	defer conn.Close()
	if _, err := io.WriteString(conn, "* PREAUTH [CAPABILITY IMAP4rev1 METADATA] ready\r\n"); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	for {
		var frame []byte
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return nil
			}
			frame = append(frame, line...)
			start := strings.LastIndexByte(line, '{')
			if !strings.HasSuffix(line, "}\r\n") || start < 0 {
				break
			}
			size, err := strconv.Atoi(strings.TrimSuffix(line[start+1:], "}\r\n"))
			if err != nil {
				return err
			}
			if _, err := io.WriteString(conn, "+ go on\r\n"); err != nil {
				return err
			}
			literal := make([]byte, size)
			if _, err := io.ReadFull(r, literal); err != nil {
				return err
			}
			frame = append(frame, literal...)
		}
		tag, command, _ := strings.Cut(strings.TrimSuffix(string(frame), "\r\n"), " ")
		answer, err := answerMetadata([]byte(command), store)
		if err != nil {
			e := annotations.StatusError(err)
			answer = fmt.Appendf(nil, "%s %s %s\r\n", tag, e.Type, e.Text)
		} else {
			answer = fmt.Appendf(answer, "%s OK done\r\n", tag)
		}
		if _, err := conn.Write(answer); err != nil {
			return err
		}
	}
}

func answerMetadata(command []byte, store annotations.Store) ([]byte, error) {
	o := &annotations.Options{OptionsAfterMailbox: true}
	if strings.HasPrefix(string(command), "SETMETADATA") {
		c, err := annotations.ParseSetMetadata(command, o)
		if err != nil {
			return nil, err
		}
		return nil, store.Set(phone, c.Mailbox, c.Entries)
	}
	c, err := annotations.ParseGetMetadata(command, o)
	if err != nil {
		return nil, err
	}
	values, err := store.Get(phone, c.Mailbox, c.Entries, c.Depth)
	if err != nil {
		return nil, err
	}
	b, err := annotations.AppendMetadataResponse(nil, c.Mailbox, values, o)
	return append(b, "\r\n"...), err
}
