package main_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"
)

// peer returns the path of a program of another project.
func peer(t *testing.T, name, install string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: %s", name, install)
		}
		t.Skipf("%s is missing: %s", name, install)
	}
	return path
}

// run runs a peer and returns its standard output.
func run(t *testing.T, path string, args ...string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s %q\n%s\n%s", path, args, &stdout, &stderr)
	return stdout.String()
}

func appendMessage(t *testing.T, c *imapclient.Client, mailbox, message string, flags ...imap.Flag) *imap.AppendData {
	cmd := c.Append(mailbox, int64(len(message)), &imap.AppendOptions{Flags: flags, Time: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)})
	_, err := cmd.Write([]byte(message))
	require.NoError(t, err)
	require.NoError(t, cmd.Close())
	data, err := cmd.Wait()
	require.NoError(t, err)
	return data
}

func TestIMAPClient(t *testing.T) {
	p := start(t, nil)
	arrived := make(chan uint32, 10)
	idler := p.login(t, "alice", &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				arrived <- *data.NumMessages
			}
		},
	}})
	_, err := idler.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	idle, err := idler.Idle()
	require.NoError(t, err)

	wrong, err := imapclient.DialInsecure(p.imap, nil)
	require.NoError(t, err)
	defer wrong.Close()
	require.Error(t, wrong.Login("alice", "bob").Wait())

	c := p.login(t, "alice", nil)
	require.NoError(t, c.Create("Entwürfe/日本", nil).Wait())
	list, err := c.List("", "*", nil).Collect()
	require.NoError(t, err)
	var names []string
	for _, data := range list {
		names = append(names, data.Mailbox)
	}
	require.Equal(t, []string{"INBOX", "Entwürfe", "Entwürfe/日本"}, names)

	const first = "From: a@example.org\r\nSubject: first\r\n\r\nsome text\r\n"
	data := appendMessage(t, c, "INBOX", first, imap.FlagFlagged)
	require.Equal(t, imap.UID(1), data.UID)
	require.Equal(t, uint32(1), <-arrived)
	p.deliver(t, "From: b@example.org\r\nSubject: second\r\n\r\nother text\r\n", "alice")
	require.Equal(t, uint32(2), <-arrived)
	require.NoError(t, idle.Close())
	require.NoError(t, idle.Wait())

	selected, err := c.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	require.Equal(t, uint32(2), selected.NumMessages)
	section := &imap.FetchItemBodySection{Peek: true}
	msgs, err := c.Fetch(imap.SeqSetNum(1, 2), &imap.FetchOptions{
		UID: true, Flags: true, Envelope: true, InternalDate: true, RFC822Size: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
		BodySection:   []*imap.FetchItemBodySection{section},
	}).Collect()
	require.NoError(t, err)
	require.Len(t, msgs, 2)
	require.Equal(t, first, string(msgs[0].FindBodySection(section)))
	require.Equal(t, "first", msgs[0].Envelope.Subject)
	require.Equal(t, []imap.Flag{imap.FlagFlagged}, msgs[0].Flags)
	require.True(t, msgs[0].InternalDate.Equal(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)))
	require.Equal(t, int64(len(first)), msgs[0].RFC822Size)
	require.Equal(t, "text/plain", msgs[1].BodyStructure.MediaType())

	found, err := c.UIDSearch(&imap.SearchCriteria{Body: []string{"OTHER"}, NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	require.NoError(t, err)
	require.Equal(t, []imap.UID{2}, found.AllUIDs())
	stored, err := c.Store(imap.UIDSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen, "$Later"}}, nil).Collect()
	require.NoError(t, err)
	require.Len(t, stored, 1)
	require.ElementsMatch(t, []imap.Flag{imap.FlagSeen, "$Later"}, stored[0].Flags)
	moved, err := c.Move(imap.UIDSetNum(2), "Entwürfe/日本").Wait()
	require.NoError(t, err)
	require.Equal(t, "1", moved.DestUIDs.String())
	status, err := c.Status("Entwürfe/日本", &imap.StatusOptions{NumMessages: true, NumUnseen: true}).Wait()
	require.NoError(t, err)
	require.Equal(t, uint32(1), *status.NumMessages)
	require.Zero(t, *status.NumUnseen)

	// Each user has mailboxes of their own.
	bob := p.login(t, "bob", nil)
	selected, err = bob.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	require.Zero(t, selected.NumMessages)
	_, err = bob.Select("Entwürfe", nil).Wait()
	require.Error(t, err)
	p.deliver(t, "for both\r\n", "alice", "bob")
	require.NoError(t, bob.Noop().Wait())
	status, err = bob.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait()
	require.NoError(t, err)
	require.Equal(t, uint32(1), *status.NumMessages)
}

