package memstore

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 3501, section 6.3.8.
func TestMatchList(t *testing.T) {
	for _, tt := range []struct {
		ref, pattern, name string
		want               bool
	}{
		{"", "*", "a/b/c", true},
		{"", "%", "a", true},
		{"", "%", "a/b", false},
		{"", "a/%", "a/b", true},
		{"", "a/%", "a", false},
		{"", "a/%", "a/b/c", false},
		{"", "a%", "a", true},
		{"", "%/%", "a/b", true},
		{"", "*c", "a/b/c", true},
		{"", "*/b/*", "a/b/c", true},
		{"", "a*c", "a/b/c", true},
		{"", "a%c", "a/b/c", false},
		{"", "%a%", "bab", true},
		{"", "a", "A", false},
		{"", "inbox", "INBOX", true},
		{"", "Inbox/%", "INBOX/x", true},
		{"", "INB%", "INBOX", true},
		{"a/", "%", "a/b", true},
		{"a/", "%", "b", false},
		{"a", "/b", "b", true}, // a rooted pattern
		{"inb", "ox", "INBOX", true},
		{"", "", "a", false},
		{"", "k\u00e4%", "k\u00e4se", true},
	} {
		require.Equal(t, tt.want, matchList(tt.name, root(tt.ref, tt.pattern)), "%q %q %q", tt.ref, tt.pattern, tt.name)
	}
}

// A pattern of wildcards must not take time that grows with the number of ways
// to match it; this one has more than 10^100.
func TestMatchListPathological(t *testing.T) {
	name := strings.Repeat("a", 500)
	begin := time.Now()
	require.False(t, matchList(name, strings.Repeat("*%", 250)+"b"))
	require.True(t, matchList(name, strings.Repeat("*%a", 166)))
	require.Less(t, time.Since(begin), 5*time.Second)
}

// listing gives a LIST command and compares the responses without order.
func listing(t *testing.T, c *client, command string, want ...string) {
	t.Helper()
	got := lines(c.ok(command))
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, append([]string{}, want...), got, command)
}

