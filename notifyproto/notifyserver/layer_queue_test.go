package notifyserver

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

func parse(t testing.TB, command string) notifyproto.Command {
	cmd, err := notifyproto.ParseCommand([]byte(command), nil)
	require.NoError(t, err)
	return cmd
}

func number(n uint32) *uint32 { return &n }

func TestQueueMerges(t *testing.T) {
	status := func(mailbox string, messages uint32, all bool) item {
		return item{kind: statusItem, mailbox: mailbox, counts: counts{uidValidity: 1, uidNext: messages + 1, messages: number(messages), unseen: number(messages), all: all}}
	}
	var q queue
	require.True(t, q.empty())
	q.add(status("A", 1, true))
	q.add(status("B", 1, false))
	q.add(status("A", 2, false)) // MESSAGES are still owed
	require.Equal(t, []item{status("A", 2, true), status("B", 1, false)}, q.items)

	// An event without numbers leaves a gap.
	q.add(item{kind: statusItem, mailbox: "A", counts: counts{uidValidity: 1}})
	require.False(t, q.items[0].counts.complete())
	q.add(status("A", 3, true))
	require.True(t, q.items[0].counts.complete())

	// A name is told before the news of its mailbox, and once.
	q = queue{}
	q.add(status("A", 1, true))
	q.add(item{kind: listItem, mailbox: "A"})
	q.add(status("A", 2, true))
	q.add(item{kind: listItem, mailbox: "A"})
	require.Equal(t, []item{status("A", 1, true), {kind: listItem, mailbox: "A"}, status("A", 2, true)}, q.items)
	q.add(item{kind: listItem, mailbox: "A", old: "B"})
	require.Len(t, q.items, 4)

	q = queue{}
	q.add(item{kind: metadataItem, mailbox: "", entries: []string{"/private/a"}})
	q.add(item{kind: metadataItem, mailbox: "A", entries: []string{"/private/a"}})
	q.add(item{kind: metadataItem, mailbox: "", entries: []string{"/private/b", "/private/a"}})
	require.Equal(t, []string{"/private/a", "/private/b"}, q.items[0].entries)
	require.Len(t, q.items, 2)
}

func TestQueueBound(t *testing.T) {
	var q queue
	n := 0
	for _, name := range names(10_000) {
		q.add(item{kind: listItem, mailbox: name})
		if q.overflow {
			break
		}
		n++
		require.LessOrEqual(t, q.size, MaxQueue)
	}
	require.Greater(t, n, 400)
	require.Equal(t, queue{overflow: true}, q)

	// Merging adds, too.
	q = queue{}
	for _, name := range names(10_000) {
		q.add(item{kind: metadataItem, mailbox: "A", entries: []string{"/private/vendor/vendor.lemonade/" + name}})
		if q.overflow {
			break
		}
	}
	require.Equal(t, queue{overflow: true}, q)
}

// TestHeldFlags has EXPUNGE renumber what is held.
func TestHeldFlags(t *testing.T) {
	var r response
	for _, n := range []uint32{1, 3, 5, 9} {
		r.hold(n, []byte(" FETCH (FLAGS ())\r\n"))
	}
	r.hold(5, []byte(" FETCH (FLAGS (\\Seen))\r\n")) // the last one counts
	r.expunged(4)                                    // one that is not held
	r.expunged(3)
	r.expunged(2) // was 3 before: not held any more
	r.expunged(20)
	require.Equal(t, "* 1 FETCH (FLAGS ())\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 6 FETCH (FLAGS ())\r\n",
		string(r.appendHeld(nil)))
	require.Empty(t, r.appendHeld(nil))

	for n := range uint32(maxHeldFlags) {
		r.hold(n+1, []byte(" FETCH (FLAGS ())\r\n"))
	}
	require.False(t, r.lost)
	r.hold(1, []byte(" FETCH (FLAGS ())\r\n"))
	require.False(t, r.lost)
	r.hold(maxHeldFlags+1, []byte(" FETCH (FLAGS ())\r\n"))
	require.True(t, r.lost)
	require.Empty(t, r.flags)
	r.hold(1, []byte(" FETCH (FLAGS ())\r\n"))
	require.Empty(t, r.flags)
}

// selected starts a client in INBOX with messages, and another that changes
// them.
func selected(t *testing.T, messages int, notify string) (watcher, writer *client, publish func(typ string)) {
	p, b := new(Publisher), newBackend(t)
	for range messages {
		b.append(t, "alice", "INBOX", mail)
	}
	layer := &Server{Source: p, AllowInsecureAuth: true}
	s := start(t, setup{layer: layer, session: b.newSession})
	watcher, writer = s.client().login(), s.client().login()
	watcher.ok("SELECT INBOX")
	writer.ok("SELECT INBOX")
	if notify != "" {
		watcher.ok(notify)
	}
	uid := imap.UID(messages)
	return watcher, writer, func(typ string) {
		var e = event("MessageExpunge", "INBOX", 0, 0, 0)
		switch typ {
		case "new":
			uid++
			e = newMessage("INBOX", uid)
		case "flags":
			e = event("FlagsSet", "INBOX", 0, 0, 0)
		}
		p.Publish("alice", e, nil)
	}
}