func TestCurl(t *testing.T) {
	path := peer(t, "curl", "apt-get install curl")
	p := start(t, nil)
	curl := func(args ...string) string {
		return run(t, path, append([]string{"-sS", "--max-time", "20", "-u", "alice:alice"}, args...)...)
	}
	url := "imap://" + p.imap + "/"
	require.Contains(t, curl(url), `* LIST (\HasNoChildren) "/" INBOX`)

	// Larger than one buffer, with a dot and what looks like commands.
	message := "From: curl@example.org\r\nSubject: from curl\r\n\r\n.\r\n" + strings.Repeat("a1 NOOP {5+}\r\n", 10000)
	file := filepath.Join(t.TempDir(), "message.eml")
	require.NoError(t, os.WriteFile(file, []byte(message), 0o600))
	curl("-T", file, url+"INBOX")
	p.deliver(t, "Subject: delivered\r\n\r\ntext\r\n", "alice")

	require.Equal(t, message, curl(url+"INBOX;UID=1"))
	require.Equal(t, message, curl(url+"INBOX;MAILINDEX=1"))
	require.Equal(t, "Subject: delivered\r\n\r\n", curl(url+"INBOX;UID=2;SECTION=HEADER.FIELDS%20(Subject)"))
	require.Equal(t, "* SEARCH 2\r\n", curl(url+"INBOX?SUBJECT%20delivered"))
	require.Equal(t, "* SEARCH\r\n", curl(url+"INBOX?SUBJECT%20nothing"))
	require.Contains(t, curl("-X", "EXAMINE INBOX", url), "* 2 EXISTS")
	curl("-X", "CREATE Work/&ZeVnLA-", url)
	require.Contains(t, curl("-X", `LIST "" *`, url), `"/" "Work/&ZeVnLA-"`)
	require.Contains(t, curl("-X", `STORE 2 +Flags (\Deleted \Seen)`, url+"INBOX"), `\Deleted`)
	require.Contains(t, curl("-X", "EXPUNGE", url+"INBOX"), "* 2 EXPUNGE")

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, args := range [][]string{{"-u", "alice:wrong", url}, {"-u", "alice:alice", url + "INBOX;UID=99"}, {"-u", "alice:alice", "-X", "FOO", url}} {
		require.Error(t, exec.CommandContext(ctx, path, append([]string{"-sS"}, args...)...).Run())
	}
}

// mail is what a synchronized message has on both sides: its text with LF, and
// its flags in the letters of Maildir.
type mail struct{ text, flags string }

// mails are messages by mailbox and number; a number is in a field of its own.
type mails map[string]mail

func TestSwaks(t *testing.T) {
	path := peer(t, "swaks", "apt-get install swaks")
	p := start(t, nil)
	run(t, path, "--protocol", "LMTP", "--server", p.lmtp, "--from", "x@example.org",
		"--to", "alice,bob@example.org", "--header", "Subject: from swaks", "--body", "two\nlines\n.\n")
	for _, user := range []string{"alice", "bob"} {
		c := p.login(t, user, nil)
		selected, err := c.Select("INBOX", nil).Wait()
		require.NoError(t, err)
		require.EqualValues(t, 1, selected.NumMessages)
		messages, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect()
		require.NoError(t, err)
		body := string(messages[0].BodySection[0].Bytes)
		require.Contains(t, body, "Subject: from swaks\r\n")
		require.Contains(t, body, "\r\n\r\ntwo\r\nlines\r\n.\r\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--protocol", "LMTP", "--server", p.lmtp, "--from", "x@example.org", "--to", "nobody").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), " 550 5.1.1 ")
}

func key(mailbox, text string) string {
	_, number, _ := strings.Cut(text, "X-Number: ")
	number, _, _ = strings.Cut(number, "\n")
	return mailbox + " " + number
}

var maildirFlags = map[imap.Flag]string{
	imap.FlagDraft: "D", imap.FlagFlagged: "F", imap.FlagAnswered: "R", imap.FlagSeen: "S", imap.FlagDeleted: "T",
}