// The examples of RFC 5258, section 5, with what this server always returns:
// \HasChildren and \HasNoChildren. The parents of a mailbox exist here, but
// those that were deleted.
func TestListExtended(t *testing.T) {
	t.Run("examples 1 to 4", func(t *testing.T) {
		c := newHarness(t).connect(t)
		for _, name := range []string{"Fruit/Apple", "Fruit/Banana", "Fruit/Peach", "Tofu", "Vegetable/Broccoli", "Vegetable/Corn"} {
			c.ok("CREATE " + name)
		}
		for _, name := range []string{"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"} {
			c.ok("SUBSCRIBE " + name)
		}
		c.ok("DELETE Fruit/Peach")
		listing(t, c, `LIST "" "*"`,
			`LIST (\HasNoChildren) "/" INBOX`,
			`LIST (\HasChildren) "/" "Fruit"`,
			`LIST (\HasNoChildren) "/" "Fruit/Apple"`,
			`LIST (\HasNoChildren) "/" "Fruit/Banana"`,
			`LIST (\HasNoChildren) "/" "Tofu"`,
			`LIST (\HasChildren) "/" "Vegetable"`,
			`LIST (\HasNoChildren) "/" "Vegetable/Broccoli"`,
			`LIST (\HasNoChildren) "/" "Vegetable/Corn"`)
		subscribed := []string{
			`LIST (\HasNoChildren \Subscribed) "/" INBOX`,
			`LIST (\HasNoChildren \Subscribed) "/" "Fruit/Banana"`,
			`LIST (\NonExistent \HasNoChildren \Subscribed) "/" "Fruit/Peach"`,
			`LIST (\HasChildren \Subscribed) "/" "Vegetable"`,
			`LIST (\HasNoChildren \Subscribed) "/" "Vegetable/Broccoli"`,
		}
		listing(t, c, `LIST (SUBSCRIBED) "" "*"`, subscribed...)
		listing(t, c, `LIST (SUBSCRIBED) "" "*" RETURN (SUBSCRIBED)`, subscribed...)
		listing(t, c, `LSUB "" "%"`, `LSUB (\HasNoChildren \Subscribed) "/" INBOX`, `LSUB (\HasChildren \Subscribed) "/" "Vegetable"`)
		listing(t, c, `LIST () "" "%" RETURN (CHILDREN)`,
			`LIST (\HasNoChildren) "/" INBOX`, `LIST (\HasChildren) "/" "Fruit"`,
			`LIST (\HasNoChildren) "/" "Tofu"`, `LIST (\HasChildren) "/" "Vegetable"`)
		listing(t, c, `LIST "" "%" RETURN (SUBSCRIBED)`,
			`LIST (\HasNoChildren \Subscribed) "/" INBOX`, `LIST (\HasChildren) "/" "Fruit"`,
			`LIST (\HasNoChildren) "/" "Tofu"`, `LIST (\HasChildren \Subscribed) "/" "Vegetable"`)
		// Example 6 in kind: several patterns.
		listing(t, c, `LIST "" ("INBOX" "Tofu" "Fruit/%")`,
			`LIST (\HasNoChildren) "/" INBOX`, `LIST (\HasNoChildren) "/" "Tofu"`,
			`LIST (\HasNoChildren) "/" "Fruit/Apple"`, `LIST (\HasNoChildren) "/" "Fruit/Banana"`)
		listing(t, c, `LIST (SPECIAL-USE) "" "*"`)
		listing(t, c, `LIST "" ""`, `LIST (\Noselect) "/" ""`)
		// RFC 5258, section 3.1: RECURSIVEMATCH needs something to match.
		c.fails("BAD", "CLIENTBUG", `LIST (RECURSIVEMATCH) "" "%"`)
	})

	t.Run("example 8, CHILDINFO beside HasChildren", func(t *testing.T) {
		c := newHarness(t).connect(t)
		for _, name := range []string{"Foo", "Foo/Bar", "Foo/Baz", "Moo"} {
			c.ok("CREATE " + name)
		}
		c.ok("SUBSCRIBE Foo/Baz")
		listing(t, c, `LIST (SUBSCRIBED) "" "*"`, `LIST (\HasNoChildren \Subscribed) "/" "Foo/Baz"`)
		listing(t, c, `LIST (SUBSCRIBED) "" "%"`)
		listing(t, c, `LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"`, `LIST (\HasChildren) "/" "Foo" (CHILDINFO ("SUBSCRIBED"))`)
		c.ok("DELETE Foo")
		listing(t, c, `LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"`, `LIST (\Noselect \HasChildren) "/" "Foo" (CHILDINFO ("SUBSCRIBED"))`)
		c.ok("DELETE Foo/Bar")
		c.ok("DELETE Foo/Baz")
		c.ok("DELETE Foo")
		listing(t, c, `LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"`, `LIST (\NonExistent \HasNoChildren) "/" "Foo" (CHILDINFO ("SUBSCRIBED"))`)
		c.ok("SUBSCRIBE Moo")
		listing(t, c, `LIST (SUBSCRIBED) "" "M%"`, `LIST (\HasNoChildren \Subscribed) "/" "Moo"`)
	})

	// Section 4: no CHILDINFO for children that are themselves in the answer.
	t.Run("example 9", func(t *testing.T) {
		c := newHarness(t).connect(t)
		for _, name := range []string{"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2/mamba", "qux2/bar2"} {
			c.ok("CREATE " + name)
			c.ok("SUBSCRIBE " + name)
		}
		listing(t, c, `LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"`,
			`LIST (\HasChildren) "/" "foo2" (CHILDINFO ("SUBSCRIBED"))`,
			`LIST (\HasNoChildren \Subscribed) "/" "foo2/bar2"`,
			`LIST (\HasNoChildren \Subscribed) "/" "baz2/bar2"`,
			`LIST (\HasNoChildren \Subscribed) "/" "baz2/bar22"`,
			`LIST (\HasNoChildren \Subscribed) "/" "baz2/bar222"`,
			`LIST (\HasChildren) "/" "eps2" (CHILDINFO ("SUBSCRIBED"))`,
			`LIST (\HasNoChildren \Subscribed) "/" "qux2/bar2"`)
	})

	t.Run("RFC 5819, STATUS", func(t *testing.T) {
		c := newHarness(t).connect(t)
		c.ok("CREATE a/b")
		c.ok("DELETE a")
		c.appendMessage("a/b", "", "x")
		require.Equal(t, []string{
			`LIST (\Noselect \HasChildren) "/" "a"`,
			`LIST (\HasNoChildren) "/" "a/b"`,
			`STATUS "a/b" (MESSAGES 1 UNSEEN 1)`,
		}, lines(c.ok(`LIST "" "a*" RETURN (STATUS (MESSAGES UNSEEN))`)))
	})
}

