package mailserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

const (
	messageEvents = "MessageNew MessageExpunge FlagChange"
	allEvents     = messageEvents + " MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange"
)

// Section 3.1: NOTIFY SET is a NOOP, too.
func TestNotifyImplicitNoop(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	for range 3 {
		o.add("INBOX")
	}
	o.ok("SELECT INBOX")
	c := login(t, s, "SELECT INBOX")
	o.add("INBOX")
	o.ok("STORE 1 +FLAGS (\\Deleted)")
	o.ok("STORE 3 +FLAGS (\\Flagged)")
	o.ok("EXPUNGE")
	c.gets("NOTIFY SET (selected ("+messageEvents+"))",
		`* 3 FETCH (UID 3 FLAGS (\Flagged))`, "* 1 EXPUNGE", "* 3 EXISTS")
	c.silent()
	o.ok("STORE 1 +FLAGS (\\Flagged)")
	c.hears(`* 1 FETCH (UID 2 FLAGS (\Flagged))`)

	// What was kept back is an accumulated change, too.
	c.gets("NOTIFY SET (selected (MessageNew MessageExpunge))")
	o.ok("STORE 2 +FLAGS.SILENT (\\Seen)")
	o.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
	o.ok("EXPUNGE")
	c.hears("* 1 EXPUNGE")
	c.silent()
	c.gets("NOTIFY SET (selected ("+messageEvents+"))", `* 1 FETCH (UID 3 FLAGS (\Flagged \Seen))`)
}

// Section 3.1: the STATUS indicator.
func TestNotifyStatusIndicator(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A", "CREATE B", "CREATE B/C", "CREATE D", "SUBSCRIBE D")
	o.add("A")
	o.add("B/C", `\Seen`)
	c := login(t, s)
	inbox := "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)"
	a := "* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)"
	b := "* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)"
	bc := "* STATUS B/C (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)"
	d := "* STATUS D (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)"

	c.gets("NOTIFY SET STATUS (personal (MessageNew MessageExpunge))", inbox, a, b, bc, d)
	c.gets("NOTIFY SET (personal (MessageNew MessageExpunge))")
	c.gets("NOTIFY SET STATUS (inboxes (MessageNew MessageExpunge))", inbox, a, b, bc, d)
	c.gets("NOTIFY SET STATUS (subscribed (MessageNew MessageExpunge))", d)
	c.gets("NOTIFY SET STATUS (subtree B ("+messageEvents+"))", b, bc)
	c.gets("NOTIFY SET STATUS (subtree (A B) (MessageNew MessageExpunge))", a, b, bc)
	c.gets("NOTIFY SET STATUS (mailboxes (D inbox) (MessageNew MessageExpunge))", inbox, d)
	c.gets("NOTIFY SET STATUS (mailboxes (D X) (MessageNew MessageExpunge))", d)
	c.gets("NOTIFY SET STATUS (mailboxes X (MessageNew MessageExpunge))")
	c.gets("NOTIFY SET STATUS (personal (MailboxName SubscriptionChange))")
	c.gets("NOTIFY SET STATUS (mailboxes A NONE) (personal (MessageNew MessageExpunge))", inbox, b, bc, d)
	c.gets("NOTIFY SET STATUS (selected (MessageNew MessageExpunge)) (mailboxes A (MessageNew MessageExpunge))", a)

	// Never the selected one, however it is spelled or named.
	c.ok("SELECT B/C")
	c.gets("NOTIFY SET STATUS (mailboxes (A B/C) (MessageNew MessageExpunge)) (selected (MessageNew MessageExpunge))", a)
	c.gets("NOTIFY SET STATUS (personal (MessageNew MessageExpunge))", inbox, a, b, d)
	c.ok("SELECT inbox")
	c.gets("NOTIFY SET STATUS (personal (MessageNew MessageExpunge))", a, b, bc, d)
	o.ok("CREATE inbox/E")
	c.ok("SELECT inbox/E")
	c.gets("NOTIFY SET STATUS (subtree INBOX ("+messageEvents+")) (selected ("+messageEvents+"))", inbox)
	o.add("INBOX/E")
	c.hears("* 1 EXISTS")
	c.silent()
	o.ok("DELETE A")
	o.ok("CREATE A/F")
	o.ok("DELETE A")
	c.gets(`NOTIFY SET STATUS (subtree A (MessageNew MessageExpunge))`, "* STATUS A/F (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)")
}

// Section 3.1: what replaces what.
func TestNotifyReplaced(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A", "CREATE B")
	c := login(t, s, "NOTIFY SET (mailboxes A (MessageNew MessageExpunge))")
	told := func(want ...string) {
		t.Helper()
		c.hears(want...)
		c.silent()
	}
	o.add("A")
	o.add("B")
	told("* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")

	// A refused one leaves the old in force.
	c.refused("NOTIFY SET (mailboxes B (MessageNew))", "BAD ")
	c.refused("NOTIFY SET (mailboxes B (Foo))", `NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange\)\] `)
	c.refused("NOTIFY SET (mailboxes B (MessageNew MessageExpunge AnnotationChange))", `NO \[BADEVENT `)
	c.refused("NOTIFY SET mailboxes B", "BAD .*octet")
	c.refused("NOTIFY SET", "BAD ")
	c.refused("NOTIFY", "BAD ")
	c.refused("NOTIFY NONE x", "BAD ")
	o.add("A")
	o.add("B")
	told("* STATUS A (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 2)")

	c.gets("NOTIFY SET (mailboxes B (MessageNew MessageExpunge))")
	o.add("A")
	o.add("B")
	told("* STATUS B (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1 UNSEEN 3)")

	c.gets("notify none")
	o.add("A")
	o.add("B")
	c.silent()

	c.gets("NOTIFY SET (personal NONE)")
	o.add("A")
	o.ok("CREATE X")
	c.silent()

	c.ok("LOGOUT")
}

