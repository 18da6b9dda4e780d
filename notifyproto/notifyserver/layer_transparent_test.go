package notifyserver

import (
	"encoding/base64"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

// step is what a client sends, and the beginning of the line that it waits for;
// "" is the end of the connection.
type step struct{ send, wait string }

// do returns steps that wait for the tagged response of each command.
func commands(lines ...string) (steps []step) {
	for _, line := range lines {
		tag, _, _ := strings.Cut(line, " ")
		steps = append(steps, step{line + "\r\n", tag + " "})
	}
	return steps
}

var plain = base64.StdEncoding.EncodeToString([]byte("\x00alice\x00secret"))

const mail = "From: a@example.org\r\nSubject: hello\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\nBody {3}\r\na1 OK no response\r\n* 7 EXPUNGE\r\n"

func in(steps ...[]step) (all []step) {
	all = commands("l LOGIN alice secret")
	for _, s := range steps {
		all = append(all, s...)
	}
	return append(all, step{"z LOGOUT\r\n", ""})
}

func appendSteps(tag, mailbox, flags string) []step {
	n := itoa(len(mail))
	return []step{
		{tag + " APPEND " + mailbox + flags + ` "07-Feb-1994 21:52:25 -0800" {` + n + "}\r\n", "+ "},
		{mail + "\r\n", tag + " "},
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// scripts are what clients do. Where the text of the wait is "", the server
// ends the connection.
var scripts = map[string][]step{
	"before login": append(commands(
		"a CAPABILITY", "b NOOP", "c SELECT INBOX", "d LIST \"\" *", "e IDLE", "f ENABLE UTF8=ACCEPT",
		"g UNAUTHENTICATE", "h STARTTLS", "i FETCH 1 FLAGS", "j LOGIN alice wrong", "k LOGIN nobody x",
		"l LOGIN", "m LOGIN alice", "n LOGIN alice secret more", "o capability", "p noop ", "q NOOP x",
		"r LOGIN \"alice\" \"wr\\\"ong\"", "s CAPABILITY",
	), step{"z LOGOUT\r\n", ""}),
	"unknown before login": {{"a FOO\r\n", ""}},
	"no command":           {{"\r\n", ""}},
	"no name":              {{"a\r\n", ""}},
	"two spaces":           {{"a  NOOP\r\n", ""}},
	"star":                 {{"* NOOP\r\n", ""}},
	"http":                 {{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""}},
	"login quoted":         append(commands("a LOGIN \"alice\" \"secret\"", "b NOOP", "c LOGIN alice secret"), step{"z LOGOUT\r\n", ""}),
	"login trailing space": append(commands("a LOGIN alice secret ", "b SELECT INBOX"), step{"z LOGOUT\r\n", ""}),
	"login literals": append([]step{
		{"a LOGIN {5}\r\n", "+ "}, {"alice {6}\r\n", "+ "}, {"secret\r\n", "a "},
	}, commands("b SELECT INBOX")...),
	"login non-sync": append([]step{{"a LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n", "a "}}, commands("b SELECT INBOX")...),
	"login empty literal": {
		{"a LOGIN {0+}\r\n {0+}\r\n\r\n", "a "}, {"b LOGIN \"\" \"\"\r\n", "b "}, {"z LOGOUT\r\n", ""},
	},
	"plain": append([]step{
		{"a AUTHENTICATE PLAIN\r\n", "+ "}, {"*\r\n", "a "},
		{"b AUTHENTICATE PLAIN\r\n", "+ "}, {"!!!\r\n", "b "},
		{"c authenticate plain\r\n", "+ "}, {base64.StdEncoding.EncodeToString([]byte("\x00alice\x00wrong")) + "\r\n", "c "},
		{"d AUTHENTICATE CRAM-MD5\r\n", "d "},
		{"e AUTHENTICATE\r\n", "e "},
		{"f AUTHENTICATE PLAIN =\r\n", "f "},
		{"g AUTHENTICATE PLAIN x y\r\n", "g "},
		{"h AUTHENTICATE PLAIN\r\n", "+ "}, {base64.StdEncoding.EncodeToString([]byte("bob\x00alice\x00secret")) + "\r\n", "h "},
		{"i AUTHENTICATE PLAIN  " + plain + "\r\n", "i "},
		{"j AUTHENTICATE PLAIN\r\n", "+ "}, {plain + "\r\n", "j "},
	}, commands("k SELECT INBOX", "l AUTHENTICATE PLAIN", "m UNAUTHENTICATE", "n SELECT INBOX", "o AUTHENTICATE PLAIN "+plain, "p STATUS INBOX (MESSAGES)")...),
	"plain pipelined": {{"a AUTHENTICATE PLAIN\r\n" + plain + "\r\nb SELECT INBOX\r\nc NOOP\r\n", "c "}},
	"mailboxes": in(commands(
		"a CREATE New", "b CREATE New", "c CREATE \"with space\"", "d LIST \"\" *", "e LSUB \"\" *", "f SUBSCRIBE New",
		"g LSUB \"\" *", "h RENAME New Old", "i RENAME New Old", "j DELETE Old", "k DELETE Old", "l NAMESPACE",
		"m LIST \"\" \"\"", "n LIST (SUBSCRIBED) \"\" % RETURN (CHILDREN STATUS (MESSAGES UNSEEN))", "o STATUS Work (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
		"p STATUS None (MESSAGES)", "q LIST \"\" (INBOX Work)", "r LIST \"\" ()", "s EXAMINE Entw&APw-rfe", "t SELECT \"Entw&APw-rfe\"",
		"u ENABLE UTF8=ACCEPT", "v LIST \"\" *", "w SELECT Entwürfe", "x ENABLE X-NONE", "y ENABLE",
	)),
	"names in literals": in([]step{
		{"a SELECT {5}\r\n", "+ "}, {"INBOX\r\n", "a "},
		{"b SELECT {4+}\r\nWork\r\n", "b "},
		{"c CREATE {8+}\r\nnew\\box!\r\n", "c "},
		{"d RENAME {8}\r\n", "+ "}, {"new\\box! {3}\r\n", "+ "}, {"two\r\n", "d "},
		{"e SELECT {0+}\r\n\r\n", "e "},
		{"g NOOP {7}\r\n", "g "},
		{"h STATUS {3}\r\n", "+ "}, {"two (MESSAGES)\r\n", "h "},
		{"i SELECT {0}\r\n", "+ "}, {"\r\n", "i "},
		{"j SELECT \"INBOX{4}\"\r\n", "j "},
		{"k SEARCH TEXT {3}\r\n", "+ "}, {"abc\r\n", "k "},
		{"l SELECT {99999999999999999999}\r\n", "l "},
		{"m CREATE {-1}\r\n", "m "}, {"n CREATE {}\r\n", "n "}, {"o CREATE {3\r\n", "o "}, {"p CREATE {03+}\r\nabc\r\n", "p "},
	}),
	"messages": in(
		appendSteps("a", "INBOX", ""), appendSteps("b", "INBOX", ` (\Seen $Work)`), appendSteps("c", "None", ""),
		[]step{{"d APPEND INBOX \"07-Feb-1994 21:52:25 -0800\" {" + itoa(len(mail)) + "+}\r\n" + mail + "\r\n", "d "}},
		commands(
			"e SELECT INBOX", "f FETCH 1:* (FLAGS UID RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE)", "g FETCH 1 BODY[]", "h FETCH 1:3 (BODY.PEEK[HEADER] BODY.PEEK[TEXT] RFC822)",
			"i UID FETCH 1:* FLAGS", "j STORE 1 +FLAGS (\\Deleted)", "k STORE 2 -FLAGS.SILENT (\\Seen)", "l SEARCH ALL", "m UID SEARCH RETURN (MIN MAX COUNT) UNSEEN",
			"n COPY 1:2 Work", "o COPY 1 None", "p UID COPY 3 Work", "q EXPUNGE", "r FETCH 9 FLAGS", "s FETCH x FLAGS", "t FETCH 1 NONSENSE",
			"u STATUS INBOX (MESSAGES)", "v CHECK", "w UID EXPUNGE 1:*", "x CLOSE", "y FETCH 1 FLAGS", "z1 EXAMINE INBOX", "z2 UNSELECT", "z3 SELECT None", "z4 FETCH 1 FLAGS",
		)),
	"pipeline": in([]step{
		{"a SELECT INBOX\r\nb NOOP\r\nc LIST \"\" *\r\nd STATUS Work (MESSAGES)\r\ne FOO\r\nf CAPABILITY\r\n", "f "},
		{"g APPEND INBOX \"07-Feb-1994 21:52:25 -0800\" {" + itoa(len(mail)) + "+}\r\n" + mail + "\r\nh FETCH 1:* (UID FLAGS)\r\ni SELECT {4+}\r\nWork\r\nj CLOSE\r\nk NOOP\r\n", "k "},
		{"l IDLE\r\nDONE\r\nm NOOP\r\n", "m "},
		{"n CREATE {2+}\r\nAB\r\no DELETE {2+}\r\nAB\r\np LOGOUT\r\n", ""},
	}),
	"idle": in([]step{
		{"a IDLE\r\n", "+ "}, {"DONE\r\n", "a "},
		{"b SELECT INBOX\r\n", "b "},
		{"c IDLE\r\n", "+ "}, {"DONE\r\n", "c "},
		{"d IDLE\r\n", "+ "}, {"done\r\n", "d "},
		{"e IDLE\r\n", "+ "}, {"f NOOP\r\n", "e "},
		{"g IDLE x\r\n", "g "}, {"h NOOP\r\n", "h "},
	}),
	"odd": in([]step{
		{"a NOOP\n", "a "}, {"b noop\r\n", "b "}, {"c NoOp \r\n", "c "}, {"d SELECT\r\n", "d "}, {"e FOO bar {3}\r\n", "e "},
		{"f UID FOO\r\n", "f "}, {"g LOGIN alice secret\r\n", "g "}, {"h STARTTLS\r\n", "h "}, {"i CREATE \"a\\\\b\"\r\n", "i "},
		{"A1]( NOOP\r\n", ""},
	}),
	"long lines": in([]step{
		{"a NOOP " + strings.Repeat("x", 20000) + "\r\n", "a "},
		{"b CREATE \"" + strings.Repeat("y", 20000) + "\"\r\n", "b "},
		{"c SEARCH SUBJECT " + strings.Repeat("z", 30000) + " SUBJECT {3}\r\n", "+ "}, {"abc\r\n", "c "},
		{"d NOOP\r\n", "d "},
		{"lemonade NOOP\r\n", "lemonade "},
		{"e LIST \"\" (" + strings.Repeat("Work ", 6000) + "INBOX)\r\n", "e "},
	}),
	"tag in text":       in([]step{{"OK NOOP\r\n", "OK "}, {"NO FOO\r\n", "NO "}, {"BAD SELECT Work\r\n", "BAD "}, {"1 NOOP\r\n", "1 "}}),
	"end in the middle": append(commands("l LOGIN alice secret"), step{"a LOGOUT\r\nb NOOP\r\n", ""}),
}

// flagList is a list of flags, which imapmemserver writes in any order.
var flagList = regexp.MustCompile(`(FLAGS|PERMANENTFLAGS) \([^()]*\)`)

func sortFlags(transcript string) string {
	return flagList.ReplaceAllStringFunc(transcript, func(list string) string {
		name, flags, _ := strings.Cut(strings.TrimSuffix(list, ")"), "(")
		sorted := strings.Fields(flags)
		slices.Sort(sorted)
		return name + "(" + strings.Join(sorted, " ") + ")"
	})
}

var capabilityList = regexp.MustCompile(`CAPABILITY [^\]\r\n]*`)

// withoutOurs takes out of capability lists what the layer adds.
func withoutOurs(transcript string) string {
	transcript = sortFlags(transcript)
	return capabilityList.ReplaceAllStringFunc(transcript, func(list string) string {
		var kept []string
		for _, name := range strings.Split(list, " ") {
			if name != "ID" && name != "NOTIFY" && name != "METADATA" {
				kept = append(kept, name)
			}
		}
		return strings.Join(kept, " ")
	})
}

// play runs a script and returns all that the server sent.
func play(t *testing.T, s *server, script []step, write func(net.Conn, string)) string {
	c := s.client()
	for _, st := range script {
		write(c.conn, st.send)
		if st.wait == "" {
			c.end()
			break
		}
		c.until(st.wait)
	}
	_ = c.conn.Close()
	<-c.stop
	return string(c.all)
}

// TestTransparent runs the same clients with and without the layer.
func TestTransparent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	writes := map[string]func(net.Conn, string){
		"whole": func(c net.Conn, s string) { _, _ = c.Write([]byte(s)) },
		"octets": func(c net.Conn, s string) {
			for i := range len(s) {
				if _, err := c.Write([]byte(s[i : i+1])); err != nil {
					return
				}
			}
		},
		"pieces": func(c net.Conn, s string) {
			for len(s) > 0 {
				n := 1 + random.IntN(min(len(s), 1+random.IntN(40)))
				if _, err := c.Write([]byte(s[:n])); err != nil {
					return
				}
				s = s[n:]
			}
		},
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			for _, pipe := range []bool{false, true} {
				want := withoutOurs(play(t, start(t, setup{session: newBackend(t).newSession, pipe: pipe}), script, writes["whole"]))
				for how, write := range writes {
					layer := &Server{Source: new(Publisher), Store: annotations.NewMemoryStore(nil), AllowInsecureAuth: true}
					got := play(t, start(t, setup{session: newBackend(t).newSession, pipe: pipe, layer: layer}), script, write)
					if strings.Contains(got, "CAPABILITY IMAP4") {
						require.Contains(t, got, " ID", how)
					}
					require.Equal(t, want, withoutOurs(got), how)
				}
			}
		})
	}
}

