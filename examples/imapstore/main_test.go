package main_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

const patience = 30 * time.Second

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "imapstore")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "imapstore")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v\n%s", err, out))
		}
		return m.Run()
	}())
}

// process is a running imapstore.
type process struct {
	*exec.Cmd
	imap, lmtp string
	stdout     *bufio.Reader
	stderr     *strings.Builder
}

var listening = regexp.MustCompile(`^listening imap=(127\.0\.0\.1:\d+) lmtp=(127\.0\.0\.1:\d+)\n$`)

// start runs imapstore on ports of its own until the test ends.
func start(t *testing.T, env []string, args ...string) *process {
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{stderr: &strings.Builder{}}
	p.Cmd = exec.CommandContext(ctx, binary, append([]string{"-imap", "127.0.0.1:0", "-lmtp", "127.0.0.1:0"}, args...)...)
	p.Env = append(os.Environ(), env...)
	p.Stderr = p.stderr
	stdout, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	t.Cleanup(func() {
		cancel()
		p.Wait() // again where the test has done so
	})
	p.stdout = bufio.NewReader(stdout)
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err)
	m := listening.FindStringSubmatch(line)
	require.NotNil(t, m, line)
	p.imap, p.lmtp = m[1], m[2]
	return p
}

// deliver sends a message by LMTP to user names.
func (p *process) deliver(t *testing.T, message string, users ...string) {
	conn, err := net.Dial("tcp", p.lmtp)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	script := "LHLO test\r\nMAIL FROM:<test@example.org>\r\n"
	for _, u := range users {
		script += "RCPT TO:<" + u + ">\r\n"
	}
	_, err = io.WriteString(conn, script+"DATA\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		require.NotEqual(t, "5", line[:1], line)
		if strings.HasPrefix(line, "354") {
			break
		}
	}
	_, err = io.WriteString(conn, message+".\r\n")
	require.NoError(t, err)
	for range users {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "250", line[:3], line)
	}
}

// login returns a client of a user whose name is the password.
func (p *process) login(t *testing.T, user string, options *imapclient.Options) *imapclient.Client {
	c, err := imapclient.DialInsecure(p.imap, options)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Login(user, user).Wait())
	return c
}

// fails runs imapstore with arguments it cannot run with.
func fails(t *testing.T, env []string, args ...string) (status int, stderr string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Run(), &exit)
	require.NoError(t, ctx.Err())
	require.Empty(t, out.String())
	return exit.ExitCode(), errs.String()
}

func TestBadUsage(t *testing.T) {
	cert, key, _ := certificate(t)
	for _, test := range []struct {
		args []string
		env  string
		says string
	}{
		{[]string{"-foo"}, "", "-foo"},
		{[]string{"foo"}, "", `"foo"`},
		{[]string{"-events", "127.0.0.1:1143"}, "", "127.0.0.1:1143"},
		{[]string{"-imap"}, "", "-imap"},
		{[]string{"-imap", "127.0.0.1"}, "", "-imap"},
		{[]string{"-imap", "127.0.0.1:imaps"}, "", "-imap"},
		{[]string{"-lmtp", "127.0.0.1:99999"}, "", "-lmtp"},
		{[]string{"-imap", "x", "-lmtp", "y"}, "", "-lmtp"},
		{[]string{"-users", ""}, "", "-users"},
		{[]string{"-users", "alice"}, "", "-users"},
		{[]string{"-users", "alice:x,"}, "", "-users"},
		{[]string{"-users", "alice:x,alice:y"}, "", "-users"},
		{[]string{"-users", "alice@example.org:x"}, "", "-users"},
		{[]string{"-events=maybe"}, "", "-events"},
		{[]string{"-tls-cert", cert}, "", "-tls-key"},
		{[]string{"-tls-key", key}, "", "-tls-cert"},
		{[]string{"-tls-cert", cert, "-tls-key", cert}, "", "-tls-key"},
		{[]string{"-tls-cert", "/nonexistent/cert.pem", "-tls-key", key}, "", "/nonexistent/cert.pem"},
		{nil, "LEMONADE_IMAP=foo", "-imap"},
		{nil, "LEMONADE_EVENTS=maybe", "LEMONADE_EVENTS"},
	} {
		status, stderr := fails(t, []string{test.env}, test.args...)
		require.Equal(t, 2, status, "%q", test.args)
		require.Equal(t, 1, strings.Count(stderr, "\n"), "%q: %s", test.args, stderr)
		require.True(t, strings.HasPrefix(stderr, "imapstore: "), stderr)
		require.Contains(t, stderr, test.says)
	}
}