// Sections 3.1 and 8: what is in the command, and what may follow it.
func TestNotifySpelling(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, `CREATE "A b"`)
	c := login(t, s, `NOTIFY set (Mailboxes ("A b" {5+}`+"\r\ninbox) (messageNEW MESSAGEexpunge))")
	o.add(`"A b"`)
	c.hears(`* STATUS "A b" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)`)
	o.add("INBOX")
	c.hears("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")

	// A literal that waits for the server.
	c.write("L NOTIFY SET (mailboxes {3}\r\n")
	require.Regexp(t, `^\+ `, c.next())
	o.add("INBOX")
	c.hears("* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 2)") // the old one
	c.write("A b (MessageNew MessageExpunge))\r\n")
	require.Regexp(t, "^L OK", c.next())
	o.add("INBOX")
	o.add(`"A b"`)
	c.hears(`* STATUS "A b" (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 2)`)

	d := dialWire(t, s)
	d.refused("NOTIFY NONE", "BAD ")
}

// Section 4: IDLE tells what NOTIFY asked for, and nothing else.
func TestNotifyIdle(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	o.add("INBOX")
	o.add("INBOX")
	o.ok("SELECT INBOX")
	for i, test := range []struct {
		groups string
		want   [4]string // after a message in A; flags, an expunge, a message in INBOX
	}{
		{"(personal (MailboxName))", [4]string{}},
		{"(selected NONE)", [4]string{}},
		{"(mailboxes INBOX (" + messageEvents + "))", [4]string{}},
		{"(mailboxes A (MessageNew MessageExpunge))", [4]string{"STATUS A"}},
		{"(selected (MessageNew MessageExpunge))", [4]string{"", "", "1 EXPUNGE", "2 EXISTS"}},
		{"(selected (MessageNew (UID) MessageExpunge))", [4]string{"", "", "1 EXPUNGE", "2 EXISTS,2 FETCH (UID"}},
		{"(selected-delayed (MessageNew MessageExpunge))", [4]string{"", "", "1 EXPUNGE", "2 EXISTS"}},
		{"(selected (" + messageEvents + "))", [4]string{"", "2 FETCH (UID", "1 EXPUNGE", "2 EXISTS"}},
		{"(personal (" + messageEvents + ")) (selected-delayed (" + messageEvents + "))", [4]string{"STATUS A", "2 FETCH (UID", "1 EXPUNGE", "2 EXISTS"}},
	} {
		t.Run(test.groups, func(t *testing.T) {
			c := login(t, s, "SELECT INBOX", "NOTIFY SET "+test.groups)
			tag := c.idle()
			for step, change := range []func(){
				func() { o.add("A") },
				func() { o.ok("STORE 2 +FLAGS ($x" + itoa(i) + ")") },
				func() { o.ok("STORE 1 +FLAGS.SILENT (\\Deleted)"); o.ok("EXPUNGE") },
				func() { o.add("INBOX"); o.ok("NOOP") },
			} {
				if step == 2 && test.want[1] != "" { // \Deleted is a flag, too
					o.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
					require.Contains(t, c.next(), "* 1 FETCH (UID ")
				}
				change()
				for want := range strings.SplitSeq(test.want[step], ",") {
					if want != "" {
						require.Contains(t, c.next(), "* "+want)
					}
				}
				c.silent()
			}
			c.done(tag)
		})
	}
}

// Section 4 and 6.1.2: what is held back comes in IDLE.
func TestNotifySelectedDelayed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	for range 5 {
		o.add("INBOX")
	}
	o.ok("SELECT INBOX")
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge FlagChange)) (personal ("+allEvents+"))")
	expunge := func(uid string) {
		t.Helper()
		o.ok("UID STORE " + uid + " +FLAGS.SILENT (\\Deleted)")
		o.ok("EXPUNGE")
	}
	expunge("2")
	// The layer's own questions must not release it.
	o.ok("CREATE A/B")
	c.hears(`* LIST (\HasNoChildren) "/" A/B`, `* LIST (\HasChildren) "/" A`)
	o.ok("RENAME A/B A/C")
	c.hears(`* LIST (\HasNoChildren) "/" A/C ("OLDNAME" (A/B))`)
	c.silent()
	// FETCH and STORE with numbers hit what the client means.
	require.Equal(t, []string{"* 3 FETCH (UID 3)"}, c.ok("FETCH 3 (UID)"))
	require.Equal(t, []string{`* 4 FETCH (FLAGS (\Flagged))`}, c.ok("STORE 4 +FLAGS (\\Flagged)"))
	require.Equal(t, []string{"* SEARCH 1 3 4 5"}, c.ok("SEARCH ALL"))
	o.add("INBOX")
	c.silent()
	// A new message comes with a FETCH, an expunge does not, not even by the
	// layer's fetching the new message's attributes.
	require.Equal(t, []string{"* 3 FETCH (UID 3)", "* 6 EXISTS"}, c.ok("FETCH 3 (UID)"))
	tag := c.idle()
	c.hears("* 2 EXPUNGE", "* 5 FETCH (UID 6)")
	expunge("3")
	c.hears("* 2 EXPUNGE")
	o.add("INBOX")
	c.hears("* 5 EXISTS", "* 5 FETCH (UID 7)")
	o.ok("UID STORE 4 +FLAGS (\\Seen)")
	c.hears(`* 2 FETCH (UID 4 FLAGS (\Flagged \Seen))`)
	c.done(tag)
	expunge("1")
	c.silent()
	c.gets("NOOP", "* 1 EXPUNGE")
	expunge("4")
	c.silent()
	c.gets("UID FETCH 5 (UID)", "* 2 FETCH (UID 5)", "* 1 EXPUNGE")
}

