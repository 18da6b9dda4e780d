package mailserver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

// The mistakes of other servers, DV1 to DV17 of facts/notify-peers.md, of which
// some are tested with RFC 5465's sections: FETCH has the UID (DV7), BADEVENT
// the supported events (DV8), message events come in pairs (DV10), DELETE of a
// mailbox with children is told (DV13), UNSUBSCRIBE too (DV15), own changes are
// not (DV17).

// DV1: numbers change only when the client is told.
func TestNotifyNumbersStay(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "SELECT INBOX")
	for _, notify := range []string{
		"NOTIFY NONE", "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName))", "NOTIFY SET (selected NONE)",
		"NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge FlagChange)) (personal (MailboxName))",
	} {
		for range 5 {
			o.add("INBOX")
		}
		c := login(t, s, "SELECT INBOX", notify)
		uids := c.ok("FETCH 1:* (UID)")
		o.ok("STORE 1,3 +FLAGS.SILENT (\\Deleted)")
		o.ok("EXPUNGE")
		// The layer's own questions must not renumber either.
		names := strings.Contains(notify, "MailboxName")
		o.ok("CREATE X")
		if names {
			c.hears(`* LIST (\HasNoChildren) "/" X`)
		}
		o.ok("DELETE X")
		if names {
			c.hears(`* LIST (\NonExistent) "/" X`)
		}
		c.silent()
		got := c.ok("STORE 4 +FLAGS ($mine)")
		require.Contains(t, got[len(got)-1], "* 4 FETCH (FLAGS ($mine))", notify)
		require.Equal(t, uids[3], c.ok("FETCH 4 (UID)")[0], notify)
		_, tagged := c.do("FETCH 1 (UID)") // it is gone, but its number is not free
		require.Regexp(t, `^(OK|NO \[EXPUNGEISSUED\])`, tagged)
		require.Equal(t, []string{"* 3 EXPUNGE", "* 1 EXPUNGE"}, c.ok("NOOP"), notify)
		require.Equal(t, strings.Replace(uids[3], "* 4", "* 2", 1), c.ok("FETCH 2 (UID)")[0], notify)
		c.ok("LOGOUT")
		o.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)")
		o.ok("EXPUNGE")
	}
}

// DV2: many mailboxes at once are no reason to lose any.
func TestNotifyManyMailboxes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const n = 300
	for i := range n {
		login(t, s, fmt.Sprintf("CREATE M%d", i)).ok("LOGOUT")
		if i == 20 {
			break // the rest over one connection
		}
	}
	o := login(t, s)
	for i := 21; i < n; i++ {
		o.ok(fmt.Sprintf("CREATE M%d", i))
	}
	c := login(t, s, "NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))")
	for i := range n {
		o.add(fmt.Sprintf("M%d", i))
	}
	told := map[string]bool{}
	for len(told) < n {
		r, err := notifyproto.ParseResponse([]byte(c.next()), nil)
		require.NoError(t, err)
		status, ok := r.(notifyproto.Status)
		require.True(t, ok, "%v", r)
		told[status.Mailbox] = true
	}
	c.silent()
}

// DV3: nothing is lost that happens right after a command or a notification.
func TestNotifyNoBlindWindow(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	for _, command := range []string{
		"NOOP", "SELECT INBOX", "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))",
		"NOTIFY SET STATUS (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))", "UID FETCH 1:* (FLAGS)", "IDLE\r\nDONE",
		"LIST \"\" *", "GETMETADATA A /shared/comment", "EXAMINE INBOX",
	} {
		c := login(t, s, "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))", "SELECT INBOX")
		for range 20 {
			tag := c.send(command)
			// At the same time, and again as soon as it is answered.
			added := make(chan string)
			go func() {
				u := o.add("INBOX")
				added <- strings.Join(u, "")
			}()
			answered, _ := c.wait(tag)
			<-added
			uid := uidNext(t, o, "INBOX") - 1
			untilFetched(c, answered, uid)
			o.add("INBOX")
			untilFetched(c, nil, uid+1)
		}
		c.silent()
		c.ok("LOGOUT")
	}
}

func uidNext(t *testing.T, c *wire, mailbox string) int {
	t.Helper()
	var mailboxName string
	var n int
	got := c.ok("STATUS " + mailbox + " (UIDNEXT)")
	_, err := fmt.Sscanf(got[len(got)-1], "* STATUS %s (UIDNEXT %d)", &mailboxName, &n)
	require.NoError(t, err)
	return n
}

// untilFetched waits for the FETCH of a new message, or of one that was there
// when its mailbox was selected.
func untilFetched(c *wire, heard []string, uid int) {
	c.t.Helper()
	want := fmt.Sprintf("(UID %d", uid)
	for _, line := range heard {
		if strings.Contains(line, want) || strings.Contains(line, fmt.Sprintf("[UIDNEXT %d]", uid+1)) {
			return
		}
	}
	for !strings.Contains(c.next(), want) {
	}
}

