package notifyproto_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto"
)

func parse(t testing.TB, command string) notifyproto.Command {
	t.Helper()
	cmd, err := notifyproto.ParseCommand([]byte(command), nil)
	require.NoError(t, err, command)
	return cmd
}

// rows returns the lines of a table in testdata without its comments.
func rows(t testing.TB, name string) (lines []string) {
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	require.NotEmpty(t, lines)
	return lines
}

var eventNames = []struct {
	event notifyproto.EventSet
	name  string
}{
	{notifyproto.EventMessageNew, "MessageNew"},
	{notifyproto.EventMessageExpunge, "MessageExpunge"},
	{notifyproto.EventFlagChange, "FlagChange"},
	{notifyproto.EventAnnotationChange, "AnnotationChange"},
	{notifyproto.EventMailboxName, "MailboxName"},
	{notifyproto.EventSubscriptionChange, "SubscriptionChange"},
	{notifyproto.EventMailboxMetadataChange, "MailboxMetadataChange"},
	{notifyproto.EventServerMetadataChange, "ServerMetadataChange"},
}

func grantString(g notifyproto.Grant) string {
	var words []string
	for _, e := range eventNames {
		if g.Events.Has(e.event) {
			words = append(words, e.name)
		}
	}
	if len(g.Fetch) > 0 {
		atts := make([]string, len(g.Fetch))
		for i, att := range g.Fetch {
			atts[i] = string(att)
		}
		words = append(words, "fetch="+strings.Join(atts, ","))
	}
	if g.Delayed {
		words = append(words, "delayed")
	}
	if words == nil {
		return "-"
	}
	return strings.Join(words, " ")
}

func viewOf(t *testing.T, s string) *notifyproto.View {
	v := &notifyproto.View{Delim: '/'}
	for _, field := range strings.Fields(strings.TrimPrefix(s, "-")) {
		key, value, _ := strings.Cut(field, "=")
		in := func(mailbox string) bool { return slices.Contains(strings.Split(value, ","), mailbox) }
		switch key {
		case "selected":
			v.Selected = value
		case "delim":
			v.Delim, _ = utf8.DecodeRuneInString(value)
			if value == "nil" {
				v.Delim = 0
			}
		case "personal":
			v.Personal = in
		case "inbox":
			v.Inbox = in
		case "subscribed":
			v.Subscribed = in
		default:
			t.Fatal(s)
		}
	}
	return v
}

func TestFor(t *testing.T) {
	for _, line := range rows(t, "match.txt") {
		f := strings.Split(line, " ; ")
		require.Len(t, f, 5, line)
		m := notifyproto.Compile(parse(t, "NOTIFY SET "+f[0]))
		v := viewOf(t, f[2])
		require.Equal(t, f[3], grantString(m.For(v, f[1])), line)
		if v.Personal == nil && v.Subscribed == nil { // which allocate here
			require.Zero(t, testing.AllocsPerRun(10, func() { m.For(v, f[1]) }), line)
		}
	}
}

// TestForAll asks for 48 mailboxes of every command of one and two groups.
func TestForAll(t *testing.T) {
	words := map[string]notifyproto.EventSet{
		".": 0,
		"m": notifyproto.EventMessageNew | notifyproto.EventMessageExpunge,
		"f": notifyproto.EventMessageNew | notifyproto.EventMessageExpunge | notifyproto.EventFlagChange,
		"b": notifyproto.EventMailboxName,
	}
	words["M"], words["F"] = words["m"]|words["b"], words["f"]|words["b"]
	for _, line := range rows(t, "match-all.txt") {
		command, want, _ := strings.Cut(line, "\t")
		m := notifyproto.Compile(parse(t, command))
		answers := strings.Fields(want)
		require.Len(t, answers, 48)
		i := 0
		for _, mailbox := range []string{"a/m", "a/n", "b", "c"} {
			for _, place := range []int{0, 1, 2} {
				for _, subscribed := range []bool{false, true} {
					for _, selected := range []string{"other", mailbox} {
						g := m.For(&notifyproto.View{
							Selected:   selected,
							Delim:      '/',
							Personal:   func(string) bool { return place > 0 },
							Inbox:      func(string) bool { return place > 1 },
							Subscribed: func(string) bool { return subscribed },
						}, mailbox)
						word, delayed := strings.CutSuffix(answers[i], "d")
						require.Equal(t, words[word], g.Events, "%s: %s personal %d subscribed %v selected %s", command, mailbox, place, subscribed, selected)
						require.Equal(t, delayed, g.Delayed, command)
						i++
					}
				}
			}
		}
	}
}