// Section 5: what a client does itself it is not told.
func TestNotifyOwnChanges(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c := login(t, s, "CREATE A", "CREATE P")
	c.add("INBOX")
	c.ok("SELECT INBOX")
	c.ok("NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (" + allEvents + "))")
	own := func(command string, want ...string) {
		t.Helper()
		c.gets(command, want...)
		c.silent()
	}
	require.Equal(t, []string{"* 2 EXISTS"}, c.add("INBOX"))
	c.silent()
	require.Empty(t, c.add("A"))
	c.silent()
	own("COPY 1 A")
	own("UID COPY 1 INBOX", "* 3 EXISTS")
	own("STORE 1 +FLAGS (\\Seen)", `* 1 FETCH (FLAGS (\Seen))`)
	own("STORE 1 +FLAGS.SILENT (\\Flagged)")
	own("CREATE B")
	own("CREATE P/Q")
	own("RENAME B C")
	own("SUBSCRIBE C")
	own("UNSUBSCRIBE C")
	own("DELETE C")
	own("DELETE P/Q")
	own("SETMETADATA A (/shared/comment {1+}\r\nx)")
	own("SETMETADATA \"\" (/private/vendor/x/y {1+}\r\ny)")
	untagged := c.ok("UID MOVE 2 A")
	require.Len(t, untagged, 2)
	require.Contains(t, untagged[0], "COPYUID")
	require.Equal(t, "* 2 EXPUNGE", untagged[1])
	c.silent()
	own("UID STORE 1 +FLAGS.SILENT (\\Deleted)")
	own("EXPUNGE", "* 1 EXPUNGE")
	own("RENAME INBOX Old", "* 1 EXPUNGE")
}

// What a client did itself is in what it is told of others' changes.
func TestNotifyOwnAndOthers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c := login(t, s, "CREATE A", "NOTIFY SET (personal ("+messageEvents+"))")
	o := login(t, s)
	for i := range 20 {
		// The second change of o waits until it can be told with others, and
		// c's own comes before that.
		o.add("A")
		o.add("A")
		c.add("A")
		for _, line := range c.rest() {
			require.Contains(t, line, "* STATUS A (MESSAGES "+itoa(3*i+3)+" ")
		}
	}
}

// Section 5.1: flags.
func TestNotifyFlagChange(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	for range 3 {
		o.add("INBOX")
		o.add("A")
	}
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected ("+messageEvents+")) (personal ("+messageEvents+"))")
	o.ok("SELECT INBOX")
	o.ok("STORE 2 +FLAGS ($Junk)")
	c.hears("* 2 FETCH (UID 2 FLAGS ($Junk))")
	o.ok("STORE 2 -FLAGS.SILENT ($Junk)")
	c.hears("* 2 FETCH (UID 2 FLAGS ())")
	o.ok("STORE 1:3 +FLAGS (\\Seen)")
	c.hears(`* 1 FETCH (UID 1 FLAGS (\Seen))`, `* 2 FETCH (UID 2 FLAGS (\Seen))`, `* 3 FETCH (UID 3 FLAGS (\Seen))`)
	o.ok("FETCH 1 BODY[]")
	c.silent() // it was seen already

	o.ok("SELECT A")
	o.ok("STORE 1 +FLAGS (\\Flagged \\Answered \\Deleted $Junk)")
	c.silent()
	o.ok("STORE 1 +FLAGS (\\Seen)")
	c.hears("* STATUS A (UIDVALIDITY 1 UNSEEN 2)")
	o.ok("STORE 1 FLAGS (\\Draft)")
	c.hears("* STATUS A (UIDVALIDITY 1 UNSEEN 3)")
	o.ok("FETCH 2 BODY[]")
	c.hears("* STATUS A (UIDVALIDITY 1 UNSEEN 2)")
	c.silent()

	// Not asked for: not pushed, but with the next command, and renumbered.
	for _, selected := range []string{"selected", "selected-delayed"} {
		c.gets("NOTIFY SET (" + selected + " (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))")
		o.ok("SELECT A")
		o.ok("STORE 3 +FLAGS (\\Seen)")
		o.ok("STORE 3 -FLAGS (\\Seen)")
		o.ok("SELECT INBOX")
		o.ok("STORE 3 -FLAGS (\\Seen)")
		o.ok("STORE 3 +FLAGS (\\Seen $One)")
		o.ok("STORE 3 -FLAGS ($One)")
		o.ok("STORE 2 +FLAGS.SILENT (\\Flagged)")
		o.ok("STORE 2 -FLAGS.SILENT (\\Flagged)")
		o.ok("STORE 3 +FLAGS ($Two)")
		c.silent()
		o.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
		o.ok("EXPUNGE")
		if selected == "selected" {
			c.hears("* 1 EXPUNGE")
			c.silent()
			got := c.ok("NOOP")
			require.Contains(t, got, `* 2 FETCH (UID 3 FLAGS ($Two \Seen))`)
			c.gets("NOOP")
			o.ok("STORE 2 -FLAGS.SILENT ($Two)")
			c.silent()
			require.Contains(t, c.ok("FETCH 2 (UID)"), `* 2 FETCH (UID 3 FLAGS (\Seen))`)
			o.add("INBOX")
			c.hears("* 3 EXISTS")
		} else {
			c.silent()
			got := c.ok("NOOP")
			require.Equal(t, "* 1 EXPUNGE", got[len(got)-1])
			require.Contains(t, got, `* 3 FETCH (UID 4 FLAGS ($Two \Seen))`)
		}
	}
}