func TestHelp(t *testing.T) {
	out, err := exec.Command(binary, "-h").Output()
	require.NoError(t, err)
	for _, name := range []string{"imap", "lmtp", "users", "tls-cert", "tls-key", "events"} {
		require.Regexp(t, `(?s)\n  -`+name+`\b.*?as in -`+name+`.*?LEMONADE_`+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), string(out))
	}
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	used := ln.Addr().String()
	for _, args := range [][]string{
		{"-imap", used, "-lmtp", "127.0.0.1:0"},
		{"-imap", "127.0.0.1:0", "-lmtp", used},
	} {
		status, stderr := fails(t, nil, args...)
		require.Equal(t, 1, status)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		protocol := "imap"
		if args[3] == used {
			protocol = "lmtp"
		}
		require.Regexp(t, "^imapstore: .*"+protocol+" .*"+regexp.QuoteMeta(used)+".*in use", stderr)
	}
}

func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := start(t, nil)
		// Clients that stay do not keep it.
		c := p.login(t, "alice", nil)
		_, err := c.Select("INBOX", nil).Wait()
		require.NoError(t, err)
		_, err = c.Idle()
		require.NoError(t, err)
		lmtp, err := net.Dial("tcp", p.lmtp)
		require.NoError(t, err)
		defer lmtp.Close()

		sent := time.Now()
		require.NoError(t, p.Process.Signal(sig))
		rest, err := io.ReadAll(p.stdout)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.NoError(t, p.Wait())
		require.Less(t, time.Since(sent), 5*time.Second)
	}
}

func TestEnvironment(t *testing.T) {
	p := start(t, []string{"LEMONADE_USERS=carol:carol", "LEMONADE_EVENTS=true", "LEMONADE_IMAP=nothing"})
	p.login(t, "carol", nil)
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, `"Login"`)
}

func TestEvents(t *testing.T) {
	p := start(t, nil, "-events")
	p.deliver(t, "Subject: \xff\r\n\r\n8 bit \x80\r\n", "alice", "bob@example.org")
	c := p.login(t, "alice", nil)
	require.NoError(t, c.Create("Ärger \"x\"", nil).Wait())
	require.NoError(t, c.Logout().Wait())
	for _, want := range []struct {
		t    msgevent.Type
		user string
	}{
		{msgevent.TypeMessageNew, "alice"}, {msgevent.TypeMessageNew, "bob"}, {msgevent.TypeLogin, "alice"},
		{msgevent.TypeMailboxCreate, "alice"}, {msgevent.TypeLogout, "alice"},
	} {
		line, err := p.stdout.ReadString('\n')
		require.NoError(t, err)
		require.True(t, json.Valid([]byte(line)), line)
		var e msgevent.Event
		require.NoError(t, e.UnmarshalJSON([]byte(line)), line)
		require.Equal(t, want.t, e.Type)
		require.Equal(t, want.user, e.User)
		require.Contains(t, e.URI, p.imap)
	}
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.NoError(t, p.Wait())
	require.Empty(t, p.stderr.String())
}

// certificate writes a new certificate and its key, and returns what trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"mail.example"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return name
	}
	cert, key = write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", pkcs8)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return cert, key, pool
}

func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	p := start(t, nil, "-tls-cert", cert, "-tls-key", key)
	plain, err := imapclient.DialInsecure(p.imap, nil)
	require.NoError(t, err)
	defer plain.Close()
	require.ErrorContains(t, plain.Login("alice", "alice").Wait(), "TLS")
	c, err := imapclient.DialStartTLS(p.imap, &imapclient.Options{
		TLSConfig: &tls.Config{RootCAs: pool, ServerName: "mail.example"},
	})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Login("alice", "alice").Wait())
	_, err = c.Select("INBOX", nil).Wait()
	require.NoError(t, err)
}
