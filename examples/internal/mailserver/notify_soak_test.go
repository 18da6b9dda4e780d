package mailserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/golemonade/lemonade/notifyproto"
)

// soakTime is how long the writers write: LEMONADE_SOAK says otherwise.
func soakTime(t *testing.T) time.Duration {
	if v := os.Getenv("LEMONADE_SOAK"); v != "" {
		d, err := time.ParseDuration(v)
		require.NoError(t, err)
		return d
	}
	if testing.Short() {
		return time.Second
	}
	return 5 * time.Second
}

var soakMailboxes = []string{"INBOX", "A", "B", "C"}

// Many clients with all kinds of NOTIFY, at all kinds of commands, while others
// change everything: each keeps a model of what it was told, and in the end all
// models are what is there.
func TestNotifySoak(t *testing.T) {
	const watchers = 50
	s := serve(t)
	setup := login(t, s)
	for _, mailbox := range soakMailboxes[1:] {
		setup.ok("CREATE " + mailbox)
	}
	for _, mailbox := range soakMailboxes {
		for range 10 {
			setup.add(mailbox)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var ws []*watcher
	for i := range watchers {
		w, err := newWatcher(s, i, seed)
		require.NoError(t, err)
		defer w.conn.Close()
		ws = append(ws, w)
	}

	ctx, cancel := context.WithTimeout(t.Context(), soakTime(t))
	defer cancel()
	writers, writing := errgroup.WithContext(ctx)
	for i := range 5 {
		writers.Go(func() error { return write(writing, s, i, rand.New(rand.NewPCG(seed, uint64(1000+i)))) })
	}
	watching, watched := errgroup.WithContext(ctx)
	for _, w := range ws {
		watching.Go(func() error {
			if err := w.run(watched); err != nil {
				return fmt.Errorf("watcher %d (%s):\n%s\n%w", w.id, w.groups, strings.Join(w.log, "\n"), err)
			}
			return nil
		})
	}
	err := writers.Wait()
	cancel()
	require.NoError(t, errors.Join(err, watching.Wait()))

	// What is there, as a new client sees it.
	truth := map[string]*watcher{}
	for _, mailbox := range soakMailboxes {
		w, err := newWatcher(s, plain, seed)
		require.NoError(t, err)
		defer w.conn.Close()
		require.NoError(t, w.open(mailbox))
		for _, other := range soakMailboxes {
			require.NoError(t, w.do("STATUS "+other+" (MESSAGES UIDNEXT UNSEEN)"))
		}
		require.NoError(t, w.do(`LIST "" *`))
		truth[mailbox] = w
	}
	ending, _ := errgroup.WithContext(t.Context())
	for _, w := range ws {
		ending.Go(func() error {
			if err := w.settle(truth); err != nil {
				return fmt.Errorf("watcher %d (%s):\n%s\n%w", w.id, w.groups, strings.Join(w.log, "\n"), err)
			}
			return nil
		})
	}
	require.NoError(t, ending.Wait())
	commands := 0
	for _, w := range ws {
		commands += w.tags
	}
	t.Logf("%d commands, INBOX has %d messages up to UID %d", commands, len(truth["INBOX"].msgs), truth["INBOX"].status["INBOX"]["UIDNEXT"])
}

const (
	prompt  = iota // hears of all at once, and of names
	delayed        // has SELECTED-DELAYED
	none           // has nothing for the selected mailbox
	noFlags        // has not asked for FlagChange
	some           // is prompt, for some mailboxes
	plain          // has no NOTIFY
	kinds
)

var soakGroups = [kinds]string{
	prompt:  "(selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange MailboxName))",
	delayed: "(selected-delayed (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange MailboxName))",
	none:    "(personal (MessageNew MessageExpunge FlagChange MailboxName))",
	noFlags: "(subtree (A B T) (MessageNew MessageExpunge FlagChange MailboxName)) (selected (MessageNew (UID) MessageExpunge))",
	some:    "(selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (mailboxes (INBOX C) (MessageNew MessageExpunge FlagChange))",
}

// soakConn is a connection whose responses must all be right.
type soakConn struct {
	conn   net.Conn
	frames chan string
	err    error // why frames was closed
	tags   int
	log    []string // the last of what was said and heard
}

func dialSoak(s *Server) (*soakConn, error) {
	conn, err := net.Dial("tcp", s.IMAPAddr())
	if err != nil {
		return nil, err
	}
	c := &soakConn{conn: conn, frames: make(chan string, 100)}
	go func() {
		defer close(c.frames)
		fr := notifyproto.NewFrameReader(bufio.NewReader(conn))
		fr.Responses, fr.MaxSize = true, 1<<20
		for {
			b, err := fr.ReadFrame()
			if err != nil {
				c.err = err
				return
			}
			c.frames <- string(b)
		}
	}()
	if _, err = c.next(); err == nil {
		_, err = c.say("LOGIN alice alice", nil)
	}
	return c, err
}

func (c *soakConn) note(line string) {
	if c.log = append(c.log, line); len(c.log) > 400 {
		c.log = slices.Delete(c.log, 0, 100)
	}
}

var errLate = errors.New("nothing comes")

func (c *soakConn) next() (string, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case line, ok := <-c.frames:
		if !ok {
			return "", c.err
		}
		c.note("S: " + line)
		return line, nil
	case <-timer.C:
		return "", errLate
	}
}

func (c *soakConn) send(text string) error {
	c.note("C: " + strings.TrimSpace(text))
	_, err := io.WriteString(c.conn, text)
	return err
}

// say sends a command and hands all untagged responses to hear. It returns the
// tagged one, which is no BAD.
func (c *soakConn) say(command string, hear func(string) error) (string, error) {
	c.tags++
	tag := "T" + strconv.Itoa(c.tags)
	if err := c.send(tag + " " + command + "\r\n"); err != nil {
		return "", err
	}
	return c.answer(tag, hear)
}

func (c *soakConn) answer(tag string, hear func(string) error) (string, error) {
	for {
		line, err := c.next()
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "+ ") {
			if hear != nil && line[0] == '*' {
				if err := hear(line); err != nil {
					return "", err
				}
			}
			continue
		}
		got, status, err := notifyproto.ParseTagged([]byte(line))
		if err != nil || got != tag || status.Type == "BAD" {
			return "", fmt.Errorf("%q instead of an answer to %s: %w", line, tag, err)
		}
		return string(status.Type) + " " + string(status.Code), nil
	}
}

