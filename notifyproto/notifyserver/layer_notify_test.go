package notifyserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

// open starts a server with everything and returns its publisher and a client
// that is not logged in.
func open(t *testing.T) (*client, *Publisher, *backend) {
	p, b := new(Publisher), newBackend(t)
	store := newStore()
	layer := &Server{Source: p, Store: store.MemoryStore, AllowInsecureAuth: true, DeviceFromLogin: true}
	store.onChange = layer.AnnotationsChanged
	return start(t, setup{layer: layer, session: b.newSession}).client(), p, b
}

// store is a store that tells of its changes.
type store struct {
	*annotations.MemoryStore
	onChange func(annotations.Change)
}

func newStore() *store {
	s := new(store)
	s.MemoryStore = annotations.NewMemoryStore(&annotations.MemoryOptions{
		MaxValue: 1 << 10, OnChange: func(c annotations.Change) { s.onChange(c) },
	})
	return s
}

func TestNotifyBeforeLogin(t *testing.T) {
	c, _, _ := open(t)
	for _, command := range []string{
		"NOTIFY NONE", "NOTIFY SET (selected NONE)", "NOTIFY", `GETMETADATA "" /private/comment`,
		`SETMETADATA "" (/private/comment NIL)`, "SETMETADATA",
	} {
		require.Regexp(t, `^TAG BAD `, c.do(command), command)
	}
	c.login()
}

func TestNotifyRefused(t *testing.T) {
	c, p, _ := open(t)
	c.login().ok("NOTIFY SET (mailboxes Work (MessageNew MessageExpunge))")
	const supported = "(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)"
	for i, test := range []struct{ command, want string }{
		// Offsets count from the N of NOTIFY, from 0.
		{"NOTIFY", "TAG BAD Expected SP at octet 6 "},
		{"NOTIFY ", "TAG BAD Expected \"SET\" / \"NONE\" at octet 7 "},
		{"NOTIFY NONE x", "TAG BAD Expected end of line at octet 11 "},
		{"NOTIFY GET", "TAG BAD Expected \"SET\" / \"NONE\" at octet 7 "},
		{"NOTIFY SET", "TAG BAD Expected SP at octet 10 "},
		{"NOTIFY SET STATUS", "TAG BAD Expected SP at octet 17 "},
		{"NOTIFY SET (", "TAG BAD Expected filter-mailboxes at octet 12 "},
		{"NOTIFY SET (selected)", "TAG BAD Expected SP at octet 20 "},
		{"NOTIFY SET (selected (MessageNew", "TAG BAD Expected "},
		{"NOTIFY SET (mailboxes () NONE)", "TAG BAD Expected "},
		{"NOTIFY SET (personal ())", "TAG BAD Expected "},
		{"NOTIFY SET (subtree-one Work (MessageNew MessageExpunge))", "TAG BAD Expected "},
		{"NOTIFY SET selected (MessageNew MessageExpunge)", "TAG BAD Expected "},
		{"NOTIFY SET (mailboxes \"a\x01\" NONE)", "TAG BAD Expected "},
		// RFC 5465, sections 5, 6.1 and 8.
		{"NOTIFY SET (personal (MessageNew))", "TAG BAD NOTIFY event group 1: MessageNew without MessageExpunge "},
		{"NOTIFY SET (selected NONE) (personal (FlagChange))", "TAG BAD NOTIFY event group 2: FlagChange without "},
		{"NOTIFY SET (selected (MailboxName))", "TAG BAD NOTIFY event group 1: MailboxName with selected "},
		{"NOTIFY SET (selected NONE) (selected-delayed NONE)", "TAG BAD NOTIFY event group 2: only one selected "},
		{"NOTIFY SET (personal (MessageNew (UID) MessageExpunge))", "TAG BAD NOTIFY event group 1: fetch attributes with personal "},
		{"NOTIFY SET (selected (MessageNew (MODSEQ) MessageExpunge))", "TAG BAD [CLIENTBUG] MODSEQ cannot be fetched here"},
		{"NOTIFY SET (selected (MessageNew (BODY.PEEK[HEADER.FIELDS (" + strings.Repeat("Subject ", 600) + "X)]) MessageExpunge))", "TAG BAD [TOOBIG] "},
		// Section 3.1.
		{"NOTIFY SET (personal (AnnotationChange MessageNew MessageExpunge))", "TAG NO [BADEVENT " + supported + "] "},
		{"NOTIFY SET (personal (VendorEvent))", "TAG NO [BADEVENT " + supported + "] Unsupported event: VendorEvent"},
		{"NOTIFY SET STATUS (selected (VendorEvent))", "TAG NO [BADEVENT " + supported + "] "},
	} {
		got := c.do(test.command)
		require.Contains(t, got, test.want, test.command)
		require.Equal(t, 1, strings.Count(got, "\n"), got)
		// The one before is in force.
		uid := 10 + i
		p.Publish("alice", newMessage("Work", imapUID(uid)), nil)
		p.Publish("alice", newMessage("INBOX", imapUID(uid)), nil)
		require.Equal(t, "* STATUS Work (MESSAGES "+itoa(uid)+" UIDNEXT "+itoa(uid+1)+" UIDVALIDITY 7 UNSEEN "+itoa(uid)+")", c.line("* STATUS"))
	}
	c.ok("NOTIFY NONE")
	p.Publish("alice", newMessage("Work", 99), nil)
	c.silent()
}