func TestSelected(t *testing.T) {
	watcher, writer, publish := selected(t, 3, "NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (Subject)]) MessageExpunge FlagChange))")
	writer.ok("APPEND INBOX {3+}\r\nabc")
	publish("new")
	require.Equal(t, "* 4 EXISTS", watcher.line("* 4"))
	require.Equal(t, "* 4 FETCH (UID 4 BODY[HEADER.FIELDS (\"Subject\")] {0}", watcher.line("* 4 FETCH"))
	watcher.line("")
	writer.ok("STORE 2 +FLAGS (\\Deleted)")
	publish("flags")
	require.Contains(t, watcher.line("* 2 FETCH"), "\\deleted")
	writer.ok("EXPUNGE")
	publish("expunge")
	require.Equal(t, "* 2 EXPUNGE", watcher.line("* 2"))
	watcher.silent()
}

// TestHeldUntilCommand has flags change for a client that did not ask for
// FlagChange, and expunges renumber them.
func TestHeldUntilCommand(t *testing.T) {
	watcher, writer, publish := selected(t, 4, "NOTIFY SET (selected (MessageNew MessageExpunge))")
	writer.ok("STORE 4 +FLAGS ($Work)")
	publish("flags")
	writer.ok("STORE 1 +FLAGS (\\Deleted)")
	writer.ok("EXPUNGE")
	publish("expunge")
	require.Equal(t, "* 1 EXPUNGE", watcher.line("* 1"))
	require.Equal(t, "* 3 FETCH (UID 4 FLAGS ($work))\r\nTAG OK NOOP completed\r\n", watcher.do("NOOP"))
	watcher.silent()
}

// TestSelectedDelayed has expunges wait for a command that allows them (RFC
// 5465, section 6.1.2).
func TestSelectedDelayed(t *testing.T) {
	watcher, writer, publish := selected(t, 3, "NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge FlagChange)) (mailboxes Work (MessageNew MessageExpunge))")
	writer.ok("STORE 1 +FLAGS (\\Deleted)")
	publish("flags")
	writer.ok("EXPUNGE")
	publish("expunge")
	writer.ok("APPEND INBOX {3+}\r\nabc")
	publish("new")
	got := watcher.ok("FETCH 1:2 UID") // by number: none may go
	require.NotContains(t, got, "EXPUNGE")
	require.Contains(t, got, "* 2 FETCH (UID 2)")
	got = watcher.ok("NOOP")
	require.Contains(t, got, "* 1 EXPUNGE\r\n")
	require.Contains(t, got, "* 3 EXISTS\r\n")
	require.Contains(t, got, "* 3 FETCH (UID 4)\r\nTAG OK")
	watcher.silent()

	// In IDLE they may come.
	writer.ok("APPEND INBOX {3+}\r\nabc")
	publish("new")
	watcher.send("i IDLE")
	watcher.line("+ ")
	watcher.line("* 4 EXISTS")
	watcher.line("* 4 FETCH (UID 5)")
	writer.ok("STORE 1 +FLAGS (\\Deleted)")
	writer.ok("EXPUNGE")
	publish("expunge")
	watcher.until("* 1 EXPUNGE")
	watcher.send("DONE")
	watcher.until("i OK")
	watcher.silent()

	// LOGOUT has nothing behind it to ask.
	writer.ok("APPEND INBOX {3+}\r\nabc")
	publish("new")
	watcher.send("z LOGOUT")
	require.Contains(t, watcher.end(), "z OK")
}

// TestNoExpungeInFetch: the attributes of new messages are not fetched while
// an EXPUNGE may not come (RFC 3501, section 7.4.1).
func TestNoExpungeInFetch(t *testing.T) {
	for _, command := range []string{"FETCH 1:* UID", "STORE 1 +FLAGS ($x)", "SEARCH ALL"} {
		watcher, writer, publish := selected(t, 3, "NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge))")
		writer.ok("APPEND INBOX {3+}\r\nabc")
		writer.ok("STORE 1 +FLAGS (\\Deleted)")
		writer.ok("EXPUNGE")
		publish("new")
		publish("expunge")
		require.NotContains(t, watcher.ok(command), "EXPUNGE", command)
		require.Contains(t, watcher.ok("NOOP"), "* 3 FETCH (UID 4)\r\nTAG OK")
	}
}

// TestLostFlags has more flags change than are kept: they are fetched again.
func TestLostFlags(t *testing.T) {
	watcher, writer, publish := selected(t, maxHeldFlags+2, "NOTIFY SET (selected (MessageNew MessageExpunge)) (mailboxes Work (MessageNew MessageExpunge))")
	writer.ok("STORE 1:* +FLAGS ($Work)")
	publish("flags")
	got := watcher.ok("NOOP")
	got += watcher.ok("NOOP")
	require.Contains(t, got, "* 1 FETCH (UID 1 FLAGS ($work))\r\n")
	require.Contains(t, got, "* 1002 FETCH (UID 1002 FLAGS ($work))\r\n")
	watcher.silent()
}
