package notifyserver

import (
	"crypto/tls"
	"encoding/base64"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
)

// tlsSetup is a server that wants TLS, with what it sees.
func tlsSetup(t *testing.T) (setup, *recorder, func() []*Conn) {
	b, r := newBackend(t), new(recorder)
	var mu sync.Mutex
	var conns []*Conn
	return setup{
			layer: &Server{Source: new(Publisher), Store: annotations.NewMemoryStore(nil), TLSConfig: certificate(t), DeviceFromLogin: true},
			read:  r,
			session: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
				mu.Lock()
				defer mu.Unlock()
				conns = append(conns, within(c.NetConn()))
				return b.newSession(c)
			},
		}, r, func() []*Conn {
			mu.Lock()
			defer mu.Unlock()
			return conns
		}
}

func has(list, capability string) bool {
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ']' || r == '\r' || r == '\n' }) {
		if name == capability {
			return true
		}
	}
	return false
}

// TestNoCredentialInClear tries all ways to log in before TLS.
func TestNoCredentialInClear(t *testing.T) {
	const marker = "hunter2"
	initial := base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + marker))
	for name, logins := range map[string][]step{
		"atoms":               {{"a LOGIN alice hunter2\r\n", "a NO [PRIVACYREQUIRED]"}},
		"lower case":          {{"a login alice hunter2\r\n", "a NO [PRIVACYREQUIRED]"}},
		"quoted":              {{"a LOGIN \"alice\" \"hunter2\"\r\n", "a NO [PRIVACYREQUIRED]"}},
		"line feed":           {{"a LOGIN alice hunter2\n", "a NO [PRIVACYREQUIRED]"}},
		"literals":            {{"a LOGIN {5}\r\n", "+ "}, {"alice {7}\r\n", "+ "}, {"hunter2\r\n", "a NO [PRIVACYREQUIRED]"}},
		"non-sync literals":   {{"a LOGIN {5+}\r\nalice {7+}\r\nhunter2\r\n", "a NO [PRIVACYREQUIRED]"}},
		"plain":               {{"a AUTHENTICATE PLAIN\r\n", "a NO [PRIVACYREQUIRED]"}},
		"plain with response": {{"a AUTHENTICATE PLAIN " + initial + "\r\n", "a NO [PRIVACYREQUIRED]"}},
		"malformed":           {{"a LOGIN alice hunter2 more\r\n", "a NO [PRIVACYREQUIRED]"}},
		"list":                {{"a LOGIN(alice hunter2\r\n", "a BAD"}},
		// What imapserver takes for a new command, and the layer must not.
		"lone CR":               {{"a NOOP x\rb LOGIN alice hunter2\r\n", "a BAD"}},
		"literal of no command": {{"a NOOP {26+}\r\nb LOGIN alice hunter2\r\n   \r\n", "a BAD"}},
		"literal too long":      {{"a CREATE {5000+}\r\n" + strings.Repeat("b LOGIN alice hunter2\r\n", 217) + strings.Repeat(" ", 9) + "\r\n", "a BAD"}},
		"long line":             {{"a NOOP " + strings.Repeat("x", 50*1024-6) + "b LOGIN alice hunter2\r\n", "a BAD"}},
		"very long line":        {{"a NOOP " + strings.Repeat("x", 2*MaxCommand) + "b LOGIN alice hunter2\r\n", "a BAD"}},
		"long line, no tag":     {{strings.Repeat("x", 2*MaxCommand) + "\r\n", "* BAD [TOOBIG]"}},
		"lone CR in ENABLE":     {{"a ENABLE x\rb LOGIN alice hunter2\r\n", "a BAD"}},
		"literal in ENABLE":     {{"a ENABLE {26+}\r\nb LOGIN alice hunter2\r\n   \r\n", "a BAD"}},
		"quoted over lines":     {{"a CREATE \"x\r\n", "a BAD"}, {"b LOGIN alice hunter2\r\n", "b NO [PRIVACYREQUIRED]"}},
		"in IDLE":               {{"a IDLE\r\n", "a BAD"}, {"b LOGIN alice hunter2\r\n", "b NO [PRIVACYREQUIRED]"}},
		"in pieces of literals": {{"a LOGIN {5}\r\n", "+ "}, {"alice {200000}\r\n", "a BAD [TOOBIG]"}},
		"endless literal":       {{"a LOGIN {9223372036854775807}\r\n", "a BAD [TOOBIG]"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, read, _ := tlsSetup(t)
			c := start(t, s).client()
			for _, st := range logins {
				_, err := c.conn.Write([]byte(st.send))
				require.NoError(t, err)
				c.until(st.wait)
			}
			require.Contains(t, c.do("NOOP"), "TAG OK")
			for _, secret := range []string{marker, initial, "alice", "LOGIN", "AUTHENTICATE"} {
				require.NotContains(t, strings.ToLower(read.String()), strings.ToLower(secret))
			}
			require.NotContains(t, string(c.all), "Logged in")
		})
	}
}