func TestCompileNothing(t *testing.T) {
	for _, cmd := range []notifyproto.Command{nil, notifyproto.None{}, notifyproto.Set{}, &notifyproto.Set{
		Groups: []notifyproto.EventGroup{{Mailboxes: notifyproto.Personal{}, Events: []notifyproto.Event{notifyproto.MailboxName{}}}},
	}} {
		m := notifyproto.Compile(cmd)
		require.Equal(t, "-", grantString(m.For(nil, "INBOX")))
		require.Equal(t, "-", grantString(m.For(&notifyproto.View{Selected: "INBOX"}, "INBOX")))
		require.False(t, m.ServerMetadata())
		require.Nil(t, m.StatusFor(nil, "INBOX", true))
		require.Nil(t, m.Names())
	}
}

// TestCompileCopies changes a command after Compile.
func TestCompileCopies(t *testing.T) {
	names := notifyproto.Mailboxes{"a"}
	atts := []notifyproto.FetchAtt{"UID"}
	set := notifyproto.Set{Groups: []notifyproto.EventGroup{
		{Mailboxes: notifyproto.Selected{}, Events: []notifyproto.Event{notifyproto.MessageNew{Fetch: atts}, notifyproto.MessageExpunge{}}},
		{Mailboxes: names, Events: []notifyproto.Event{notifyproto.MailboxName{}}},
	}}
	m := notifyproto.Compile(set)
	names[0], atts[0] = "b", "FLAGS"
	set.Groups[0].Mailboxes = notifyproto.Personal{}
	require.Equal(t, "MailboxName", grantString(m.For(nil, "a")))
	require.Equal(t, "-", grantString(m.For(nil, "b")))
	require.Equal(t, "MessageNew MessageExpunge fetch=UID", grantString(m.For(&notifyproto.View{Selected: "x"}, "x")))
	require.Equal(t, []string{"a"}, m.Names())
}

func TestServerMetadata(t *testing.T) {
	for command, want := range map[string]bool{
		"NOTIFY SET (personal (ServerMetadataChange))":                        true,
		"NOTIFY SET (mailboxes x (ServerMetadataChange))":                     true,
		"NOTIFY SET (personal NONE) (subscribed (ServerMetadataChange))":      true,
		"NOTIFY SET (personal (MailboxMetadataChange))":                       false,
		"NOTIFY SET (selected (ServerMetadataChange))":                        false, // a RuleError
		"NOTIFY SET (selected NONE) (personal (MessageNew MessageExpunge))":   false,
		"NOTIFY SET (personal (OtherThing)) (inboxes (SubscriptionChange))":   false,
		"NOTIFY SET (personal (OtherThing)) (inboxes (ServerMetadataChange))": true,
	} {
		require.Equal(t, want, notifyproto.Compile(parse(t, command)).ServerMetadata(), command)
	}
}

func TestNames(t *testing.T) {
	m := notifyproto.Compile(parse(t, "NOTIFY SET (subtree (a b) (MailboxName)) (personal (MailboxName)) (mailboxes (b inbox c) (MailboxName)) (mailboxes d NONE)"))
	require.Equal(t, []string{"a", "b", "INBOX", "c"}, m.Names())
}