// Flags that are kept back must not undo what the client does meanwhile.
func TestNotifyHeldFlagsAndOwnStore(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	o.add("INBOX")
	o.ok("SELECT INBOX")
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected (MessageNew MessageExpunge))")
	for range 10 {
		o.ok("STORE 1 FLAGS (\\Seen)")
		o.add("INBOX")
		require.Contains(t, c.next(), "EXISTS") // and the flags are kept
		got := c.ok("STORE 1 +FLAGS (\\Flagged)")
		last := ""
		for _, line := range got {
			if strings.HasPrefix(line, "* 1 FETCH") {
				last = line
			}
		}
		require.Contains(t, last, `(\Flagged \Seen)`, "%q", got)
		got = c.ok("UID FETCH 1 (FLAGS)")
		require.Equal(t, []string{`* 1 FETCH (UID 1 FLAGS (\Flagged \Seen))`}, got)
		o.ok("STORE 1 FLAGS (\\Seen)")
		o.add("INBOX")
		require.Contains(t, c.next(), "EXISTS")
		got = c.ok("STORE 1 FLAGS.SILENT ($Mine)")
		require.NotContains(t, got, "$Mine")
		got = c.ok("NOOP")
		require.Empty(t, got)
		o.ok("NOOP")
	}
}

// Section 5.2: new messages.
func TestNotifyMessageNew(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "SELECT INBOX",
		"NOTIFY SET (selected (MessageNew (UID FLAGS BODY.PEEK[HEADER.FIELDS (Subject)]) MessageExpunge)) (personal (MessageNew MessageExpunge))")
	deliver(t, s)
	require.Equal(t, "* 1 EXISTS", c.next())
	got := c.next()
	require.Regexp(t, `(?s)^\* 1 FETCH \(UID 1 FLAGS \(\) BODY\[HEADER.FIELDS \("?Subject"?\)\] \{16\}\r\nSubject: one\r\n\r\n\)$`, got)
	c.silent()
	o.add("INBOX", `\Seen`, "$x")
	require.Equal(t, "* 2 EXISTS", c.next())
	require.Contains(t, c.next(), `* 2 FETCH (UID 2 FLAGS ($x \Seen) BODY[`)
	c.silent()
	o.add("A")
	c.hears("* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	o.ok("SELECT INBOX")
	o.ok("COPY 1:2 A")
	c.hears("* STATUS A (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1 UNSEEN 2)")
	c.silent()

	// Several at once, one EXISTS.
	c.gets("NOTIFY SET (selected (MessageNew (UID) MessageExpunge))")
	o.ok("COPY 1:2 INBOX")
	c.hears("* 4 EXISTS", "* 3 FETCH (UID 3)", "* 4 FETCH (UID 4)")
	c.silent()

	// Own ones without FETCH, those of others with it.
	require.Equal(t, []string{"* 5 EXISTS"}, c.add("INBOX"))
	c.silent()
	c.gets("COPY 1 INBOX", "* 6 EXISTS")
	c.silent()

	// None asked for, none sent.
	c.gets("NOTIFY SET (selected (MessageNew MessageExpunge))")
	o.add("INBOX")
	c.hears("* 7 EXISTS")
	c.silent()

	// BODY[] would set \Seen.
	c.gets("NOTIFY SET (selected (MessageNew (BODY[] RFC822 RFC822.TEXT BINARY[1]) MessageExpunge FlagChange)) (personal (" + messageEvents + "))")
	o.add("INBOX")
	require.Equal(t, "* 8 EXISTS", c.next())
	require.Regexp(t, `^\* 8 FETCH .*BODY\[\] `, c.next())
	c.silent()
	require.Contains(t, login(t, s, "SELECT INBOX").ok("FETCH 8 (FLAGS)"), "* 8 FETCH (FLAGS ())")

	// What cannot be fetched is refused.
	c.refused("NOTIFY SET (selected (MessageNew (X-FOO) MessageExpunge))", "BAD .*X-FOO")
	c.refused("NOTIFY SET (selected (MessageNew (MODSEQ) MessageExpunge))", "BAD .*MODSEQ")
	c.refused("NOTIFY SET (personal (MessageNew (UID) MessageExpunge))", "BAD ")
}

