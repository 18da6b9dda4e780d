package notifyserver_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"
)

const (
	waitFor = 10 * time.Second
	tick    = time.Millisecond
)

// TestPublishNotify: what one client does another one is told of, and nothing
// of what it does itself.
func TestPublishNotify(t *testing.T) {
	r := newPublishRig(t, func(s imapserver.Session) imapserver.Session { return moving{s} })
	a, b := r.login(), r.login()
	a.ok("CREATE other")
	a.add("INBOX", "")
	b.ok("SELECT INBOX")
	b.ok("NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))" +
		" (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))")

	told := func(command string, want ...string) {
		t.Helper()
		a.ok(command)
		for _, prefix := range want {
			line := b.line()
			for strings.HasSuffix(line, "}") { // with its literal
				line += "|" + b.line() + b.line() + b.line()
			}
			require.True(t, strings.HasPrefix(line, prefix), "%s: %s, want %s", command, line, prefix)
		}
	}
	const hi = " {22+}\nSubject: hi\n\nhello\n"
	told("APPEND INBOX"+hi, "* 2 EXISTS", `* 2 FETCH (UID 2 BODY[HEADER.FIELDS ("SUBJECT")]`)
	told("APPEND other"+hi, "* STATUS other (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 2 UNSEEN 1)")
	a.ok("SELECT INBOX")
	told(`STORE 1 +FLAGS (\Flagged)`, `* 1 FETCH (UID 1 FLAGS (\flagged))`)
	told("FETCH 2 BODY[]", `* 2 FETCH (UID 2 FLAGS (\seen))`)
	told("COPY 1:2 other", "* STATUS other (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 2 UNSEEN 2)")
	told(`STORE 1 +FLAGS.SILENT (\Deleted)`, `* 1 FETCH (UID 1 FLAGS (`)
	told("EXPUNGE", "* 1 EXPUNGE")
	a.ok("SELECT other")
	told(`STORE 1:3 +FLAGS.SILENT (\Seen)`, "* STATUS other (UIDVALIDITY 2 UNSEEN 0)")
	told("MOVE 1:2 INBOX", "* STATUS other (MESSAGES 1 UIDNEXT 4 UIDVALIDITY 2 UNSEEN 0)", "* 2 EXISTS", "* 3 EXISTS",
		"* 2 FETCH (UID 3 BODY", "* 3 FETCH (UID 4 BODY")
	told("SUBSCRIBE other", `* LIST (\Subscribed) "/" other`)
	told("CREATE more", `* LIST () "/" more`)
	told("RENAME more less", `* LIST () "/" less ("OLDNAME" (more))`)
	told("DELETE less", `* LIST (\NonExistent) "/" less`)

	for _, command := range []string{
		"APPEND other" + hi, `STORE 1 -FLAGS (\Seen)`, "FETCH 1:* BODY[]", "COPY 1 other", "CREATE own", "RENAME own owned",
		"DELETE owned", "SUBSCRIBE other",
	} {
		for _, line := range b.ok(command) {
			require.False(t, strings.HasPrefix(line, "* STATUS") || strings.HasPrefix(line, "* LIST"), "%s: %s", command, line)
		}
	}
	// Whatever was told of them would have come before this.
	told("CREATE last", `* LIST () "/" last`)
}

// TestPublishOrder: under concurrency the events of each mailbox are in the
// order of its changes, and their counts are those of that moment.
func TestPublishOrder(t *testing.T) {
	const clients, each = 6, 30
	r := newPublishRig(t, nil)
	setup := r.login()
	mailboxes := []string{"m0", "m1"}
	for _, m := range mailboxes {
		setup.ok("CREATE " + m)
	}
	r.take()
	done := make(chan struct{})
	var writers []*publishClient
	for range clients {
		writers = append(writers, r.login())
	}
	for i, c := range writers {
		go func() {
			defer func() { done <- struct{}{} }()
			m := mailboxes[i%2]
			for n := range each {
				c.add(m, []string{"", `\Seen`}[n%2])
			}
		}()
	}
	for range writers {
		<-done
	}
	next := map[string]uint32{}
	for _, e := range r.take() {
		mailbox, err := e.Mailbox()
		require.NoError(t, err)
		next[mailbox.Mailbox]++
		n := next[mailbox.Mailbox]
		require.Equal(t, n, *e.Messages)
		require.EqualValues(t, n+1, e.UIDNext)
		require.True(t, strings.HasSuffix(e.URI, ";UID="+itoa(n)), e.URI)
	}
	require.Equal(t, map[string]uint32{"m0": clients / 2 * each, "m1": clients / 2 * each}, next)
}

// TestPublishConcurrent: sessions that do everything at once do not stop each
// other, COPY in both directions included, and the last event of a mailbox has
// its last counts.
func TestPublishConcurrent(t *testing.T) {
	r := newPublishRig(t, func(s imapserver.Session) imapserver.Session { return moving{s} })
	setup := r.login()
	mailboxes := []string{"x", "y", "z"}
	for _, m := range mailboxes {
		setup.ok("CREATE " + m)
		setup.add(m, "")
	}
	watch := r.login()
	watch.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName))")
	done := make(chan struct{})
	var writers []*publishClient
	for range 6 {
		writers = append(writers, r.login())
	}
	for i, c := range writers {
		go func() {
			defer func() { done <- struct{}{} }()
			here, there := mailboxes[i%3], mailboxes[(i+1+i/3)%3]
			for n := range 15 {
				c.ok("SELECT " + here)
				c.do("COPY 1 " + there)
				c.do("MOVE 2 " + there)
				c.do(`STORE 1:* ` + []string{"+FLAGS", "-FLAGS", "FLAGS"}[n%3] + ` (\Seen kw)`)
				c.do("FETCH 1 BODY[]")
				c.do(`STORE 3:* +FLAGS (\Deleted)`)
				c.do("EXPUNGE")
				c.do("CREATE own" + itoa(uint32(i)))
				c.do("RENAME own" + itoa(uint32(i)) + " mine" + itoa(uint32(i)))
				c.do("DELETE mine" + itoa(uint32(i)))
				c.add(there, "")
			}
		}()
	}
	for range writers {
		<-done
	}
	last := map[string]string{}
	for _, e := range r.take() {
		if mailbox, err := e.Mailbox(); err == nil && e.Messages != nil {
			last[mailbox.Mailbox] = "(MESSAGES " + itoa(*e.Messages) + " UIDNEXT " + itoa(uint32(e.UIDNext)) +
				" UNSEEN " + string(e.Extensions[0].Value) + ")"
		}
	}
	for _, m := range mailboxes {
		lines := setup.ok("STATUS " + m + " (MESSAGES UIDNEXT UNSEEN)")
		require.True(t, slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, last[m]) }), "%s: %s, %s", m, lines, last[m])
	}
}

func itoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