// DV3 and DV4: it is prompt, for the first change after another one, and after
// NOTIFY SET was sent again.
func TestNotifyPrompt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "SELECT INBOX")
	n := 0
	for range 20 {
		c.ok("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))")
		n++
		o.add("A")
		o.add("INBOX")
		began := time.Now()
		var status, exists, fetch bool
		for !status || !exists || !fetch {
			line := c.next()
			status = status || strings.HasPrefix(line, "* STATUS A (MESSAGES "+itoa(n)+" ")
			exists = exists || line == "* "+itoa(n)+" EXISTS"
			fetch = fetch || line == "* "+itoa(n)+" FETCH (UID "+itoa(n)+")"
		}
		require.Less(t, time.Since(began), time.Second) // Dovecot needs 30; a busy machine some milliseconds
	}
}

// DV6: there is no number of watchers from which on it is slow or silent.
func TestNotifyManyWatchers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	var cs []*wire
	for range 200 {
		cs = append(cs, login(t, s, "SELECT INBOX", "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))"))
	}
	o.add("A")
	for _, c := range cs {
		c.hears("* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	}
	o.add("INBOX")
	for _, c := range cs {
		c.hears("* 1 EXISTS", "* 1 FETCH (UID 1)")
	}
}

// DV9: NONE excludes; the first line of D5.
func TestNotifyNoneExcludes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE quiet", "CREATE loud")
	c := login(t, s, "NOTIFY SET (mailboxes quiet NONE) (personal (MessageNew MessageExpunge MailboxName SubscriptionChange))")
	o.add("quiet")
	o.ok("SUBSCRIBE quiet")
	o.ok("DELETE quiet")
	o.add("loud")
	c.hears("* STATUS loud (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	c.silent()
}

// DV11: the grammar is the grammar.
func TestNotifyGrammar(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE NIL")
	c := login(t, s)
	for _, command := range []string{
		"NOTIFY SET", "NOTIFY SET ", "NOTIFY SET STATUS", "NOTIFY NONE extra", "NOTIFY SET (personal (MessageNew MessageExpunge) extra)", "NOTIFY SET (bogus NONE)",
		"NOTIFY  SET (personal NONE)", "NOTIFY SET  (personal NONE)", "NOTIFY SET (personal  NONE)",
		"NOTIFY SET (personal NONE)(inboxes NONE)", "NOTIFY SET (selected (MailboxName))", "NOTIFY SET (personal ())",
		"NOTIFY SET personal NONE", "NOTIFY SET (personal MessageNew MessageExpunge)", "NOTIFY SET (mailboxes () NONE)",
		"NOTIFY SET (personal (MessageNew))", "NOTIFY SET (personal (FlagChange))", "NOTIFY SET (personal NONE", "NOTIFY SET (personal NONE) ",
	} {
		c.refused(command, "BAD ")
	}
	c.ok("NOTIFY SET (mailboxes NIL (MessageNew MessageExpunge))")
	o.add("NIL")
	c.hears(`* STATUS NIL (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)`)
}

// DV12: what happens quickly is told of nonetheless, in order.
func TestNotifyQuickChanges(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	c := login(t, s, "NOTIFY SET (personal (MailboxName SubscriptionChange))")
	pipeline := func(commands ...string) {
		t.Helper()
		for i, command := range commands {
			commands[i] = "Q" + itoa(i) + " " + command + "\r\n"
		}
		o.write(strings.Join(commands, ""))
		for i := range commands {
			_, tagged := o.wait("Q" + itoa(i))
			require.Regexp(t, "^OK", tagged)
		}
	}
	// expect follows names as a client does.
	expect := func(names map[string]string) {
		t.Helper()
		have := map[string]string{} // what it was at first, by name
		for len(names) > 0 {
			r, err := notifyproto.ParseResponse([]byte(c.next()), nil)
			require.NoError(t, err)
			l, ok := r.(notifyproto.List)
			require.True(t, ok)
			origin := l.Mailbox
			if l.OldName != "" {
				if origin = have[l.OldName]; origin == "" {
					origin = l.OldName
				}
				delete(have, l.OldName)
			}
			have[l.Mailbox] = origin
			done := true
			for name, first := range names {
				done = done && have[name] == first
			}
			if done {
				break
			}
		}
		c.silent()
	}
	pipeline("CREATE r1")
	expect(map[string]string{"r1": "r1"})
	pipeline("RENAME r1 r2", "RENAME r2 r3")
	expect(map[string]string{"r3": "r1"})
	pipeline("CREATE x", "DELETE x")
	for line := c.next(); !strings.Contains(line, "NonExistent"); line = c.next() {
		require.Contains(t, line, `"/" x`)
	}
	c.silent()
	pipeline("SUBSCRIBE r3", "UNSUBSCRIBE r3")
	for line := c.next(); strings.Contains(line, `\Subscribed`); line = c.next() {
		require.Contains(t, line, `"/" r3`)
	}
	c.silent()
	// A name that is used again must not seem to be the one that went away.
	for range 10 {
		pipeline("CREATE p", "RENAME p q", "CREATE p")
		lists := map[string]bool{}
		for !lists["p"] || !lists["q"] {
			r, err := notifyproto.ParseResponse([]byte(c.next()), nil)
			require.NoError(t, err)
			l, ok := r.(notifyproto.List)
			require.True(t, ok)
			if l.OldName != "" {
				lists[l.OldName] = false
			}
			lists[l.Mailbox] = true
		}
		pipeline("DELETE p", "DELETE q")
		gone := map[string]bool{}
		for len(gone) < 2 {
			if line := c.next(); strings.Contains(line, "NonExistent") {
				gone[line[len(line)-1:]] = true
			} else if strings.HasSuffix(line, "p") { // told late
				gone = map[string]bool{}
			}
		}
		c.silent()
	}
}

// DV14: mailboxes that nothing happened to are not told of.
func TestNotifyOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	c := login(t, s, "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))")
	for _, mailbox := range []string{"A", "B", "C"} {
		o.ok("CREATE " + mailbox)
	}
	c.silent()
	o.add("B")
	c.hears("* STATUS B (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	c.silent()
	o.ok("DELETE B")
	o.ok("CREATE B")
	c.silent()
	o.add("B")
	c.hears("* STATUS B (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
	c.silent()
}

// DV16: who has the mailbox selected that another client deletes goes on.
func TestNotifySelectedDeleted(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	for _, selected := range []string{"selected", "selected-delayed"} {
		o.ok("CREATE A")
		o.add("A")
		o.add("A")
		c := login(t, s, "SELECT A", "NOTIFY SET ("+selected+" (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))")
		o.ok("DELETE A")
		c.hears(`* LIST (\NonExistent) "/" A`)
		if selected == "selected" {
			c.hears("* 2 EXPUNGE", "* 1 EXPUNGE")
			c.silent()
			c.gets("NOOP")
		} else {
			c.silent()
			c.gets("NOOP", "* 2 EXPUNGE", "* 1 EXPUNGE")
		}
		// A new one of that name is another mailbox.
		o.ok("CREATE A")
		c.hears(`* LIST (\HasNoChildren) "/" A`)
		o.add("A")
		c.hears("* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 UNSEEN 1)")
		c.silent()
		c.gets("NOOP")
		c.ok("SELECT A")
		o.add("A")
		if selected == "selected" {
			c.hears("* 2 EXISTS", "* 2 FETCH (UID 2)")
		} else {
			c.silent()
			c.gets("NOOP", "* 2 EXISTS", "* 2 FETCH (UID 2)")
		}
		c.ok("LOGOUT")
		o.ok("DELETE A")
	}
}

// Renaming INBOX empties it.
func TestNotifyInboxRenamed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	o.add("INBOX")
	o.add("INBOX")
	c := login(t, s, "NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))")
	d := login(t, s, "SELECT INBOX", "NOTIFY SET (selected (MessageNew MessageExpunge))")
	o.ok("RENAME INBOX Old")
	c.hears(`* LIST (\HasNoChildren) "/" Old ("OLDNAME" (INBOX))`,
		"* STATUS INBOX (MESSAGES 0 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 0)",
		"* STATUS Old (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 2)")
	d.hears("* 2 EXPUNGE", "* 1 EXPUNGE")
	d.silent()
	o.add("INBOX")
	d.hears("* 1 EXISTS")
}

// A mailbox that is renamed before NOTIFY stays the selected one.
func TestNotifyRenamedBefore(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s, "CREATE A")
	c := login(t, s, "SELECT A")
	o.ok("RENAME A B")
	c.ok("NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))")
	o.add("B")
	c.hears("* 1 EXISTS")
	c.silent()
}