// TestStatusFor follows RFC 5465, section 3.1: "If MessageNew is enabled, the
// STATUS response MUST contain MESSAGES, UIDNEXT, and UIDVALIDITY. If
// MessageExpunge is enabled, ... MESSAGES. If either AnnotationChange or
// FlagChange are included and the server also supports the CONDSTORE ...
// UIDVALIDITY and HIGHESTMODSEQ."
func TestStatusFor(t *testing.T) {
	for _, tc := range []struct {
		groups  string
		mailbox string
		modSeq  bool
		want    string
	}{
		{"(personal (MessageNew MessageExpunge))", "work", false, "MESSAGES UIDNEXT UIDVALIDITY"},
		{"(personal (MessageNew MessageExpunge))", "work", true, "MESSAGES UIDNEXT UIDVALIDITY"},
		{"(personal (MessageNew MessageExpunge FlagChange))", "work", true, "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ"},
		{"(personal (MessageNew MessageExpunge AnnotationChange))", "work", true, "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ"},
		{"(personal (MessageNew MessageExpunge FlagChange))", "work", false, "MESSAGES UIDNEXT UIDVALIDITY"},
		{"(personal (MailboxName))", "work", true, ""},
		{"(personal NONE)", "work", true, ""},
		{"(personal (MessageNew MessageExpunge))", "INBOX", true, ""},
		{"(selected (MessageNew MessageExpunge))", "INBOX", true, ""},
		{"(selected (MessageNew MessageExpunge))", "work", true, ""},
		{"(mailboxes work NONE) (personal (MessageNew MessageExpunge))", "work", true, ""},
		// Of sets that break a rule the same sentences are applied.
		{"(personal (MessageExpunge))", "work", false, "MESSAGES"},
		{"(personal (MessageExpunge FlagChange))", "work", true, "MESSAGES UIDVALIDITY HIGHESTMODSEQ"},
		{"(personal (FlagChange))", "work", true, "UIDVALIDITY HIGHESTMODSEQ"},
		{"(personal (FlagChange))", "work", false, ""},
	} {
		v := &notifyproto.View{Selected: "INBOX", Delim: '/'}
		items := notifyproto.Compile(parse(t, "NOTIFY SET STATUS "+tc.groups)).StatusFor(v, tc.mailbox, tc.modSeq)
		require.Equal(t, tc.want, strings.Join(items, " "), tc.groups)
		require.Equal(t, tc.want == "", items == nil)
		require.Nil(t, notifyproto.Compile(parse(t, "NOTIFY SET "+tc.groups)).StatusFor(v, tc.mailbox, tc.modSeq), tc.groups)
	}
}

// TestEventOf has the comments of RFC 5465, section 8, for every registered
// event of RFC 5423.
func TestEventOf(t *testing.T) {
	want := map[msgevent.Type]notifyproto.EventSet{
		"MessageNew": notifyproto.EventMessageNew, "MessageAppend": notifyproto.EventMessageNew,
		"MessageExpunge": notifyproto.EventMessageExpunge, "MessageExpire": notifyproto.EventMessageExpunge,
		"MessageRead": notifyproto.EventFlagChange, "MessageTrash": notifyproto.EventFlagChange,
		"FlagsSet": notifyproto.EventFlagChange, "FlagsClear": notifyproto.EventFlagChange,
		"MailboxCreate": notifyproto.EventMailboxName, "MailboxDelete": notifyproto.EventMailboxName,
		"MailboxRename":    notifyproto.EventMailboxName,
		"MailboxSubscribe": notifyproto.EventSubscriptionChange, "MailboxUnSubscribe": notifyproto.EventSubscriptionChange,
	}
	for typ := range msgevent.Types() {
		require.Equal(t, want[typ], notifyproto.EventOf(typ), typ)
	}
	require.Equal(t, notifyproto.EventAnnotationChange, notifyproto.EventOf("AnnotationChange"))
	require.Equal(t, notifyproto.EventMailboxMetadataChange, notifyproto.EventOf("MailboxMetadataChange"))
	require.Equal(t, notifyproto.EventServerMetadataChange, notifyproto.EventOf("ServerMetadataChange"))
	require.Zero(t, notifyproto.EventOf("vnd.example.x"))
	require.Zero(t, notifyproto.EventOf(""))
}