func TestStartTLS(t *testing.T) {
	s, read, conns := tlsSetup(t)
	c := newClient(t, start(t, s).conn())
	greeting := c.line("* OK ")
	for _, list := range []string{greeting, c.ok("CAPABILITY")} {
		require.True(t, has(list, "STARTTLS"), list)
		require.True(t, has(list, "LOGINDISABLED"), list)
		require.True(t, has(list, "ID"), list)
		require.NotContains(t, list, "AUTH=")
		require.False(t, has(list, "SASL-IR"), list)
		require.False(t, has(list, "NOTIFY"), list)
	}
	require.Nil(t, conns()[0].TLS())
	require.Contains(t, c.do("STARTTLS x"), "TAG BAD")
	require.Contains(t, c.do(`ID ("device-id" "injected")`), "TAG OK")

	// Injected behind STARTTLS, in one packet.
	c.send("a STARTTLS\r\nb CREATE Injected\r\nc NOOP")
	c.line("a OK ")
	require.NoError(t, c.startTLS())
	list := c.ok("CAPABILITY")
	require.False(t, has(list, "STARTTLS"), list)
	require.False(t, has(list, "LOGINDISABLED"), list)
	require.True(t, has(list, "AUTH=PLAIN"), list)
	require.True(t, has(list, "SASL-IR"), list)
	require.NotNil(t, conns()[0].TLS())
	require.True(t, conns()[0].TLS().HandshakeComplete)
	require.Contains(t, c.do("STARTTLS"), "TAG BAD")

	list = c.ok("LOGIN alice secret")
	require.True(t, has(list, "NOTIFY"), list)
	require.True(t, has(list, "METADATA"), list)
	user, device := conns()[0].User()
	require.Equal(t, "alice", user)
	require.Empty(t, device)
	require.NotContains(t, c.ok(`LIST "" *`), "Injected")
	require.NotContains(t, read.String(), "Injected")
	require.NotContains(t, string(c.all), "b OK")
	require.NotContains(t, string(c.all), "c OK")
}

func TestStartTLSSplit(t *testing.T) {
	s, read, _ := tlsSetup(t)
	c := start(t, s).client()
	for _, octet := range []byte("a STARTTLS\r\n") {
		_, err := c.conn.Write([]byte{octet})
		require.NoError(t, err)
	}
	c.line("a OK ")
	require.NoError(t, c.startTLS())
	c.ok("AUTHENTICATE PLAIN " + plain)
	require.NotContains(t, read.String(), "STARTTLS")
}

func TestStartTLSFails(t *testing.T) {
	s, read, _ := tlsSetup(t)
	c := start(t, s).client()
	c.send("a STARTTLS")
	c.line("a OK ")
	c.send("b LOGIN alice secret\r\nc NOOP\r\n" + strings.Repeat("x", 100))
	rest := c.end()
	require.NotContains(t, rest, "b ")
	require.NotContains(t, read.String(), "LOGIN")
}

func TestImplicitTLS(t *testing.T) {
	s, _, conns := tlsSetup(t)
	config := s.layer.TLSConfig
	s.below = func(ln net.Listener) net.Listener { return tls.NewListener(ln, config) }
	srv := start(t, s)
	c := newClient(t, tls.Client(srv.conn(), &tls.Config{InsecureSkipVerify: true}))
	greeting := c.line("* OK ")
	require.True(t, has(greeting, "AUTH=PLAIN"), greeting)
	require.False(t, has(greeting, "STARTTLS"), greeting)
	require.False(t, has(greeting, "LOGINDISABLED"), greeting)
	c.login()
	require.True(t, conns()[0].TLS().HandshakeComplete)
}