// Section 5.2: with a command that releases a message its attributes come
// before the tagged response.
func TestNotifyFetchBeforeTagged(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	o.add("INBOX")
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected-delayed (MessageNew (UID FLAGS) MessageExpunge))")
	n := 1
	for _, command := range []string{"NOOP", "CHECK", "STATUS INBOX (MESSAGES)", "FETCH 1 (UID)", "UID FETCH 1 (UID)", "SEARCH ALL",
		"UID SEARCH ALL", "STORE 1 +FLAGS.SILENT (\\Seen)", "LIST \"\" \"\"", "CAPABILITY", "EXPUNGE", "CREATE X", "COPY 1 X"} {
		o.add("INBOX")
		n++
		c.silent()
		got := c.ok(command)
		require.NotEmpty(t, got, command)
		exists, fetch := "* "+itoa(n)+" EXISTS", "* "+itoa(n)+" FETCH (UID "+itoa(n)+" FLAGS ())"
		if name, _, _ := strings.Cut(command, " "); name == "FETCH" || name == "STORE" || name == "SEARCH" {
			require.Equal(t, exists, got[len(got)-1], command)
			c.gets("NOOP", fetch)
		} else {
			require.Equal(t, []string{exists, fetch}, got[max(0, len(got)-2):], command)
		}
	}
	// Those that fail release nothing, and lose nothing.
	o.add("INBOX")
	n++
	c.refused("CREATE X", "NO ")
	c.refused("SELECT", "BAD ")
	c.gets("NOOP", "* "+itoa(n)+" EXISTS", "* "+itoa(n)+" FETCH (UID "+itoa(n)+" FLAGS ())")

	// Own and others' in one.
	o.add("INBOX")
	got := c.add("INBOX")
	require.Equal(t, []string{"* " + itoa(n+2) + " EXISTS", "* " + itoa(n+1) + " FETCH (UID " + itoa(n+1) + " FLAGS ())"}, got)
	// What was expunged meanwhile has none.
	o.ok("SELECT INBOX")
	o.add("INBOX")
	o.ok("STORE * +FLAGS.SILENT (\\Deleted)")
	o.ok("EXPUNGE")
	c.gets("NOOP")

	// The end comes nonetheless.
	o.add("INBOX")
	got, tagged := c.do("LOGOUT")
	require.Regexp(t, "^OK", tagged)
	require.Regexp(t, `^\* BYE`, got[0])
}

// Section 5.3: expunges.
func TestNotifyMessageExpunge(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A", "CREATE B")
	for range 4 {
		o.add("INBOX")
		o.add("A")
	}
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))")
	o.ok("SELECT INBOX")
	o.ok("UID STORE 1,3 +FLAGS.SILENT (\\Deleted)")
	o.ok("UID EXPUNGE 3")
	c.hears("* 3 EXPUNGE")
	o.ok("EXPUNGE")
	c.hears("* 1 EXPUNGE")
	o.ok("UID MOVE 4 B")
	c.hears("* STATUS B (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)", "* 2 EXPUNGE")
	c.silent()
	o.ok("SELECT A")
	o.ok("STORE 1:2 +FLAGS.SILENT (\\Deleted)")
	o.ok("EXPUNGE")
	c.hears("* STATUS A (MESSAGES 2 UIDNEXT 5 UIDVALIDITY 1 UNSEEN 2)")
	o.ok("STORE 1:2 +FLAGS.SILENT (\\Deleted)")
	o.ok("CLOSE")
	c.hears("* STATUS A (MESSAGES 0 UIDNEXT 5 UIDVALIDITY 1 UNSEEN 0)")
	c.silent()
}

// Section 5.4: names.
func TestNotifyMailboxName(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (personal (MailboxName))")
	step := func(command string, want ...string) {
		t.Helper()
		o.ok(command)
		c.hears(want...)
		c.silent()
	}
	step("CREATE A", `* LIST (\HasNoChildren) "/" A`)
	step("CREATE A/B", `* LIST (\HasNoChildren) "/" A/B`, `* LIST (\HasChildren) "/" A`)
	step("CREATE A/B/C/D", `* LIST (\HasNoChildren) "/" A/B/C/D`, `* LIST (\HasChildren) "/" A/B/C`)
	step("DELETE A/B/C/D", `* LIST (\NonExistent) "/" A/B/C/D`, `* LIST (\HasNoChildren) "/" A/B/C`)
	step("DELETE A/B", `* LIST (\Noselect \HasChildren \NonExistent) "/" A/B`, `* LIST (\HasChildren) "/" A`)
	step("CREATE A/B", `* LIST (\HasChildren) "/" A/B`, `* LIST (\HasChildren) "/" A`)
	step("RENAME A/B E", `* LIST (\HasChildren) "/" E ("OLDNAME" (A/B))`)
	step("SUBSCRIBE E")
	step("RENAME E F", `* LIST (\HasChildren) "/" F ("OLDNAME" (E))`)
	step("SUBSCRIBE F")
	step("DELETE F/C", `* LIST (\NonExistent) "/" F/C`, `* LIST (\HasNoChildren \Subscribed) "/" F`)
	step("DELETE F", `* LIST (\NonExistent) "/" F`)
	step("CREATE F", `* LIST (\HasNoChildren \Subscribed) "/" F`)
	o.add("INBOX")
	step("RENAME INBOX Old", `* LIST (\HasNoChildren) "/" Old ("OLDNAME" (INBOX))`)
	step(`CREATE "with space"`, `* LIST (\HasNoChildren) "/" "with space"`)
	step("CREATE INBOX/x", `* LIST (\HasNoChildren) "/" INBOX/x`, `* LIST (\HasChildren) "/" INBOX`)

	c.gets("NOTIFY SET (mailboxes (M N) (MailboxName))") // a message that came and went was never there
}