func TestNotifyNames(t *testing.T) {
	c, p, _ := open(t)
	c.login()
	c.send("a NOTIFY SET (mailboxes ({4}")
	c.line("+ ")
	c.send("Work {12+}\r\nEntw&APw-rfe) (MessageNew MessageExpunge))")
	c.until("a OK")
	p.Publish("alice", newMessage("INBOX", 1), nil)
	p.Publish("alice", newMessage("Work", 2), nil)
	c.line("* STATUS Work ")
	p.Publish("alice", newMessage("Entwürfe", 3), nil)
	c.line("* STATUS Entw&APw-rfe ")

	require.Contains(t, c.do(`NOTIFY SET (mailboxes "Entwürfe" (MessageNew MessageExpunge))`), "TAG BAD")
	c.ok("ENABLE UTF8=ACCEPT")
	c.ok(`NOTIFY SET (mailboxes "Entwürfe" (MessageNew MessageExpunge MailboxName))`)
	p.Publish("alice", newMessage("Work", 4), nil)
	p.Publish("alice", newMessage("Entwürfe", 5), nil)
	c.line(`* STATUS "Entwürfe" `)
	p.Publish("alice", event("MailboxRename", "Entwürfe", 0, 0, 0), nil)
	require.Contains(t, c.line("* LIST "), `"Entwürfe"`)

	// imapserver takes both spellings, whatever is enabled.
	c.ok("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))")
	for _, name := range []string{"Entw&APw-rfe", `"Entwürfe"`} {
		c.ok("SELECT " + name)
		p.Publish("alice", newMessage("Entwürfe", 6), nil) // no STATUS: it is selected
		p.Publish("alice", newMessage("Work", 6), nil)
		require.NotContains(t, c.until("* STATUS Work"), "Entw")
		c.ok("UNSELECT")
	}
}

// TestMaxCommand has commands around the limit, in all the ways to be long.
func TestMaxCommand(t *testing.T) {
	c, p, _ := open(t)
	c.login().ok("NOTIFY SET (mailboxes Work (MessageNew MessageExpunge))")
	for _, length := range []int{MaxCommand - 4097, MaxCommand - 1, MaxCommand, MaxCommand + 1, MaxCommand + 2, MaxCommand + 100, MaxCommand + 5000, 3 * MaxCommand} {
		want := "x OK"
		if length > MaxCommand {
			want = "x BAD [TOOBIG]"
		}
		const head, tail = "x NOTIFY SET (mailboxes (Work ", ") (MessageNew MessageExpunge))\r\n"
		// In one line.
		c.send(head + strings.Repeat("n", length-len(head+tail)) + strings.TrimSuffix(tail, "\r\n"))
		require.Contains(t, c.until("x "), want, length)
		// In a literal that waits, and in one that does not.
		text := "{100000}\r\n"
		n := length - len(head+text+tail)
		c.send(head + "{" + itoa(n) + "}")
		got := c.wait("answer", func(b []byte) int { return strings.IndexByte(string(b), '\n') + 1 })
		if strings.HasPrefix(got, "+ ") {
			c.send(strings.Repeat("n", n) + strings.TrimSuffix(tail, "\r\n"))
			got = c.until("x ")
		}
		announced := len(head) + len("{"+itoa(n)+"}\r\n") + n + len(tail)
		require.Equal(t, announced > MaxCommand, strings.Contains(got, "x BAD [TOOBIG]"), "%d: %s", announced, got)
		c.send(head + "{" + itoa(n) + "+}\r\n" + strings.Repeat("n", n) + strings.TrimSuffix(tail, "\r\n"))
		announced++
		got = c.until("x ")
		require.Equal(t, announced > MaxCommand, strings.Contains(got, "x BAD [TOOBIG]"), "%d: %s", announced, got)
		// Several literals, the last of which is too long.
		c.send(head + "{4+}\r\nmore {" + itoa(length) + "+}\r\n" + strings.Repeat("n", length) + " {3+}\r\nend" + strings.TrimSuffix(tail, "\r\n"))
		got = c.until("x ")
		require.Equal(t, length > MaxCommand-100, strings.Contains(got, "x BAD [TOOBIG]"), got)

		p.Publish("alice", newMessage("Work", imapUID(length)), nil)
		c.line("* STATUS Work ")
		require.Equal(t, "TAG OK NOOP completed\r\n", c.do("NOOP"))
	}
	for _, command := range []string{"ID (", "SETMETADATA INBOX (", "GETMETADATA INBOX (", "ENABLE ", "LOGIN ", "IDLE "} {
		require.Contains(t, c.do(command+strings.Repeat("/private/x ", MaxCommand/10)), "TAG BAD [TOOBIG]", command)
		c.silent()
	}
	// A name that imapserver would take for more than a line.
	require.Contains(t, c.do("GETMETADATA "+strings.Repeat("n", 100<<10)+" /private/x"), "TAG NO [NONEXISTENT]")
	c.silent()
}