// watcher is a client with a model of what it was told.
type watcher struct {
	*soakConn
	id, kind int
	groups   string
	rand     *rand.Rand
	command  string // at work, "" for none
	idling   bool

	selected string
	msgs     []soakMessage
	status   map[string]map[string]uint64
	names    map[string]bool
}

type soakMessage struct {
	uid   uint64 // 0 if it was not told
	flags string
	known bool // flags are
}

func newWatcher(s *Server, id int, seed uint64) (*watcher, error) {
	conn, err := dialSoak(s)
	if err != nil {
		return nil, err
	}
	w := &watcher{
		soakConn: conn, id: id, kind: id % kinds, groups: soakGroups[id%kinds],
		rand:   rand.New(rand.NewPCG(seed, uint64(id))),
		status: map[string]map[string]uint64{}, names: map[string]bool{},
	}
	if err := w.notify(); err != nil {
		return nil, err
	}
	return w, w.do(`LIST "" *`)
}

func (w *watcher) notify() error {
	if w.kind == plain {
		return nil
	}
	return w.do("NOTIFY SET STATUS " + w.groups)
}

// do sends a command and takes its responses into the model.
func (w *watcher) do(command string) error {
	w.command = command
	answer, err := w.say(command, w.hear)
	w.command = ""
	if err == nil && !strings.HasPrefix(answer, "OK") && !strings.Contains(answer, "EXPUNGEISSUED") {
		err = fmt.Errorf("%s: %s", command, answer)
	}
	return err
}

// open selects a mailbox and learns what is in it.
func (w *watcher) open(mailbox string) error {
	if w.selected == "" {
		w.enter(mailbox)
	}
	if err := w.do("SELECT " + mailbox); err != nil {
		return err
	}
	if w.selected != mailbox {
		return fmt.Errorf("SELECT %s left no mailbox or came without CLOSED", mailbox)
	}
	delete(w.status, mailbox) // it may have come before the answer
	if len(w.msgs) == 0 {
		return nil
	}
	return w.do("UID FETCH 1:* (FLAGS)")
}

func (w *watcher) enter(mailbox string) {
	w.selected, w.msgs = mailbox, nil
	delete(w.status, mailbox)
}