// Sections 5.4 and 6: names only of the mailboxes that were asked for.
func TestNotifyMailboxNameOfSome(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	c := login(t, s, "NOTIFY SET (subtree T (MailboxName)) (mailboxes (M N) (MailboxName))")
	step := func(command string, want ...string) {
		t.Helper()
		o.ok(command)
		c.hears(want...)
		c.silent()
	}
	step("CREATE X")
	step("CREATE M", `* LIST (\HasNoChildren) "/" M`)
	step("RENAME M Y", `* LIST (\HasNoChildren) "/" Y ("OLDNAME" (M))`)
	step("RENAME Y Z")
	step("RENAME Z N", `* LIST (\HasNoChildren) "/" N ("OLDNAME" (Z))`)
	step("CREATE N/sub", `* LIST (\HasChildren) "/" N`)
	step("CREATE Tx")
	step("CREATE T/a", `* LIST (\HasNoChildren) "/" T/a`, `* LIST (\HasChildren) "/" T`)
	step("DELETE N/sub", `* LIST (\HasNoChildren) "/" N`)
	step("DELETE N", `* LIST (\NonExistent) "/" N`)
}

// Section 5.5: subscriptions.
func TestNotifySubscriptionChange(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A/B")
	c := login(t, s, "NOTIFY SET (personal (SubscriptionChange))")
	step := func(command string, want ...string) {
		t.Helper()
		o.ok(command)
		c.hears(want...)
		c.silent()
	}
	step("SUBSCRIBE A", `* LIST (\HasChildren \Subscribed) "/" A`)
	step("SUBSCRIBE A")
	step("UNSUBSCRIBE A", `* LIST (\HasChildren) "/" A`)
	step("SUBSCRIBE A/B", `* LIST (\HasNoChildren \Subscribed) "/" A/B`)
	step("DELETE A/B")
	step("UNSUBSCRIBE A/B", `* LIST (\NonExistent) "/" A/B`)
	step("CREATE C")
}

// Sections 5.6 and 5.7: annotations.
func TestNotifyMetadata(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "NOTIFY SET (mailboxes A (MailboxMetadataChange))")
	step := func(command string, want ...string) {
		t.Helper()
		o.ok(command)
		c.hears(want...)
		c.silent()
	}
	step("SETMETADATA A (/shared/comment {1+}\r\nx)", "* METADATA A /shared/comment")
	step("SETMETADATA A (/shared/comment {1+}\r\nx)")
	step("SETMETADATA A (/shared/comment NIL)", "* METADATA A /shared/comment")
	step("SETMETADATA INBOX (/shared/comment {1+}\r\nx)")
	step("SETMETADATA \"\" (/shared/vendor/x/y {1+}\r\nz)", `* METADATA "" /shared/vendor/x/y`) // by ENABLE

	// Without ENABLE the server's come only if asked for.
	plain := dialWire(t, s)
	plain.ok("LOGIN alice alice")
	plain.ok("NOTIFY SET (mailboxes A (MailboxMetadataChange))")
	o.ok("SETMETADATA \"\" (/shared/vendor/x/y {1+}\r\na)")
	o.ok("SETMETADATA A (/shared/comment {1+}\r\na)")
	plain.hears("* METADATA A /shared/comment")
	plain.ok("NOTIFY SET (personal (ServerMetadataChange))")
	o.ok("SETMETADATA A (/shared/comment {1+}\r\nb)")
	o.ok("SETMETADATA \"\" (/shared/vendor/x/y {1+}\r\nb)")
	plain.hears(`* METADATA "" /shared/vendor/x/y`)
	require.NoError(t, s.Annotations.Set(annotations.Subject{User: "bob"}, "",
		[]annotations.EntryValue{{Name: "/private/vendor/x/y", Value: []byte("bob's own")}}))
	o.ok("SETMETADATA \"\" (/private/vendor/x/y {4+}\r\nmine)")
	plain.hears(`* METADATA "" /private/vendor/x/y`)
}

// Section 6: SELECTED is what is selected at the time.
func TestNotifySelectedFollows(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A", "CREATE B")
	c := login(t, s, "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))")
	counts := map[string]int{}
	status := func(mailbox string) {
		t.Helper()
		o.add(mailbox)
		counts[mailbox]++
		n := counts[mailbox]
		c.hears("* STATUS " + mailbox + " (MESSAGES " + itoa(n) + " UIDNEXT " + itoa(n+1) + " UIDVALIDITY 1 UNSEEN " + itoa(n) + ")")
		c.silent()
	}
	exists := func(mailbox string) {
		t.Helper()
		o.add(mailbox)
		counts[mailbox]++
		n := itoa(counts[mailbox])
		c.hears("* "+n+" EXISTS", "* "+n+" FETCH (UID "+n+")")
		c.silent()
	}
	status("A")
	status("INBOX")
	c.ok("SELECT A")
	c.silent()
	exists("A")
	status("B")
	c.ok("EXAMINE B")
	exists("B")
	status("A")
	c.ok("UNSELECT")
	status("B")
	c.ok("SELECT A")
	c.refused("SELECT missing", "NO ")
	status("A")
	c.ok(`SELECT {1+}` + "\r\nA")
	exists("A")
	c.refused("SELECT", "BAD ")
	exists("A")
	c.refused(`SELECT "A" B`, "BAD ")
	exists("A")
	c.ok("CLOSE")
	status("A")
	// A rename takes it along.
	c.ok("SELECT A")
	o.ok("RENAME A P/Q")
	o.ok("RENAME P R")
	counts["R/Q"] = counts["A"]
	exists("R/Q")
	c.ok("UNSELECT")
	status("R/Q")
	c.ok("SELECT INBOX")
	exists("INBOX")
	c.ok("UNAUTHENTICATE")
	o.add("INBOX")
	c.ok("LOGIN alice alice")
	c.ok("ENABLE METADATA-SERVER")
	o.add("INBOX")
	c.silent()
}