// TestTransparentClient uses go-imap's own client through the layer.
func TestTransparentClient(t *testing.T) {
	layer := &Server{Source: new(Publisher), Store: annotations.NewMemoryStore(nil), AllowInsecureAuth: true}
	s := start(t, setup{layer: layer, session: newBackend(t).newSession})
	exists := make(chan uint32, 1)
	c := imapclient.New(s.conn(), &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				select {
				case exists <- *data.NumMessages:
				default:
				}
			}
		},
	}})
	defer c.Close()
	require.NoError(t, c.WaitGreeting())
	require.NoError(t, c.Login("alice", "secret").Wait())
	require.True(t, c.Caps().Has("NOTIFY"))
	require.True(t, c.Caps().Has("METADATA"))
	boxes, err := c.List("", "*", nil).Collect()
	require.NoError(t, err)
	require.Len(t, boxes, 4)
	_, err = c.Select("INBOX", nil).Wait()
	require.NoError(t, err)

	idle, err := c.Idle()
	require.NoError(t, err)
	// imapserver's tracker does not tell of what came before its IDLE has
	// begun, which nobody sees: one of the messages will come after that.
	appended := 0
	for ; appended < 3 || len(exists) == 0 && appended < 100; appended++ {
		other := imapclient.New(s.conn(), nil)
		require.NoError(t, other.Login("alice", "secret").Wait())
		cmd := other.Append("INBOX", int64(len(mail)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagFlagged}})
		_, err = cmd.Write([]byte(mail))
		require.NoError(t, err)
		require.NoError(t, cmd.Close())
		_, err = cmd.Wait()
		require.NoError(t, err)
		require.NoError(t, other.Logout().Wait())
		require.NoError(t, other.Close())
	}
	select {
	case n := <-exists:
		require.Positive(t, n)
	case <-time.After(patience):
		require.Fail(t, "IDLE told of no message")
	}
	require.NoError(t, idle.Close())
	require.NoError(t, idle.Wait())
	require.NoError(t, c.Noop().Wait())

	section := &imap.FetchItemBodySection{Peek: true}
	msgs, err := c.Fetch(imap.SeqSetNum(1, 2, 3), &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	require.NoError(t, err)
	require.Len(t, msgs, 3)
	require.Equal(t, mail, string(msgs[2].FindBodySection(section)))
	found, err := c.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagFlagged}}, nil).Wait()
	require.NoError(t, err)
	require.Len(t, found.AllUIDs(), appended)
	require.NoError(t, c.Store(imap.SeqSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	_, err = c.Copy(imap.SeqSetNum(1), "Work").Wait()
	require.NoError(t, err)
	_, err = c.Expunge().Collect()
	require.NoError(t, err)
	data, err := c.Status("Work", &imap.StatusOptions{NumMessages: true}).Wait()
	require.NoError(t, err)
	require.EqualValues(t, 1, *data.NumMessages)
	require.NoError(t, c.Logout().Wait())
}
