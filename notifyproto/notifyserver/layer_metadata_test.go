package notifyserver

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"
)

// openAll starts a server and returns how to connect clients to it.
func openAll(t *testing.T) (func() *client, *Publisher) {
	p, b := new(Publisher), newBackend(t)
	store := newStore()
	layer := &Server{Source: p, Store: store.MemoryStore, AllowInsecureAuth: true, DeviceFromLogin: true}
	store.onChange = layer.AnnotationsChanged
	return start(t, setup{layer: layer, session: b.newSession}).client, p
}

func TestID(t *testing.T) {
	c, _, _ := open(t)
	for _, good := range []string{"ID NIL", "ID nil", "ID ()", `ID ("name" "x")`, `ID ("name" NIL "device-id" {3+}` + "\r\nabc)"} {
		require.Equal(t, "* ID (\"name\" \"Lemonade\")\r\nTAG OK ID completed\r\n", c.do(good), good)
	}
	for _, bad := range []string{"ID", "ID x", `ID ("name")`, `ID ("name" "x") x`, `ID (name x)`, "ID NIL NIL"} {
		require.Regexp(t, `^TAG BAD `, c.do(bad), bad)
	}
	c.login().ok("ID NIL")
}

func TestEnable(t *testing.T) {
	for _, test := range []struct{ command, want string }{
		{"ENABLE METADATA", "* ENABLED METADATA\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE metadata-server", "* ENABLED METADATA-SERVER\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE METADATA METADATA-SERVER", "* ENABLED METADATA METADATA-SERVER\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE METADATA UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT METADATA\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE X-NONE METADATA", "* ENABLED METADATA\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE X-NONE", "* ENABLED\r\nTAG OK ENABLE completed\r\n"},
		{"ENABLE METADATA {1+}\r\n ", "TAG BAD [CLIENTBUG] ENABLE has no literals\r\n"},
		{"ENABLE {1} METADATA", "TAG BAD [CLIENTBUG] ENABLE has no literals\r\n"},
	} {
		c, _, _ := open(t)
		if !strings.Contains(test.command, "{") {
			require.Contains(t, c.do(test.command), "TAG BAD") // before login
		}
		require.Equal(t, test.want, c.login().do(test.command))
		c.silent()
	}
	c, _, _ := open(t)
	require.Contains(t, c.do("AUTHENTICATE PLAIN {1+}\r\n "), "TAG BAD")
	c.login()
}

func TestMetadata(t *testing.T) {
	connect, _ := openAll(t)
	c := connect()
	c.ok("LOGIN alice+phone secret")
	require.Equal(t, "* METADATA \"\" (/private/comment NIL)\r\nTAG OK GETMETADATA completed\r\n", c.do(`GETMETADATA "" /private/comment`))
	c.ok(`SETMETADATA INBOX (/private/comment "a b" /shared/comment {3+}` + "\r\nx\ny)")

	// A literal that waits.
	c.send(`a SETMETADATA INBOX (/private/vendor/vendor.x/deep/er {5}`)
	c.line("+ ")
	c.send("12\r\n5)")
	c.line("a OK")

	got := c.ok(`GETMETADATA INBOX (/private/comment /shared/comment)`)
	require.Contains(t, got, "* METADATA \"INBOX\" (")
	require.Contains(t, got, `/private/comment "a b"`)
	require.Contains(t, got, "/shared/comment {3}\r\nx\ny")
	require.NotContains(t, c.ok(`GETMETADATA INBOX /private/vendor/vendor.x`), "deep")
	require.NotContains(t, c.ok(`GETMETADATA (DEPTH 1) INBOX /private/vendor/vendor.x`), "deep")
	require.Contains(t, c.ok(`GETMETADATA (DEPTH infinity) INBOX /private/vendor/vendor.x`), "/private/vendor/vendor.x/deep/er {5}\r\n12\r\n5)\r\n")
	require.Contains(t, c.ok(`GETMETADATA (DEPTH 1) "inbox" /private/vendor/vendor.x/deep`), "{5}\r\n12\r\n5)\r\n")

	// Section 4.2.1.
	got = c.ok(`GETMETADATA (MAXSIZE 3 DEPTH infinity) INBOX (/private /shared)`)
	require.Contains(t, got, "/shared/comment {3}")
	require.NotContains(t, got, "deep")
	require.Contains(t, got, "TAG OK [METADATA LONGENTRIES 5] ")

	require.Contains(t, c.do("SETMETADATA INBOX (/private/comment {1025+}\r\n"+strings.Repeat("x", 1025)+")"), "TAG NO [METADATA MAXSIZE 1024]")
	require.Contains(t, c.do("GETMETADATA None /private/comment"), "TAG NO [NONEXISTENT]")
	require.Contains(t, c.do("SETMETADATA None (/private/comment \"x\")"), "TAG NO [NONEXISTENT]")
	require.Contains(t, c.do(`SETMETADATA "*" (/private/comment "x")`), "TAG NO [NONEXISTENT]")
	require.Contains(t, c.do("GETMETADATA Entw&APw-rfe /private/comment"), "TAG OK")
	for _, bad := range []string{"GETMETADATA", "GETMETADATA INBOX", "SETMETADATA INBOX (/private/comment)", "SETMETADATA INBOX ()", "GETMETADATA INBOX comment", "SETMETADATA INBOX (/private/* \"x\")"} {
		require.Contains(t, c.do(bad), "TAG BAD", bad)
	}
	c.ok(`SETMETADATA INBOX (/private/comment NIL)`)
	got = c.ok(`GETMETADATA INBOX (/private/comment /shared/comment)`)
	require.NotContains(t, got, "a b")
	require.Contains(t, got, "/shared/comment")
}