// A change that was not told when its mailbox is left is told as one of
// another mailbox.
func TestNotifyLeftBehind(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))")
	n := 0
	for _, leave := range []string{"UNSELECT", "CLOSE", "SELECT INBOX", "SELECT missing"} {
		c.ok("SELECT A")
		o.add("A")
		n++
		c.silent()
		c.do(leave)
		c.hears("* STATUS A (MESSAGES " + itoa(n) + " UIDNEXT " + itoa(n+1) + " UIDVALIDITY 1 UNSEEN " + itoa(n) + ")")
		c.silent()

		// It was told: nothing is left.
		c.ok("SELECT A")
		o.add("A")
		n++
		c.gets("NOOP", "* "+itoa(n)+" EXISTS", "* "+itoa(n)+" FETCH (UID "+itoa(n)+")")
		c.do(leave)
		c.silent()
	}
}

// Section 6: the other specifiers.
func TestNotifySpecifiers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A", "CREATE A/B", "CREATE Ab", "CREATE C", "SUBSCRIBE C")
	all := []string{"INBOX", "A", "A/B", "Ab", "C"}
	c := login(t, s)
	check := func(groups string, want ...string) {
		t.Helper()
		c.gets("NOTIFY SET " + groups)
		for _, mailbox := range all {
			o.add(mailbox)
			for _, w := range want {
				if w == mailbox {
					require.Contains(t, c.next(), "* STATUS "+mailbox+" (MESSAGES ")
				}
			}
			c.silent()
		}
	}
	const events = " (MessageNew MessageExpunge))"
	check("(personal"+events, all...)
	check("(inboxes"+events, all...)
	check("(subscribed"+events, "C")
	check("(subtree A"+events, "A", "A/B")
	check("(subtree (A C)"+events, "A", "A/B", "C")
	check("(subtree INBOX"+events, "INBOX")
	check("(mailboxes A"+events, "A")
	check(`(mailboxes ("*" "%" "A/%" "A*")` + events)
	check(`(subtree ("*" "A%")` + events)
	check("(mailboxes inbox"+events, "INBOX")
	check("(mailboxes a" + events)
	// SUBSCRIBED follows the list.
	c.gets("NOTIFY SET (subscribed" + events)
	o.ok("SUBSCRIBE A")
	o.ok("UNSUBSCRIBE C")
	o.add("C")
	o.add("A")
	require.Contains(t, c.next(), "* STATUS A ")
	c.silent()
	c.ok("SUBSCRIBE C") // an own change of the list counts, too
	o.add("C")
	require.Contains(t, c.next(), "* STATUS C ")
	// D5: NONE ends the reading of the groups, earlier ones stay.
	check("(mailboxes A NONE) (personal"+events, "INBOX", "A/B", "Ab", "C")
	check("(personal"+events+" (mailboxes A NONE)", all...)
	check("(mailboxes A"+events+" (subtree A NONE) (personal"+events, "INBOX", "A", "Ab", "C")
	check("(subtree A NONE) (mailboxes (A C)"+events, "C")
	// The selected mailbox by name: only SELECTED speaks for it.
	c.ok("SELECT A")
	check("(mailboxes (A C)"+events, "C")
	c.ok("NOOP")
	check("(mailboxes (A C)"+events+" (selected NONE)", "C")
	c.ok("NOOP")
	c.gets("NOTIFY SET (mailboxes A (MessageNew MessageExpunge MailboxName SubscriptionChange)) (selected NONE)")
	o.add("A")
	o.ok("SUBSCRIBE A/B")
	o.ok("UNSUBSCRIBE A")
	c.hears(`* LIST (\HasChildren) "/" A`)
	c.silent()
	require.Contains(t, strings.Join(c.ok("NOOP"), "\n"), "EXISTS")
	c.refused("NOTIFY SET (selected"+events+" (selected-delayed"+events, "BAD ")
	c.refused("NOTIFY SET (selected (MailboxName))", "BAD ")
	c.refused("NOTIFY SET (subtree-one A"+events, "BAD ")
}