// inStore returns all messages of a user.
func inStore(t *testing.T, c *imapclient.Client) mails {
	all := make(mails)
	list, err := c.List("", "*", nil).Collect()
	require.NoError(t, err)
	for _, data := range list {
		selected, err := c.Select(data.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
		require.NoError(t, err)
		if selected.NumMessages == 0 {
			continue
		}
		section := &imap.FetchItemBodySection{Peek: true}
		msgs, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{Flags: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		require.NoError(t, err)
		for _, m := range msgs {
			body := string(m.FindBodySection(section))
			require.Equal(t, strings.Count(body, "\n"), strings.Count(body, "\r\n"))
			all.add(t, data.Mailbox, body, func() (flags string) {
				for _, f := range m.Flags {
					flags += maildirFlags[f]
				}
				return flags
			}())
		}
	}
	return all
}

func (all mails) add(t *testing.T, mailbox, text, flags string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	// mbsync marks what it copies.
	if i := strings.Index(text, "X-TUID: "); i >= 0 {
		text = text[:i] + text[i+strings.Index(text[i:], "\n")+1:]
	}
	k := key(mailbox, text)
	require.NotContains(t, all, k, "twice")
	letters := strings.Split(flags, "")
	slices.Sort(letters)
	all[k] = mail{text, strings.Join(letters, "")}
}

// maildir is the directory of the Maildirs, as mbsync has it with SubFolders
// Verbatim.
type maildir string

// names has the directories of the mailboxes: mbsync takes the names of IMAP
// as they are.
var names = map[string]string{
	"INBOX": "INBOX", "Work": "Work", "Work/Projects": "Work/Projects", "Entwürfe/日本": "Entw&APw-rfe/&ZeVnLA-",
	"Neu": "Neu", "Neu/Übrig": "Neu/&ANw-brig", "Entwürfe": "Entw&APw-rfe",
}

func (dir maildir) files(t *testing.T) map[string]string {
	files := make(map[string]string) // path by key
	for mailbox, name := range names {
		for _, sub := range []string{"new", "cur"} {
			paths, err := filepath.Glob(filepath.Join(string(dir), name, sub, "*"))
			require.NoError(t, err)
			for _, path := range paths {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				files[key(mailbox, string(text))] = path
			}
		}
	}
	return files
}

func (dir maildir) mails(t *testing.T) mails {
	all := make(mails)
	for k, path := range dir.files(t) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		mailbox, _, _ := strings.Cut(k, " ")
		_, flags, _ := strings.Cut(filepath.Base(path), ":2,")
		all.add(t, mailbox, string(text), flags)
	}
	return all
}

func (dir maildir) add(t *testing.T, mailbox, text, flags string, number int) {
	box := filepath.Join(string(dir), names[mailbox])
	for _, sub := range []string{"new", "cur", "tmp"} {
		require.NoError(t, os.MkdirAll(filepath.Join(box, sub), 0o700))
	}
	name := filepath.Join(box, "new", fmt.Sprintf("1700000000.%d_1.test", number))
	if flags != "" {
		name = filepath.Join(box, "cur", fmt.Sprintf("1700000000.%d_1.test:2,%s", number, flags))
	}
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// message returns the text of a message, with LF.
func message(number int) string {
	text := fmt.Sprintf("From: Jürgen <j@example.org>\nSubject: number %d\nX-Number: %d\nMessage-ID: <%d@example.org>\n\n", number, number, number)
	switch number % 5 {
	case 0: // none
	case 1:
		text += ".\n..\nFrom here\n\n\n"
	case 2:
		text += strings.Repeat("日本語 {3+}\na1 OK BAD\n", number)
	case 3:
		text += strings.Repeat("x", 3000) + "\nno end of line"
	case 4:
		text += "\x80\xff\x01 and \"quotes\\\n"
	}
	return text
}

func TestMbsync(t *testing.T) {
	path := peer(t, "mbsync", "apt-get install isync")
	p := start(t, nil)
	host, port, _ := strings.Cut(p.imap, ":")
	dir := t.TempDir()
	local := maildir(filepath.Join(dir, "mail"))
	require.NoError(t, os.Mkdir(string(local), 0o700))
	config := filepath.Join(dir, "mbsyncrc")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
FSync no

IMAPAccount store
Host %s
Port %s
User alice
Pass alice
SSLType None
AuthMechs *

IMAPStore far
Account store

MaildirStore near
Path %[3]s/
Inbox %[3]s/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Sync All
SyncState *
`, host, port, local), 0o600))
	c := p.login(t, "alice", nil)
	sync := func() {
		t.Helper()
		run(t, path, "-c", config, "-a")
	}
	// same says whether both sides have the same, and that is want.
	same := func(want mails) {
		t.Helper()
		store, dir := inStore(t, c), local.mails(t)
		require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(store)))
		require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(dir)))
		for k, m := range want {
			require.Equal(t, m, store[k], "store: %s", k)
			require.Equal(t, m, dir[k], "Maildir: %s", k)
		}
	}
	want := make(mails)
	flags := [][]imap.Flag{nil, {imap.FlagSeen}, {imap.FlagFlagged, imap.FlagSeen}, {imap.FlagDraft}, {imap.FlagAnswered}, nil, {imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDraft}}
	letters := []string{"", "S", "FS", "D", "R", "", "DFRS"}

	// 500 messages from the store.
	for _, mailbox := range []string{"Work/Projects", "Entwürfe/日本"} {
		require.NoError(t, c.Create(mailbox, nil).Wait())
	}
	for i := range 500 {
		mailbox := []string{"INBOX", "INBOX", "INBOX", "Work", "Work/Projects", "Entwürfe/日本"}[i%6]
		appendMessage(t, c, mailbox, strings.ReplaceAll(message(i), "\n", "\r\n"), flags[i%len(flags)]...)
		want.add(t, mailbox, message(i), letters[i%len(flags)])
	}
	sync()
	same(want)

	// 500 messages from the Maildir.
	for i := 500; i < 1000; i++ {
		mailbox := []string{"INBOX", "INBOX", "INBOX", "Neu", "Neu/Übrig", "Entwürfe/日本"}[i%6]
		local.add(t, mailbox, message(i), letters[i%len(flags)], i)
		want.add(t, mailbox, message(i), letters[i%len(flags)])
	}
	sync()
	same(want)
	sync() // nothing is left to do
	same(want)

	// Changes in the store: of the messages in INBOX, each 10th is deleted and
	// another 10th flagged.
	_, err := c.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	var deleted, flagged []string
	for k, m := range want {
		if mailbox, number, _ := strings.Cut(k, " "); mailbox == "INBOX" {
			switch {
			case strings.HasSuffix(number, "0"):
				deleted = append(deleted, number)
				delete(want, k)
			case strings.HasSuffix(number, "1"):
				flagged = append(flagged, number)
				m.flags = "F"
				want[k] = m
			}
		}
	}
	require.NotEmpty(t, deleted)
	require.NotEmpty(t, flagged)
	store := func(numbers []string, op imap.StoreFlagsOp, flag imap.Flag) {
		for _, number := range numbers {
			found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + number + "@"}}}, nil).Wait()
			require.NoError(t, err)
			require.Len(t, found.AllUIDs(), 1)
			require.NoError(t, c.Store(imap.UIDSetNum(found.AllUIDs()...), &imap.StoreFlags{Op: op, Flags: []imap.Flag{flag}}, nil).Close())
		}
	}
	store(deleted[:len(deleted)/2], imap.StoreFlagsAdd, imap.FlagDeleted)
	require.NoError(t, c.Expunge().Close())
	store(deleted[len(deleted)/2:], imap.StoreFlagsAdd, imap.FlagDeleted) // for mbsync to expunge
	store(flagged, imap.StoreFlagsSet, imap.FlagFlagged)

	// Changes in the Maildir, to others: deleted, marked as deleted, flagged
	// and no more seen.
	for k, file := range local.files(t) {
		mailbox, number, _ := strings.Cut(k, " ")
		base, _, _ := strings.Cut(file, ":2,")
		base = strings.Replace(base, "/new/", "/cur/", 1)
		m := want[k]
		switch {
		case mailbox == "INBOX" && (strings.HasSuffix(number, "0") || strings.HasSuffix(number, "1")):
		case strings.HasSuffix(number, "4"):
			require.NoError(t, os.Remove(file))
			delete(want, k)
		case strings.HasSuffix(number, "5"):
			require.NoError(t, os.Rename(file, base+":2,T"))
			delete(want, k)
		case strings.HasSuffix(number, "6"):
			require.NoError(t, os.Rename(file, base+":2,FR"))
			m.flags = "FR"
			want[k] = m
		}
	}
	require.Greater(t, len(want), 700)
	sync()
	same(want)
}