// TestMetadataPerDevice has two devices of a user, and another user.
func TestMetadataPerDevice(t *testing.T) {
	connect, _ := openAll(t)
	const entry = "/private/notify/outband/channel"
	phone, same, tablet, plainUser, byID, bob := connect(), connect(), connect(), connect(), connect(), connect()
	phone.ok(`LOGIN "alice+phone" {6+}` + "\r\nsecret")
	same.ok("AUTHENTICATE PLAIN " + encode("", "alice+phone", "secret"))
	tablet.ok("LOGIN {12+}\r\nalice+tablet secret")
	plainUser.ok("LOGIN alice secret")
	byID.ok("LOGIN alice secret")
	byID.ok(`ID ("device-id" "phone")`)
	bob.ok("LOGIN bob+phone secret")
	phone.ok("SETMETADATA INBOX (" + entry + ` "NONE" /private/comment "mine")`)
	for _, c := range []*client{phone, same, byID} {
		require.Contains(t, c.ok("GETMETADATA INBOX "+entry), `"NONE"`)
	}
	for _, c := range []*client{tablet, plainUser, bob} {
		require.NotContains(t, c.ok("GETMETADATA INBOX "+entry), "NONE")
	}
	for _, c := range []*client{phone, same, byID, tablet, plainUser} {
		require.Contains(t, c.ok("GETMETADATA INBOX /private/comment"), `"mine"`)
	}
	require.NotContains(t, bob.ok("GETMETADATA INBOX /private/comment"), "mine")
}

// TestMetadataTold is about unsolicited METADATA.
func TestMetadataTold(t *testing.T) {
	connect, _ := openAll(t)
	writer, enabled, server, notified, deaf, idle := connect(), connect(), connect(), connect(), connect(), connect()
	for _, c := range []*client{writer, enabled, server, notified, deaf, idle} {
		c.login()
	}
	writer.ok("ENABLE METADATA")
	writer.ok("NOTIFY SET (personal (MailboxMetadataChange ServerMetadataChange))")
	enabled.ok("ENABLE METADATA")
	server.ok("ENABLE METADATA-SERVER")
	notified.ok("NOTIFY SET (mailboxes Work (MailboxMetadataChange))")
	idle.ok("ENABLE METADATA")
	idle.ok("SELECT INBOX")
	idle.send("i IDLE")
	idle.line("+ ")

	writer.ok(`SETMETADATA INBOX (/private/comment "1")`)
	require.Equal(t, "* METADATA INBOX /private/comment", enabled.line("* METADATA"))
	require.Equal(t, "* METADATA INBOX /private/comment", idle.line("* METADATA"))
	writer.ok(`SETMETADATA Work (/shared/comment "1")`)
	require.Equal(t, "* METADATA Work /shared/comment", notified.line("* METADATA"))
	require.Equal(t, "* METADATA Work /shared/comment", enabled.line("* METADATA"))
	require.Equal(t, "* METADATA Work /shared/comment", idle.line("* METADATA"))
	writer.ok(`SETMETADATA "" (/private/comment "1")`)
	require.Equal(t, `* METADATA "" /private/comment`, server.line("* METADATA"))
	require.Equal(t, `* METADATA "" /private/comment`, enabled.line("* METADATA"))
	require.Equal(t, `* METADATA "" /private/comment`, idle.line("* METADATA"))
	idle.send("DONE")
	idle.line("i OK")
	for _, c := range []*client{writer, enabled, server, notified, deaf, idle} {
		c.silent()
	}
	require.NotContains(t, string(writer.all), "* METADATA")

	// What another session does while one's own is at work is told.
	enabled.ok(`SETMETADATA INBOX (/private/comment "2")`)
	require.Equal(t, "* METADATA INBOX /private/comment", writer.line("* METADATA"))
}

// TestPresence counts what the server is told of devices.
func TestPresence(t *testing.T) {
	var told []string
	ended := make(chan struct{}, 10)
	layer := &Server{AllowInsecureAuth: true, DeviceFromLogin: true, Presence: func(user, device string, connected bool) {
		word := "-"
		if connected {
			word = "+"
		}
		told = append(told, word+user+"/"+device)
		ended <- struct{}{}
	}}
	b := newBackend(t)
	c := start(t, setup{layer: layer, session: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return b.newSession(c)
	}}).client()
	c.do("LOGIN bob+x wrong")
	c.ok("LOGIN alice secret")
	c.ok(`ID ("device-id" "tv")`)
	c.ok(`ID ("device-id" "tv")`)
	c.ok("UNAUTHENTICATE")
	c.ok("LOGIN bob+tv secret")
	c.send("z LOGOUT")
	c.end()
	for range 6 {
		<-ended
	}
	require.Equal(t, []string{"+alice/", "-alice/", "+alice/tv", "-alice/tv", "+bob/tv", "-bob/tv"}, told)
}