// TestLoginWithoutTLSConfig is a server that has no certificate at all.
func TestLoginWithoutTLSConfig(t *testing.T) {
	s, read, _ := tlsSetup(t)
	s.layer.TLSConfig = nil
	c := newClient(t, start(t, s).conn())
	greeting := c.line("* OK ")
	require.True(t, has(greeting, "LOGINDISABLED"), greeting)
	require.False(t, has(greeting, "STARTTLS"), greeting)
	require.Contains(t, c.do("LOGIN alice secret"), "TAG NO [PRIVACYREQUIRED]")
	require.Contains(t, c.do("STARTTLS"), "TAG NO")
	require.NotContains(t, read.String(), "secret")
}

// TestUserOfLogin has logins that fail before the one that succeeds: it alone
// counts.
func TestUserOfLogin(t *testing.T) {
	for name, test := range map[string]struct {
		login        []string
		user, device string
	}{
		"atoms":            {[]string{"LOGIN alice+phone secret"}, "alice", "phone"},
		"quoted":           {[]string{`LOGIN "alice+phone" "secret"`}, "alice", "phone"},
		"non-sync":         {[]string{"LOGIN {11+}\r\nalice+phone {6+}\r\nsecret"}, "alice", "phone"},
		"trailing space":   {[]string{"LOGIN alice+phone secret "}, "alice", "phone"},
		"plain":            {[]string{"AUTHENTICATE PLAIN " + encode("", "alice+phone", "secret")}, "alice", "phone"},
		"plain, asked for": {[]string{"AUTHENTICATE PLAIN\r\n" + encode("", "alice+phone", "secret")}, "alice", "phone"},
		"authorized":       {[]string{"AUTHENTICATE PLAIN " + encode("alice", "alice+phone", "secret")}, "alice", "phone"},
		"authorized with":  {[]string{"AUTHENTICATE PLAIN " + encode("alice+phone", "alice", "secret")}, "alice", "phone"},
		"empty":            {[]string{"LOGIN alice+ secret"}, "alice", ""},
		"two":              {[]string{"LOGIN alice+a+b secret"}, "alice", "a+b"},
		"failed before":    {[]string{"LOGIN bob+phone wrong", "LOGIN alice secret"}, "alice", ""},
		"failed, malformed": {
			[]string{"LOGIN bob+phone wrong", "LOGIN \"ali\\ce\" secret"}, "", "",
		},
		"failed plain":         {[]string{"AUTHENTICATE PLAIN " + encode("", "bob+phone", "x"), "LOGIN alice secret"}, "alice", ""},
		"second login":         {[]string{"LOGIN alice secret", "LOGIN bob+phone secret"}, "alice", ""},
		"second plain":         {[]string{"LOGIN alice secret", "AUTHENTICATE PLAIN " + encode("", "bob", "secret")}, "alice", ""},
		"after UNAUTHENTICATE": {[]string{"LOGIN alice+phone secret", "UNAUTHENTICATE", "LOGIN bob secret"}, "bob", ""},
		"device by ID":         {[]string{`ID ("name" "x" "device-id" "tablet")`, "LOGIN alice secret"}, "alice", "tablet"},
		"device by ID later":   {[]string{"LOGIN alice secret", `ID ("Device-ID" "tablet" "name" NIL)`}, "alice", "tablet"},
		"both":                 {[]string{`ID ("device-id" "tablet")`, "LOGIN alice+phone secret", `ID ("device-id" "watch")`}, "alice", "phone"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, conns := tlsSetup(t)
			s.layer.AllowInsecureAuth = true
			c := start(t, s).client()
			for _, login := range test.login {
				c.do(login)
			}
			c.do("NOOP")
			user, device := conns()[0].User()
			require.Equal(t, test.user, user)
			require.Equal(t, test.device, device)
		})
	}
}

// TestUnknownUser logs in in a way that the layer cannot read: it must not take
// the client for somebody, who may be one that failed to log in before.
func TestUnknownUser(t *testing.T) {
	s, _, _ := tlsSetup(t)
	s.layer.AllowInsecureAuth = true
	c := start(t, s).client()
	require.Contains(t, c.do("LOGIN bob wrong"), "TAG NO")
	got := c.ok("LOGIN \"ali\\ce\" secret") // imapserver takes "\c" for "c"
	require.False(t, has(got, "NOTIFY"), got)
	for _, command := range []string{"NOTIFY NONE", `GETMETADATA "" /private/x`, `SETMETADATA "" (/private/x "1")`, "ENABLE METADATA"} {
		require.Contains(t, c.do(command), "TAG NO [UNAVAILABLE]", command)
	}
	c.ok("SELECT INBOX")
	c.ok("ENABLE UTF8=ACCEPT")
}

func encode(authz, authc, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(authz + "\x00" + authc + "\x00" + password))
}