// Names with other characters, in modified UTF-7 and in UTF-8.
func TestNotifyNames(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const utf7, utf8 = "Entw&APw-rfe", `"Entwürfe"`
	o := login(t, s, "CREATE "+utf7, "CREATE R&-D")
	c := login(t, s, "NOTIFY SET STATUS (mailboxes ("+utf7+" R&-D) (MessageNew MessageExpunge MailboxName SubscriptionChange MailboxMetadataChange))")
	o.add(utf7)
	c.hears("* STATUS " + utf7 + " (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	o.add("R&-D")
	c.hears("* STATUS R&-D (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	o.ok("SUBSCRIBE " + utf7)
	c.hears(`* LIST (\HasNoChildren \Subscribed) "/" ` + utf7)
	o.ok("SETMETADATA " + utf7 + " (/shared/comment {1+}\r\nx)")
	c.hears("* METADATA " + utf7 + " /shared/comment")
	o.ok("RENAME " + utf7 + " &AOQ-")
	c.hears(`* LIST (\HasNoChildren) "/" &AOQ- ("OLDNAME" (Entw&APw-rfe))`)
	o.ok("RENAME &AOQ- " + utf7)
	c.hears(`* LIST (\HasNoChildren \Subscribed) "/" Entw&APw-rfe ("OLDNAME" (&AOQ-))`)
	c.silent()
	c.ok("NOTIFY SET (personal (MessageNew MessageExpunge)) (selected (MessageNew MessageExpunge))")
	c.ok("SELECT " + utf7)
	o.add(utf7)
	c.hears("* 2 EXISTS")
	c.ok("UNSELECT")

	for _, enable := range []string{"IMAP4rev2", "UTF8=ACCEPT"} {
		d := login(t, s, "ENABLE "+enable)
		d.o.UTF8 = true
		d.ok("NOTIFY SET (mailboxes (" + utf8 + `) (MessageNew MessageExpunge MailboxName SubscriptionChange MailboxMetadataChange)) (selected (MessageNew MessageExpunge))`)
		o.add(utf7)
		require.Regexp(t, `^\* STATUS "Entwürfe" \(`, d.next())
		o.ok("UNSUBSCRIBE " + utf7)
		d.hears(`* LIST (\HasNoChildren) "/" "Entwürfe"`)
		o.ok("SUBSCRIBE " + utf7)
		d.hears(`* LIST (\HasNoChildren \Subscribed) "/" "Entwürfe"`)
		o.ok("SETMETADATA " + utf7 + " (/shared/comment NIL)")
		d.hears(`* METADATA "Entwürfe" /shared/comment`)
		o.ok("SETMETADATA " + utf7 + " (/shared/comment {1+}\r\nx)")
		d.hears(`* METADATA "Entwürfe" /shared/comment`)
		o.ok("RENAME " + utf7 + " A")
		d.hears(`* LIST (\HasNoChildren) "/" A ("OLDNAME" ("Entwürfe"))`)
		o.ok("RENAME A " + utf7)
		d.hears(`* LIST (\HasNoChildren \Subscribed) "/" "Entwürfe" ("OLDNAME" (A))`)
		d.ok("SELECT " + utf8)
		o.add(utf7)
		require.Regexp(t, `^\* [0-9]+ EXISTS$`, d.next())
		d.silent()
		// imapserver takes modified UTF-7 all the same.
		d.ok("SELECT INBOX")
		d.ok("SELECT " + utf7)
		o.add(utf7)
		require.Regexp(t, `^\* [0-9]+ EXISTS$`, d.next())
		d.silent()
		d.ok("UNSELECT")
		d.gets("NOTIFY SET (personal (MailboxName SubscriptionChange))")
		o.ok("SUBSCRIBE R&-D")
		require.NotContains(t, d.next(), "NonExistent")
		o.ok("UNSUBSCRIBE R&-D")
		require.NotContains(t, d.next(), "NonExistent")
	}
}

// Others are told of while the client is in the middle of a command, and the
// answers to pipelined commands stay in order.
func TestNotifyInTheMiddle(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "SELECT INBOX", "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))")
	n := 0
	told := func() {
		t.Helper()
		o.add("A")
		n++
		c.hears("* STATUS A (MESSAGES " + itoa(n) + " UIDNEXT " + itoa(n+1) + " UIDVALIDITY 1 UNSEEN " + itoa(n) + ")")
	}
	c.write("X1 NO")
	told()
	told()
	// Between commands even the selected mailbox can be told of.
	o.add("INBOX")
	c.hears("* 1 EXISTS", "* 1 FETCH (UID 1)")
	o.ok("CREATE B")
	c.hears(`* LIST (\HasNoChildren) "/" B`)
	c.write("OP\r\n")
	require.Regexp(t, "^X1 OK", c.next())

	c.write("X2 APPEND INBOX {10}\r\n")
	require.Regexp(t, `^\+ `, c.next())
	told()
	c.write("12345")
	told()
	o.add("INBOX")
	o.ok("CREATE C")
	told0 := func() {
		o.add("A")
		n++
	}
	told0()
	c.silent0()
	c.write("67890")
	c.silent0()
	c.write("\r\n")
	untagged, tagged := c.wait("X2")
	require.Regexp(t, "^OK ", tagged)
	require.Contains(t, untagged, "* 3 EXISTS")
	var rest []string
	for len(rest)+len(untagged) < 4 {
		rest = append(rest, c.next())
	}
	all := strings.Join(append(untagged, rest...), "\n")
	require.Contains(t, all, "* 2 FETCH (UID 2)")
	require.Contains(t, all, `* LIST (\HasNoChildren) "/" C`)
	require.Contains(t, all, "* STATUS A (MESSAGES "+itoa(n)+" ")
	c.silent()

	// A literal of a command that the layer answers.
	c.write("X3 NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (mailboxes {1}\r\n")
	require.Regexp(t, `^\+ `, c.next())
	told()
	c.write("A (MessageNew MessageExpunge))\r\n")
	require.Regexp(t, "^X3 OK", c.next())
	told()

	var script strings.Builder
	var want []string
	for i := range 200 {
		tag := "P" + itoa(i)
		want = append(want, tag)
		script.WriteString(tag + " " + []string{
			"NOOP", "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (mailboxes A (MessageNew MessageExpunge))",
			"UID FETCH 1:* (FLAGS)", "ID NIL", "NOTIFY NONE", "SELECT A", "GETMETADATA A /shared/comment", "IDLE\r\nDONE", "SELECT INBOX",
			"APPEND INBOX {3+}\r\nabc", "NOTIFY SET STATUS (personal (MessageNew MessageExpunge))", "FOO", "SETMETADATA A (/shared/comment {1+}\r\nx)",
		}[i%13] + "\r\n")
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				o.add("A")
				o.add("INBOX")
			}
		}
	}()
	c.write(script.String())
	var got []string
	for len(got) < len(want) {
		if line := c.next(); line[0] == 'P' {
			tag, _, _ := strings.Cut(line, " ")
			got = append(got, tag)
		}
	}
	close(stop)
	<-done
	require.Equal(t, want, got)
}