// RFC 2342.
func TestNamespace(t *testing.T) {
	c := newHarness(t).connect(t)
	require.Equal(t, []string{`NAMESPACE (("" "/")) NIL NIL`}, lines(c.ok("NAMESPACE")))
}

// RFC 3501, sections 6.3.3 to 6.3.7.
func TestMailboxNames(t *testing.T) {
	c := newHarness(t).connect(t)
	long := strings.Repeat("l", maxNameLength)
	c.ok("CREATE " + long)
	c.fails("NO", "CANNOT", "CREATE "+long+"l")
	c.fails("NO", "CANNOT", "CREATE "+long+"/x")
	c.ok("CREATE a/" + long[:maxNameLength-2])
	c.fails("NO", "CANNOT", "RENAME a ab") // the one below would be too long
	c.fails("NO", "CANNOT", "CREATE a//b")
	c.fails("NO", "CANNOT", `CREATE ""`)
	c.fails("NO", "CANNOT", `CREATE "x*"`)
	c.fails("NO", "CANNOT", "RENAME a x//y")
	c.fails("NO", "CANNOT", "RENAME a a/x")
	c.fails("NO", "NONEXISTENT", "RENAME nothing x")
	c.fails("NO", "ALREADYEXISTS", "RENAME a inbox")
	c.fails("NO", "ALREADYEXISTS", "CREATE iNbOx")
	c.fails("NO", "CANNOT", "DELETE iNbOx")
	c.fails("NO", "USEATTR", `CREATE b (USE (\Drafts))`) // RFC 6154, section 3
	c.ok(`CREATE "K&AOQ-se/"`)
	listing(t, c, `LIST "" K%`, `LIST (\HasNoChildren) "/" "K&AOQ-se"`)
}

// RFC 3501, section 6.3.4: the mailboxes below stay; so does a name.
func TestDeleteWithChildren(t *testing.T) {
	h := newHarness(t)
	c, other := h.connect(t), h.connect(t)
	c.ok("CREATE a/b")
	c.appendMessage("a", "", "x")
	c.appendMessage("a/b", "", "y")
	other.ok("SELECT a")
	before := h.store.lookup("ann").mailboxes["a"].uidValidity
	c.ok("DELETE a")
	c.fails("NO", "HASCHILDREN", "DELETE a")
	c.fails("NO", "NONEXISTENT", "SELECT a")
	c.fails("NO", "NONEXISTENT", "STATUS a (MESSAGES)")
	c.fails("NO", "TRYCREATE", "APPEND a", "x")
	c.ok("SELECT a/b")
	c.fails("NO", "TRYCREATE", "COPY 1 a")
	require.Equal(t, []string{"1 EXPUNGE"}, lines(other.ok("NOOP")))
	c.ok("CREATE a")
	require.Greater(t, h.store.lookup("ann").mailboxes["a"].uidValidity, before)
	// The session is still in the mailbox that was deleted.
	c.appendMessage("a", "", "z")
	require.Empty(t, other.ok("NOOP"))
	other.ok("CLOSE")
	require.Contains(t, lines(other.ok("SELECT a")), "1 EXISTS")
}

// RFC 3501, section 6.3.5: the messages of INBOX move, and those below stay.
func TestRenameInbox(t *testing.T) {
	h := newHarness(t)
	c, other := h.connect(t), h.connect(t)
	c.ok("CREATE INBOX/x")
	c.appendMessage("INBOX", `(\Seen)`, "a")
	c.appendMessage("INBOX", "", "b")
	other.ok("SELECT INBOX")
	h.takeEvents()
	c.ok("RENAME INBOX old/inbox")
	require.Equal(t, []string{"MailboxRename old/inbox"}, mailboxEvents(t, h.takeEvents()))
	require.Equal(t, []string{"2 EXPUNGE", "1 EXPUNGE"}, lines(other.ok("NOOP")))
	require.Equal(t, []string{`STATUS INBOX (MESSAGES 0 UIDNEXT 3)`}, lines(c.ok("STATUS INBOX (MESSAGES UIDNEXT)")))
	listing(t, c, `LIST "" "*"`, `LIST (\HasChildren) "/" INBOX`, `LIST (\HasNoChildren) "/" "INBOX/x"`,
		`LIST (\HasChildren) "/" "old"`, `LIST (\HasNoChildren) "/" "old/inbox"`)
	c.ok("EXAMINE old/inbox")
	require.Equal(t, []string{`1 FETCH (UID 1 FLAGS (\Seen))`, `2 FETCH (UID 2 FLAGS ())`}, lines(c.ok("FETCH 1:* (UID FLAGS)")))
}