// hear takes a response into the model, and says what is wrong with it.
func (w *watcher) hear(line string) error {
	r, err := notifyproto.ParseResponse([]byte(line), nil)
	if err != nil {
		return err
	}
	verb, _, _ := strings.Cut(w.command, " ")
	switch r := r.(type) {
	case notifyproto.Exists:
		if int(r.Num) < len(w.msgs) {
			return fmt.Errorf("%q: there were %d", line, len(w.msgs))
		}
		for len(w.msgs) < int(r.Num) {
			w.msgs = append(w.msgs, soakMessage{})
		}
	case notifyproto.Expunge:
		switch {
		case r.Num < 1 || int(r.Num) > len(w.msgs):
			return fmt.Errorf("%q: there were %d", line, len(w.msgs))
		case w.usesNumbers() && (verb == "FETCH" || verb == "STORE" || verb == "SEARCH"):
			return fmt.Errorf("%q in %s", line, w.command)
		case w.usesNumbers() && verb == "" && !w.idling:
			return fmt.Errorf("%q without a command", line)
		}
		w.msgs = slices.Delete(w.msgs, int(r.Num)-1, int(r.Num))
	case notifyproto.Fetch:
		return w.hearFetch(line, r)
	case notifyproto.Status:
		if r.Mailbox == w.selected && verb != "STATUS" && verb != "SELECT" {
			return fmt.Errorf("%q of the selected mailbox", line)
		}
		if w.status[r.Mailbox] == nil {
			w.status[r.Mailbox] = map[string]uint64{}
		}
		for _, item := range r.Items {
			w.status[r.Mailbox][item.Name] = item.Value
		}
	case notifyproto.List:
		w.names[r.Mailbox] = !slices.Contains(r.Attrs, `\NonExistent`) && !slices.Contains(r.Attrs, `\Noselect`)
		if r.OldName != "" {
			w.names[r.OldName] = false
		}
	case notifyproto.Overflow:
		return fmt.Errorf("overflow")
	case notifyproto.Other:
		if strings.HasPrefix(line, "* OK [CLOSED]") {
			_, mailbox, _ := strings.Cut(w.command, " ")
			w.enter(mailbox)
		} else if strings.HasPrefix(line, "* BYE") {
			return fmt.Errorf("%q", line)
		}
	}
	return nil
}

func (w *watcher) hearFetch(line string, r notifyproto.Fetch) error {
	i := int(r.Num) - 1
	if i < 0 || i >= len(w.msgs) {
		return fmt.Errorf("%q: there were %d", line, len(w.msgs))
	}
	m := &w.msgs[i]
	if v, ok := r.Value("UID"); ok {
		uid, err := strconv.ParseUint(string(v), 10, 32)
		if err != nil || m.uid != 0 && m.uid != uid || i > 0 && w.msgs[i-1].uid >= uid || i+1 < len(w.msgs) && w.msgs[i+1].uid != 0 && w.msgs[i+1].uid <= uid {
			return fmt.Errorf("%q, but number %d had UID %d", line, r.Num, m.uid)
		}
		m.uid = uid
	}
	if v, ok := r.Value("FLAGS"); ok {
		flags := strings.Fields(strings.Trim(string(v), "()"))
		slices.Sort(flags)
		m.flags, m.known = strings.Join(flags, " "), true
	}
	return nil
}

