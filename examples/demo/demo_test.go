package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/emn"
)

const asDemo = "LEMONADE_TEST_AS_DEMO"

// TestMain lets the test binary be the program under test.
func TestMain(m *testing.M) {
	if os.Getenv(asDemo) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command returns demo as a process.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asDemo+"=1")
	return cmd
}

// running is demo as it runs, with its lines.
type running struct {
	*exec.Cmd
	lines            chan string
	imap, lmtp, http string
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	cmd := command(t, args...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	r := &running{Cmd: cmd, lines: make(chan string, 1000)}
	go func() {
		defer close(r.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			r.lines <- s.Text()
		}
	}()
	m := r.wait(t, `^listening imap=(\S+) lmtp=(\S+) http=(\S+)$`)
	r.imap, r.lmtp, r.http = m[1], m[2], m[3]
	return r
}

// wait returns the parts of the first line that matches.
func (r *running) wait(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-r.lines:
			require.True(t, ok, "demo ended before a line like %s", pattern)
			if m := re.FindStringSubmatch(line); m != nil {
				return m
			}
		case <-timeout:
			require.Fail(t, "no line", pattern)
		}
	}
}

var anyPorts = []string{"-imap", "127.0.0.1:0", "-lmtp", "127.0.0.1:0", "-http", "127.0.0.1:0"}

func TestOnce(t *testing.T) {
	out, err := command(t, "-once").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, line := range []string{
		"delivered message 1 of", "event     MessageNew imap://alice@", "(notify)", "sent      ", "<emn mailbox=",
		"phone     was woken for mailat:alice@localhost",
		"event     MessageAppend", "(filter-none)", "event     MailboxRename", "event     FlagsSet",
		"event     MessageTrash", "event     MessageExpunge",
		"SETMETADATA INBOX (/private/notify/outband/channel", "NOTIFY SET STATUS", "* STATUS \"Lemons\"", "* 4 EXISTS",
		"* 4 FETCH (UID 4 BODY[HEADER", "(connected)", "* STATUS Lemons (MESSAGES 1", `("OLDNAME" (Lemons))`,
		`* 1 FETCH (UID 1 FLAGS (\Flagged))`, "* 1 EXPUNGE", "[BADEVENT (", "NOTIFY NONE", "all 12 steps were seen",
	} {
		require.Contains(t, string(out), line)
	}
}

// The story fails if a step is not seen: here the phone's port is taken.
func TestOnceFails(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer conn.Close()
	out, err := command(t, "-once", "-udp", conn.LocalAddr().String()).CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	require.Equal(t, 1, exit.ExitCode())
}

// Another program can be the phone.
func TestOtherPhone(t *testing.T) {
	phone, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer phone.Close()
	require.NoError(t, phone.SetDeadline(time.Now().Add(20*time.Second)))

	r := start(t, append(anyPorts, "-udp", phone.LocalAddr().String())...)
	r.wait(t, "another program has UDP "+phone.LocalAddr().String())
	deliver(t, r.lmtp, "alice")
	buf := make([]byte, 1500)
	n, _, err := phone.ReadFrom(buf)
	require.NoError(t, err)
	var got emn.Notification
	require.NoError(t, emn.Unmarshal(buf[:n], &got, nil))
	require.Equal(t, "mailat:alice@localhost", got.Mailbox)
	require.WithinDuration(t, time.Now(), got.Timestamp, time.Minute)

	deliver(t, r.lmtp, "bob")
	r.wait(t, "decision  bob has no device to tell")

	res, err := http.Get("http://" + r.http + "/")
	require.NoError(t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(page), "sent      "+"72 octets to "+phone.LocalAddr().String())
}

func deliver(t *testing.T, addr, rcpt string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	client := smtp.NewClientLMTP(conn)
	defer client.Close()
	require.NoError(t, client.SendMail("x@example.org", []string{rcpt + "@example.org"}, strings.NewReader("Subject: x\r\n\r\nx\r\n")))
}

func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		r := start(t, append(anyPorts, "-udp", "127.0.0.1:0")...)
		conn, err := net.Dial("tcp", r.imap) // a connection does not hold it up
		require.NoError(t, err)
		defer conn.Close()
		begin := time.Now()
		require.NoError(t, r.Process.Signal(sig))
		require.NoError(t, r.Wait())
		require.Less(t, time.Since(begin), 5*time.Second)
	}
}

func TestBadUsage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	addr := taken.Addr().String()
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-nonsense"}, 2, "-nonsense"},
		{[]string{"stray"}, 2, `"stray"`},
		{[]string{"-imap", "nowhere"}, 2, "-imap"},
		{[]string{"-udp", "127.0.0.1:99999"}, 2, "-udp"},
		{[]string{"-once=maybe"}, 2, "-once"},
		{[]string{"-once", "-imap", addr}, 1, "imap on \"" + addr + "\""},
		{[]string{"-once", "-lmtp", addr}, 1, "lmtp on \"" + addr + "\""},
		{[]string{"-once", "-http", addr}, 1, "http on \"" + addr + "\""},
	} {
		cmd := command(t, c.args...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, "%v", c.args)
		require.Equal(t, c.status, exit.ExitCode(), "%v", c.args)
		require.Contains(t, stderr.String(), c.says, "%v", c.args)
		require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "%v: %s", c.args, stderr.String())
	}
}