// A client that reads nothing costs the others no time.
func TestNotifyDeafClient(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := login(t, s)
	const names = 40
	for i := range names {
		o.ok(fmt.Sprintf("CREATE M%d", i))
	}
	const set = "NOTIFY SET (selected (MessageNew (UID BODY.PEEK[]) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge MailboxName))"
	good := login(t, s, "SELECT INBOX", set)
	big := strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\r\n", 1000)
	for range 10 {
		deaf := login(t, s, "SELECT INBOX", set)
		// More than the sockets hold: the server is stuck in writing to it.
		tag := o.send(fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(big), big))
		o.wait(tag)
		untilFetchedBody(good)
		deaf.write(strings.Repeat("x UID FETCH 1:* (BODY.PEEK[])\r\n", 400))
	}
	for i := range 200 {
		began := time.Now()
		tag := o.send(fmt.Sprintf("APPEND M%d {%d+}\r\n%s", i%names, len(testMessage), testMessage))
		_, tagged := o.wait(tag)
		require.Regexp(t, "^OK", tagged)
		want := fmt.Sprintf("* STATUS M%d (MESSAGES %d ", i%names, i/names+1)
		require.Contains(t, good.next(), want)
		require.Less(t, time.Since(began), 5*time.Second)
	}
	good.silent()
}

// untilFetchedBody waits for the new message.
func untilFetchedBody(c *wire) {
	c.t.Helper()
	for !strings.Contains(c.next(), " FETCH (UID ") {
	}
}