// run does at random what clients do until ctx is done.
func (w *watcher) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) step(ctx context.Context) error {
	n := w.rand.IntN(100)
	if w.selected == "" && n < 60 {
		n = 60
	}
	switch {
	case n < 10:
		return w.do("NOOP")
	case n < 20:
		return w.do("UID FETCH 1:* (FLAGS)")
	case n < 30 && len(w.msgs) > 0 && w.usesNumbers():
		// The answer must be about the message that the client means.
		return w.do(fmt.Sprintf("FETCH %d (UID FLAGS)", 1+w.rand.IntN(len(w.msgs))))
	case n < 40 && len(w.msgs) > 0 && w.usesNumbers():
		return w.do(fmt.Sprintf("STORE %d %sFLAGS (\\Flagged)", 1+w.rand.IntN(len(w.msgs)), []string{"+", "-"}[w.rand.IntN(2)]))
	case n < 45:
		return w.do("SEARCH SEEN")
	case n < 60 && len(w.msgs) > 0:
		if uid := w.msgs[w.rand.IntN(len(w.msgs))].uid; uid != 0 {
			return w.do(fmt.Sprintf("UID STORE %d %sFLAGS (\\Seen $x%d)", uid, []string{"+", "-", ""}[w.rand.IntN(3)], w.id%3))
		}
	case n < 70:
		return w.open(soakMailboxes[w.rand.IntN(len(soakMailboxes))])
	case n < 72 && w.selected != "":
		w.command = "UNSELECT"
		_, err := w.say(w.command, w.hear)
		w.command, w.selected, w.msgs = "", "", nil
		return err
	case n < 75 && w.kind != plain:
		if w.rand.IntN(2) == 0 {
			if err := w.do("NOTIFY NONE"); err != nil {
				return err
			}
			clear(w.status)
			clear(w.names)
			if w.rand.IntN(2) == 0 {
				if err := w.listen(ctx); err != nil {
					return err
				}
			}
		}
		if err := w.notify(); err != nil {
			return err
		}
		if w.selected != "" { // what came without NOTIFY is told without UID
			if err := w.do("UID FETCH 1:* (FLAGS)"); err != nil {
				return err
			}
		}
		return w.do(`LIST "" *`)
	case n < 85:
		return w.idle(ctx)
	}
	return w.listen(ctx)
}

// usesNumbers reports whether numbers change only when the client expects it.
func (w *watcher) usesNumbers() bool { return w.kind == delayed || w.kind == none || w.kind == plain }

// listen hears what comes for some milliseconds.
func (w *watcher) listen(ctx context.Context) error {
	timer := time.NewTimer(time.Duration(w.rand.IntN(50)) * time.Millisecond)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			return nil
		case line, ok := <-w.frames:
			if !ok {
				return w.err
			}
			w.note("S: " + line)
			if w.kind == plain && !w.idling {
				return fmt.Errorf("%q without a command", line)
			}
			if err := w.hear(line); err != nil {
				return err
			}
		}
	}
}

func (w *watcher) idle(ctx context.Context) error {
	w.tags++
	tag := "T" + strconv.Itoa(w.tags)
	if err := w.send(tag + " IDLE\r\n"); err != nil {
		return err
	}
	for {
		line, err := w.next()
		if err != nil {
			return err
		}
		if line[0] == '+' {
			break
		}
		if err := w.hear(line); err != nil {
			return err
		}
	}
	w.idling = true
	if err := w.listen(ctx); err != nil {
		return err
	}
	if err := w.send("DONE\r\n"); err != nil {
		return err
	}
	_, err := w.answer(tag, w.hear)
	w.idling = false
	return err
}

// settle waits until the model is what is there, without a command if NOTIFY
// promises that.
func (w *watcher) settle(truth map[string]*watcher) error {
	if w.kind != prompt && w.kind != some && w.selected != "" {
		if err := w.do("NOOP"); err != nil {
			return err
		}
	}
	for {
		different := w.differs(truth)
		if different == "" {
			return nil
		}
		line, err := w.next()
		if err == nil {
			err = w.hear(line)
		}
		if err != nil {
			return fmt.Errorf("%w; different: %s", err, different)
		}
	}
}

func (w *watcher) differs(truth map[string]*watcher) string {
	if w.selected != "" {
		have, want := w.msgs, truth[w.selected].msgs
		if len(have) != len(want) {
			return fmt.Sprintf("%s has %d messages, not %d", w.selected, len(want), len(have))
		}
		for i := range have {
			if have[i].uid != want[i].uid && (have[i].uid != 0 || w.kind == prompt || w.kind == some || w.kind == noFlags || w.kind == delayed) {
				return fmt.Sprintf("%s: number %d has UID %d, not %d", w.selected, i+1, want[i].uid, have[i].uid)
			}
			if have[i].flags != want[i].flags && (have[i].known || w.kind == prompt || w.kind == some || w.kind == delayed) {
				return fmt.Sprintf("%s: number %d has flags %q, not %q", w.selected, i+1, want[i].flags, have[i].flags)
			}
		}
	}
	for mailbox, have := range w.status {
		if mailbox == w.selected || !slices.Contains(soakMailboxes, mailbox) {
			continue
		}
		want := truth["INBOX"].status[mailbox]
		for _, item := range []string{"MESSAGES", "UIDNEXT", "UNSEEN"} {
			if v, ok := have[item]; ok && v != want[item] {
				return fmt.Sprintf("STATUS of %s has %s %d, not %d", mailbox, item, want[item], v)
			}
		}
	}
	if w.kind == plain || w.kind == some {
		return ""
	}
	for _, names := range []map[string]bool{truth["INBOX"].names, w.names} {
		for name := range maps.Keys(names) {
			if strings.HasPrefix(name, "T/") && w.names[name] != truth["INBOX"].names[name] {
				return fmt.Sprintf("whether there is %s: %t", name, truth["INBOX"].names[name])
			}
		}
	}
	return ""
}

// write changes mailboxes until ctx is done.
func write(ctx context.Context, s *Server, kind int, r *rand.Rand) error {
	c, err := dialSoak(s)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	var lmtp *bufio.Reader
	lmtpConn, err := net.Dial("tcp", s.LMTPAddr())
	if err != nil {
		return err
	}
	defer lmtpConn.Close()
	lmtp = bufio.NewReader(lmtpConn)
	exists, searched := 0, []string(nil)
	hear := func(line string) error {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 3 && fields[2] == "EXISTS":
			exists, err = strconv.Atoi(fields[1])
			return err
		case fields[1] == "SEARCH":
			searched = fields[2:]
		}
		return nil
	}
	any := func() string { return soakMailboxes[r.IntN(len(soakMailboxes))] }
	name := func() string { return "T/" + strconv.Itoa(r.IntN(6)) }
	pick := func() string { // the UID of a message
		if len(searched) == 0 {
			return "1"
		}
		return searched[r.IntN(len(searched))]
	}
	for ctx.Err() == nil {
		var commands []string
		switch kind {
		case 0:
			commands = []string{fmt.Sprintf("APPEND %s %s {%d+}\r\n%s", any(), []string{"()", `(\Seen)`, "($x1)"}[r.IntN(3)], len(testMessage), testMessage)}
		case 1:
			if err := soakDeliver(lmtpConn, lmtp); err != nil {
				return err
			}
		case 2:
			commands = []string{"SELECT " + any(), "UID SEARCH ALL"}
			for range 5 {
				commands = append(commands, "UID STORE ? "+[]string{"+", "-", ""}[r.IntN(3)]+"FLAGS"+[]string{"", ".SILENT"}[r.IntN(2)]+
					" ("+[]string{`\Seen`, `\Flagged`, `\Seen $x2`, "$x1"}[r.IntN(4)]+")")
			}
		case 3:
			commands = []string{"SELECT " + any(), "UID SEARCH ALL"}
			for range max(1, exists-20) {
				commands = append(commands, `UID STORE ? +FLAGS.SILENT (\Deleted)`, "UID EXPUNGE ?")
			}
			commands = append(commands, "EXPUNGE")
		case 4:
			commands = []string{"CREATE " + name(), "RENAME " + name() + " " + name(), "DELETE " + name(),
				"SELECT " + any(), "UID SEARCH ALL", "UID COPY ? " + any(), "UID MOVE ? " + any(), "NOOP"}
			r.Shuffle(3, func(i, j int) { commands[i], commands[j] = commands[j], commands[i] })
		}
		uid := ""
		for i, command := range commands {
			if strings.Contains(command, "?") {
				if !strings.HasPrefix(command, "UID EXPUNGE") || uid == "" {
					uid = pick()
				}
				command = strings.Replace(command, "?", uid, 1)
			}
			if _, err := c.say(command, hear); err != nil {
				return fmt.Errorf("writer %d, command %d %q: %w", kind, i, command, err)
			}
		}
		// Not faster than clients can follow on a slow machine.
		timer := time.NewTimer(time.Duration(r.IntN(8)) * time.Millisecond)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

func soakDeliver(conn net.Conn, r *bufio.Reader) error {
	for _, step := range []struct {
		say  string
		want int
	}{{"LHLO x\r\n", 250}, {"MAIL FROM:<a@b>\r\n", 250}, {"RCPT TO:<alice>\r\n", 250}, {"DATA\r\n", 354}, {testMessage + ".\r\n", 250}} {
		if _, err := io.WriteString(conn, step.say); err != nil {
			return err
		}
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return err
			}
			if strings.HasPrefix(line, "220") {
				continue
			}
			if !strings.HasPrefix(line, strconv.Itoa(step.want)) {
				return fmt.Errorf("%q after %q", line, step.say)
			}
			if line[3] == ' ' {
				break
			}
		}
	}
	return nil
}
