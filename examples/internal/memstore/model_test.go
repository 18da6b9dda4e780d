package memstore

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "run TestModel with this seed only")
	stepsFlag = flag.Int("steps", 0, "steps of TestModel for each seed")
)

// The model: what the mailboxes of one user are, as a plain list of lists.

type mMessage struct {
	uid   uint32
	flags flagSet
	body  string
	date  string // INTERNALDATE; "" if the server chose it
	gone  bool   // expunged, but some session may not know
}

type mMailbox struct {
	name        string
	noSelect    bool
	uidValidity string // "" until a session was told
	uidNext     uint32
	msgs        []*mMessage
}

// mSession is a session with what its client has been told.
type mSession struct {
	c        *client
	idleTag  string
	box      *mMailbox
	readOnly bool
	view     []*mMessage           // view[i] is message i+1 to this client
	next     uint32                // messages from this UID on are not in view
	known    map[*mMessage]flagSet // flags that this client believes
	saved    []*mMessage           // SEARCHRES
}

type model struct {
	t          *testing.T
	h          *harness
	rng        *rand.Rand
	boxes      []*mMailbox
	subscribed map[string]bool
	sessions   []*mSession
	validities map[string]bool
	replay     *replay
	published  []string // events about mailboxes that the last command must publish
	bodies     int
	history    []string
}

// TestModel gives random commands to several sessions of a user, one at a
// time, and compares all that the sessions are told with the model.
func TestModel(t *testing.T) {
	seeds, steps := []uint64{1, 2, 3, 4, 5, 6}, 1000
	if testing.Short() {
		seeds, steps = seeds[:2], 400
	}
	if *seedFlag != 0 {
		seeds = []uint64{*seedFlag}
	}
	if *stepsFlag != 0 {
		steps = *stepsFlag
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			runModel(t, seed, steps)
		})
	}
}

func runModel(t *testing.T, seed uint64, steps int) {
	m := &model{
		t: t, h: newHarness(t), rng: rand.New(rand.NewPCG(seed, 5)),
		boxes:      []*mMailbox{{name: "INBOX", uidNext: 1}},
		subscribed: map[string]bool{}, validities: map[string]bool{},
		replay: newReplay(),
	}
	t.Cleanup(func() {
		if t.Failed() {
			last := m.history[max(0, len(m.history)-40):]
			t.Logf("reproduce: go test -run TestModel ./examples/internal/memstore/ -seed=%d -steps=%d; step %d; last commands:\n%s",
				seed, steps, len(m.history), strings.Join(last, "\n"))
		}
	})
	for range 4 {
		m.sessions = append(m.sessions, &mSession{c: m.h.connect(t)})
	}
	for i := range steps {
		m.published = nil
		m.step()
		events := m.h.takeEvents()
		m.replay.apply(t, events)
		// None for mailboxes above or below the one that was named.
		require.Equal(t, m.published, mailboxEvents(t, events))
		m.settleIdle()
		if i%25 == 0 || i == steps-1 {
			m.compareStore()
			m.replay.compare(t, m)
		}
	}
	for _, s := range m.sessions {
		if s.idleTag != "" {
			m.idle(s)
		}
		m.finish(s, s.c.do("NOOP"), true)
	}
}

// pick returns one of the values.
func pick[T any](m *model, values ...T) T { return values[m.rng.IntN(len(values))] }

func (m *model) chance(percent int) bool { return m.rng.IntN(100) < percent }

func (m *model) step() {
	i := m.rng.IntN(len(m.sessions))
	s := m.sessions[i]
	n := len(m.history)
	defer func() {
		m.history = append(m.history, fmt.Sprintf("%d: session %d: %s", n, i, s.c.last))
	}()
	if s.idleTag != "" {
		m.idle(s)
		return
	}
	if s.box == nil && m.chance(40) {
		m.selectMailbox(s)
		return
	}
	selected := s.box != nil
	switch w := m.rng.IntN(100); {
	case w < 15:
		m.append(s)
	case w < 18:
		m.create(s)
	case w < 20:
		m.delete(s)
	case w < 23:
		m.rename(s)
	case w < 26:
		m.subscribe(s)
	case w < 31:
		m.list(s)
	case w < 35:
		m.status(s)
	case w < 39:
		m.finish(s, s.c.do("NOOP"), true)
	case w < 44:
		m.idle(s)
	case w < 48:
		m.selectMailbox(s)
	case !selected:
		s.c.fails("BAD", "CLIENTBUG", "EXPUNGE") // RFC 3501, section 6.4
	case w < 50:
		m.unselect(s)
	case w < 68:
		m.storeFlags(s)
	case w < 76:
		m.copy(s)
	case w < 82:
		m.expunge(s)
	case w < 91:
		m.fetch(s)
	default:
		m.search(s)
	}
}

// Hearing.

// hear follows one response and returns the message of a FETCH.
func (m *model) hear(s *mSession, r response, expunge bool) *mMessage {
	t := m.t
	if n, ok := r.numbered("EXISTS"); ok {
		before := len(s.view)
		for _, msg := range s.box.msgs {
			if msg.uid >= s.next {
				s.view = append(s.view, msg)
			}
		}
		s.next = s.box.uidNext
		require.Equal(t, uint32(len(s.view)), n, "%q to %q", s.c.last, r.raw)
		require.Greater(t, len(s.view), before, "EXISTS without a new message")
	} else if n, ok := r.numbered("EXPUNGE"); ok {
		require.True(t, expunge, "EXPUNGE in %q, RFC 3501, section 7.4.1", s.c.last)
		require.True(t, n >= 1 && int(n) <= len(s.view), "%q", r.raw)
		require.True(t, s.view[n-1].gone, "%q: message with UID %d is there", r.raw, s.view[n-1].uid)
		s.view = slices.Delete(s.view, int(n-1), int(n))
	} else if n, ok := r.numbered("FETCH"); ok {
		require.True(t, n >= 1 && int(n) <= len(s.view), "%q", r.raw)
		msg := s.view[n-1]
		for name, value := range r.items(t) {
			switch name {
			case "UID":
				require.Equal(t, strconv.Itoa(int(msg.uid)), value, "%q: %q", s.c.last, r.raw)
			case "FLAGS":
				flags := flagSetOf(value)
				require.NotContains(t, flags, `\recent`)
				s.known[msg] = flags
			case "BODY[]", "RFC822":
				require.Equal(t, msg.body, value)
			case "BODY[TEXT]":
				_, text, _ := strings.Cut(msg.body, "\r\n\r\n")
				require.Equal(t, text, value)
			case "RFC822.SIZE":
				require.Equal(t, strconv.Itoa(len(msg.body)), value)
			case "INTERNALDATE":
				if msg.date != "" {
					require.Equal(t, msg.date, value)
				}
			default:
				require.Fail(t, "unknown item", "%q", r.raw)
			}
		}
		return msg
	}
	return nil
}

// unsettled says what a client that was told all there is gets wrong.
func (s *mSession) unsettled(expunge bool) string {
	view := s.view
	if !expunge {
		view = slices.DeleteFunc(slices.Clone(view), func(msg *mMessage) bool { return msg.gone })
	}
	if !slices.Equal(view, s.box.msgs) {
		return fmt.Sprintf("client sees UIDs %v, mailbox has %v", uidsOf(view), uidsOf(s.box.msgs))
	}
	for _, msg := range view {
		if known, ok := s.known[msg]; ok && !known.equal(msg.flags) {
			return fmt.Sprintf("UID %d: client believes flags %q, mailbox has %q", msg.uid, known, msg.flags)
		}
	}
	return ""
}

func uidsOf(msgs []*mMessage) []uint32 {
	var uids []uint32
	for _, msg := range msgs {
		uids = append(uids, msg.uid)
	}
	return uids
}

// finish takes the answer of a command: after an OK the client must know
// everything that it may be told. It returns the messages of FETCH responses
// and their items.
func (m *model) finish(s *mSession, res result, expunge bool) (msgs []*mMessage, items []map[string]any) {
	m.t.Helper()
	if s.box == nil {
		for _, r := range res.untagged {
			for _, kind := range []string{"EXISTS", "EXPUNGE", "FETCH"} {
				_, ok := r.numbered(kind)
				require.False(m.t, ok, "%q without a mailbox", r.raw)
			}
		}
		return nil, nil
	}
	for _, r := range res.untagged {
		if msg := m.hear(s, r, expunge); msg != nil {
			msgs = append(msgs, msg)
			items = append(items, r.items(m.t))
		}
	}
	if res.status == "OK" {
		require.Empty(m.t, s.unsettled(expunge), "after %q", s.c.last)
	}
	return msgs, items
}

// settleIdle waits until the idle sessions have been told.
func (m *model) settleIdle() {
	for _, s := range m.sessions {
		if s.idleTag == "" || s.box == nil {
			continue
		}
		for s.unsettled(true) != "" {
			s.c.last = "IDLE, " + s.unsettled(true)
			m.hear(s, s.c.read(), true)
		}
		s.c.last = "IDLE"
	}
}

func (m *model) expect(res result, status, code, command string) {
	m.t.Helper()
	require.Equal(m.t, status, res.status, "%s: %s", command, res.text)
	if code != "" {
		require.Equal(m.t, code, res.code, "%s: %s", command, res.text)
	}
}

// Mailboxes.

func (m *model) name() string {
	return pick(m, "INBOX", "INBOX", "INBOX", "inbox", "InBox/n", "INBOX/n", "a", "a", "a/b", "a/b/c", "a/d", "b", "b/x", "z/y/x", "z")
}

func canonical(name string) string {
	levels := strings.Split(name, "/")
	if strings.ToUpper(levels[0]) == "INBOX" {
		levels[0] = "INBOX"
	}
	return strings.Join(levels, "/")
}

func (m *model) find(name string) *mMailbox {
	for _, b := range m.boxes {
		if b.name == canonical(name) {
			return b
		}
	}
	return nil
}

func (m *model) selectable(name string) *mMailbox {
	if b := m.find(name); b != nil && !b.noSelect {
		return b
	}
	return nil
}

func (m *model) children(name string) []*mMailbox {
	var out []*mMailbox
	for _, b := range m.boxes {
		if strings.HasPrefix(b.name, name+"/") {
			out = append(out, b)
		}
	}
	return out
}

func (m *model) remove(b *mMailbox) {
	m.boxes = slices.DeleteFunc(m.boxes, func(o *mMailbox) bool { return o == b })
}

// validity checks that a UIDVALIDITY stays, and belongs to one mailbox only.
func (m *model) validity(b *mMailbox, v string) {
	m.t.Helper()
	if b.uidValidity == "" {
		require.False(m.t, m.validities[v], "UIDVALIDITY %s had another mailbox", v)
		b.uidValidity = v
		m.validities[v] = true
	}
	require.Equal(m.t, b.uidValidity, v)
}

func (m *model) add(b *mMailbox, body, date string, flags flagSet) *mMessage {
	msg := &mMessage{uid: b.uidNext, flags: flags, body: body, date: date}
	b.uidNext++
	b.msgs = append(b.msgs, msg)
	return msg
}

func (m *model) expungeWhere(b *mMailbox, remove func(*mMessage) bool) (gone []*mMessage) {
	var kept []*mMessage
	for _, msg := range b.msgs {
		if remove(msg) {
			msg.gone = true
			gone = append(gone, msg)
		} else {
			kept = append(kept, msg)
		}
	}
	b.msgs = kept
	return gone
}

func all(*mMessage) bool { return true }

func (m *model) makeBox(name string) *mMailbox {
	levels := strings.Split(name, "/")
	for i := 1; i < len(levels); i++ {
		if parent := strings.Join(levels[:i], "/"); m.find(parent) == nil {
			m.boxes = append(m.boxes, &mMailbox{name: parent, uidNext: 1})
		}
	}
	b := &mMailbox{name: name, uidNext: 1}
	m.boxes = append(m.boxes, b)
	return b
}

func (m *model) create(s *mSession) {
	name := m.name()
	if m.chance(10) {
		name = pick(m, `"a*"`, `"b%"`, "a//b", `"/"`, "/a")
		m.expect(s.c.do("CREATE "+name), "NO", "CANNOT", "CREATE "+name)
		return
	}
	suffix := pick(m, "", "", "/")
	res := s.c.do("CREATE " + name + suffix)
	b := m.find(name)
	if b != nil && !b.noSelect {
		m.expect(res, "NO", "ALREADYEXISTS", "CREATE "+name)
		return
	}
	m.expect(res, "OK", "", "CREATE "+name)
	if b != nil {
		m.remove(b)
	}
	m.makeBox(canonical(name))
	m.published = []string{"MailboxCreate " + canonical(name)}
	m.finish(s, res, true)
}

func (m *model) delete(s *mSession) {
	name := m.name()
	res := s.c.do("DELETE " + name)
	b := m.find(name)
	switch {
	case b == nil:
		m.expect(res, "NO", "NONEXISTENT", "DELETE "+name)
		return
	case b.name == "INBOX":
		m.expect(res, "NO", "CANNOT", "DELETE "+name)
		return
	case b.noSelect && len(m.children(b.name)) > 0:
		m.expect(res, "NO", "HASCHILDREN", "DELETE "+name)
		return
	}
	m.expect(res, "OK", "", "DELETE "+name)
	m.published = []string{"MailboxDelete " + b.name}
	m.expungeWhere(b, all)
	m.remove(b)
	if len(m.children(b.name)) > 0 {
		m.boxes = append(m.boxes, &mMailbox{name: b.name, noSelect: true})
	}
	m.finish(s, res, true)
}

func (m *model) rename(s *mSession) {
	from, to := m.name(), m.name()
	res := s.c.do("RENAME " + from + " " + to)
	b, target := m.find(from), canonical(to)
	if b == nil || m.find(to) != nil || b.name != "INBOX" && strings.HasPrefix(target, b.name+"/") {
		m.expect(res, "NO", "", "RENAME "+from+" "+to)
		return
	}
	m.expect(res, "OK", "", "RENAME "+from+" "+to)
	m.published = []string{"MailboxRename " + target}
	if b.name == "INBOX" {
		n := m.makeBox(target)
		for _, msg := range m.expungeWhere(b, all) {
			m.add(n, msg.body, msg.date, msg.flags)
		}
	} else {
		old := b.name
		moved := append(m.children(old), b)
		for _, c := range moved {
			m.remove(c)
		}
		m.remove(m.makeBox(target)) // leaves those above it
		for _, c := range moved {
			c.name = target + strings.TrimPrefix(c.name, old)
			m.boxes = append(m.boxes, c)
		}
	}
	m.finish(s, res, true)
}

func (m *model) subscribe(s *mSession) {
	name := m.name()
	if m.chance(50) {
		res := s.c.do("SUBSCRIBE " + name)
		if m.find(name) == nil {
			m.expect(res, "NO", "NONEXISTENT", "SUBSCRIBE "+name)
			return
		}
		m.expect(res, "OK", "", "SUBSCRIBE "+name)
		if !m.subscribed[canonical(name)] {
			m.published = []string{"MailboxSubscribe " + canonical(name)}
		}
		m.subscribed[canonical(name)] = true
		m.finish(s, res, true)
		return
	}
	res := s.c.do("UNSUBSCRIBE " + name)
	if m.find(name) == nil && !m.subscribed[canonical(name)] {
		m.expect(res, "NO", "NONEXISTENT", "UNSUBSCRIBE "+name)
		return
	}
	m.expect(res, "OK", "", "UNSUBSCRIBE "+name)
	if m.subscribed[canonical(name)] {
		m.published = []string{"MailboxUnSubscribe " + canonical(name)}
	}
	delete(m.subscribed, canonical(name))
	m.finish(s, res, true)
}

// patternMatches is RFC 3501, section 6.3.8 by way of regular expressions.
func patternMatches(pattern, name string) bool {
	var re strings.Builder
	for _, ch := range canonical(pattern) {
		switch ch {
		case '*':
			re.WriteString(".*")
		case '%':
			re.WriteString("[^/]*")
		default:
			re.WriteString(regexp.QuoteMeta(string(ch)))
		}
	}
	return regexp.MustCompile("^" + re.String() + "$").MatchString(name)
}

func (m *model) list(s *mSession) {
	lsub := m.chance(15)
	sel := pick(m, "", "", "(SUBSCRIBED) ", "(SUBSCRIBED RECURSIVEMATCH) ", "() ")
	ref := pick(m, "", "", "", "a/", "INBOX/")
	patterns := []string{pick(m, "*", "%", "a%", "a/%", "%/b", "%/%", "INBOX*", "inbox", "*b*", "%*%", "inbox/%")}
	ret := pick(m, "", "", " RETURN (SUBSCRIBED)", " RETURN (CHILDREN)", " RETURN (STATUS (MESSAGES UIDNEXT))")
	command := "LIST " + sel + `"` + ref + `" `
	kind := "LIST"
	switch {
	case lsub:
		kind, sel, ret = "LSUB", "(SUBSCRIBED)", ""
		command = `LSUB "` + ref + `" ` + patterns[0]
	case m.chance(20):
		patterns = append(patterns, "z*")
		command += "(" + strings.Join(patterns, " ") + ")" + ret
	default:
		command += patterns[0] + ret
	}
	matches := func(name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return patternMatches(ref+p, name) })
	}
	want := map[string]string{}
	status := map[string]string{}
	describe := func(name, childInfo string) {
		attrs := []string{}
		b := m.find(name)
		if b == nil {
			attrs = append(attrs, `\NonExistent`)
		} else if b.noSelect {
			attrs = append(attrs, `\Noselect`)
		} else if strings.Contains(ret, "STATUS") {
			status[name] = fmt.Sprintf("MESSAGES %d UIDNEXT %d", len(b.msgs), b.uidNext)
		}
		if len(m.children(name)) > 0 {
			attrs = append(attrs, `\HasChildren`)
		} else {
			attrs = append(attrs, `\HasNoChildren`)
		}
		if m.subscribed[name] && (strings.Contains(sel, "SUBSCRIBED") || strings.Contains(ret, "SUBSCRIBED")) {
			attrs = append(attrs, `\Subscribed`)
		}
		slices.Sort(attrs)
		want[name] = strings.ToLower(strings.Join(attrs, " ")) + childInfo
	}
	if !strings.Contains(sel, "SUBSCRIBED") {
		for _, b := range m.boxes {
			if matches(b.name) {
				describe(b.name, "")
			}
		}
	} else {
		for name := range m.subscribed {
			if matches(name) {
				describe(name, "")
				continue
			}
			if !strings.Contains(sel, "RECURSIVEMATCH") {
				continue
			}
			levels := strings.Split(name, "/")
			for i := 1; i < len(levels); i++ {
				if parent := strings.Join(levels[:i], "/"); matches(parent) {
					describe(parent, " CHILDINFO")
				}
			}
		}
		// A name that is subscribed itself was perhaps described last.
		if strings.Contains(sel, "RECURSIVEMATCH") {
			for name := range m.subscribed {
				for parent := range want {
					if strings.HasPrefix(name, parent+"/") && !matches(name) {
						describe(parent, " CHILDINFO")
					}
				}
			}
		}
	}

	res := s.c.do(command)
	m.expect(res, "OK", "", command)
	got, gotStatus := map[string]string{}, map[string]string{}
	for _, r := range res.untagged {
		switch r.str(1) {
		case kind:
			require.Equal(m.t, "/", r.str(3))
			name := r.str(4)
			require.NotContains(m.t, got, name, "%q twice", name)
			attrs := []string{}
			for _, a := range r.fields[2].([]any) {
				attrs = append(attrs, strings.ToLower(a.(string)))
			}
			slices.Sort(attrs)
			got[name] = strings.Join(attrs, " ")
			if len(r.fields) > 5 {
				require.Equal(m.t, []any{"CHILDINFO", []any{"SUBSCRIBED"}}, r.fields[5])
				got[name] += " CHILDINFO"
			}
		case "STATUS":
			data := pairs(m.t, r, 3)
			gotStatus[r.str(2)] = fmt.Sprintf("MESSAGES %s UIDNEXT %s", data["MESSAGES"], data["UIDNEXT"])
		}
	}
	require.Equal(m.t, want, got, command)
	require.Equal(m.t, status, gotStatus, command)
	m.finish(s, res, true)
}

func (m *model) status(s *mSession) {
	name := m.name()
	res := s.c.do("STATUS " + name + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE RECENT DELETED-STORAGE)")
	b := m.selectable(name)
	if b == nil {
		m.expect(res, "NO", "NONEXISTENT", "STATUS "+name)
		return
	}
	m.expect(res, "OK", "", "STATUS "+name)
	var unseen, deleted, size, storage int
	for _, msg := range b.msgs {
		size += len(msg.body)
		if !msg.flags[`\seen`] {
			unseen++
		}
		if msg.flags[`\deleted`] {
			deleted++
			storage += len(msg.body)
		}
	}
	require.Equal(m.t, "STATUS", res.untagged[0].str(1))
	require.Equal(m.t, b.name, res.untagged[0].str(2))
	data := pairs(m.t, res.untagged[0], 3)
	m.validity(b, data["UIDVALIDITY"].(string))
	delete(data, "UIDVALIDITY")
	require.Equal(m.t, map[string]any{
		"MESSAGES": strconv.Itoa(len(b.msgs)), "UIDNEXT": strconv.Itoa(int(b.uidNext)),
		"UNSEEN": strconv.Itoa(unseen), "DELETED": strconv.Itoa(deleted),
		"SIZE": strconv.Itoa(size), "RECENT": "0", "DELETED-STORAGE": strconv.Itoa(storage),
	}, data)
	m.finish(s, res, true)
}

func (m *model) selectMailbox(s *mSession) {
	name := m.name()
	command, code := "SELECT", "READ-WRITE"
	readOnly := m.chance(25)
	if readOnly {
		command, code = "EXAMINE", "READ-ONLY"
	}
	res := s.c.do(command + " " + name)
	b := m.selectable(name)
	s.box = nil // also when it fails, RFC 3501, section 6.3.1
	if b == nil {
		m.expect(res, "NO", "NONEXISTENT", command+" "+name)
		return
	}
	m.expect(res, "OK", code, command+" "+name)
	var exists, unseen, uidNext string
	for _, r := range res.untagged {
		if n, ok := r.numbered("EXISTS"); ok {
			exists = strconv.Itoa(int(n))
		}
		if match := codePattern.FindStringSubmatch(r.str(2)); match != nil {
			switch key, value, _ := strings.Cut(match[1], " "); key {
			case "UIDVALIDITY":
				m.validity(b, value)
			case "UIDNEXT":
				uidNext = value
			case "UNSEEN":
				unseen = value
			}
		}
	}
	require.Equal(m.t, strconv.Itoa(len(b.msgs)), exists)
	require.Equal(m.t, strconv.Itoa(int(b.uidNext)), uidNext)
	first := ""
	if i := slices.IndexFunc(b.msgs, func(msg *mMessage) bool { return !msg.flags[`\seen`] }); i >= 0 {
		first = strconv.Itoa(i + 1)
	}
	require.Equal(m.t, first, unseen)
	s.box, s.readOnly, s.next = b, readOnly, b.uidNext
	s.view, s.known, s.saved = slices.Clone(b.msgs), map[*mMessage]flagSet{}, nil
}

func (m *model) unselect(s *mSession) {
	if m.chance(50) {
		require.Empty(m.t, s.c.ok("UNSELECT"))
	} else {
		require.Empty(m.t, s.c.ok("CLOSE")) // no EXPUNGE responses, RFC 3501, section 6.4.2
		if !s.readOnly {
			m.expungeWhere(s.box, func(msg *mMessage) bool { return msg.flags[`\deleted`] })
		}
	}
	s.box = nil
}

func (m *model) idle(s *mSession) {
	if s.idleTag == "" {
		s.idleTag = s.c.idle()
		return
	}
	res := s.c.done(s.idleTag)
	s.idleTag = ""
	m.expect(res, "OK", "", "DONE")
	m.finish(s, res, true)
}

// Messages.

func (m *model) flags() []string {
	var flags []string
	for range m.rng.IntN(3) + 1 {
		flags = append(flags, pick(m, `\Seen`, `\Seen`, `\Deleted`, `\Deleted`, `\Flagged`, `\ANSWERED`, `\Draft`, "$Forwarded", "kw1", "KW1", "Kw2"))
	}
	return flags
}

func (m *model) append(s *mSession) {
	name := m.name()
	m.bodies++
	word := pick(m, "lemon", "honey", "Zitrone")
	body := fmt.Sprintf("Subject: %s %d\r\nX-Word: %s\r\n\r\nText %d about %s.\r\n%s",
		word, m.bodies, word, m.bodies, word, strings.Repeat("x", m.rng.IntN(60)))
	var flags []string
	args := ""
	if m.chance(60) {
		flags = m.flags()
		args += " (" + strings.Join(flags, " ") + ")"
	}
	date := ""
	if m.chance(60) {
		date = fmt.Sprintf("%2d-Feb-2001 2%d:30:00 %s", m.rng.IntN(27)+1, m.rng.IntN(4), pick(m, "+0000", "-0700", "+1130"))
		args += ` "` + date + `"`
	}
	res := s.c.do("APPEND "+name+args, body)
	b := m.selectable(name)
	if b == nil {
		m.expect(res, "NO", "TRYCREATE", "APPEND "+name)
		return
	}
	m.expect(res, "OK", "", "APPEND "+name)
	msg := m.add(b, body, date, flagSet{}.store("+", flags))
	code := strings.Fields(res.code)
	require.Len(m.t, code, 3)
	m.validity(b, code[1])
	require.Equal(m.t, []string{"APPENDUID", strconv.Itoa(int(msg.uid))}, []string{code[0], code[2]})
	m.finish(s, res, true)
}

// mSet is a message set with the messages of a view that it stands for.
type mSet struct {
	text string
	bad  bool
	msgs []*mMessage // some may be gone
}

func (set mSet) gone() bool {
	return slices.ContainsFunc(set.msgs, func(msg *mMessage) bool { return msg.gone })
}

// set makes up a message set.
func (m *model) set(s *mSession, uid bool) mSet {
	if m.chance(6) {
		set := mSet{text: "$"} // RFC 5182
		for _, msg := range s.view {
			if !msg.gone && slices.Contains(s.saved, msg) {
				set.msgs = append(set.msgs, msg)
			}
		}
		return set
	}
	limit := len(s.view)
	if uid {
		limit = int(s.box.uidNext) + 2
	} else if m.chance(4) {
		n := limit + 1 + m.rng.IntN(3)
		return mSet{text: pick(m, strconv.Itoa(n), fmt.Sprintf("1:%d", n), fmt.Sprintf("%d:*", n)), bad: true}
	}
	var largest int
	for i, msg := range s.view {
		if !uid {
			largest = i + 1
		} else if !msg.gone {
			largest = int(msg.uid)
		}
	}
	number := func() (string, int) {
		if limit == 0 || m.chance(15) {
			return "*", largest
		}
		n := m.rng.IntN(limit) + 1
		return strconv.Itoa(n), n
	}
	set := mSet{bad: !uid && limit == 0}
	in := map[*mMessage]bool{}
	var parts []string
	for range m.rng.IntN(3) + 1 {
		text, lo := number()
		hi := lo
		if m.chance(50) {
			var end string
			end, hi = number()
			text += ":" + end
			lo, hi = min(lo, hi), max(lo, hi)
		}
		parts = append(parts, text)
		for i, msg := range s.view {
			n := i + 1
			if uid {
				n = int(msg.uid)
			}
			if n >= lo && n <= hi && !(uid && msg.gone) {
				in[msg] = true
			}
		}
	}
	set.text = strings.Join(parts, ",")
	for _, msg := range s.view {
		if in[msg] {
			set.msgs = append(set.msgs, msg)
		}
	}
	return set
}

// uidCommand returns "UID " half of the time.
func (m *model) uidCommand() (prefix string, uid bool) {
	if m.chance(50) {
		return "UID ", true
	}
	return "", false
}

func (m *model) storeFlags(s *mSession) {
	prefix, uid := m.uidCommand()
	set := m.set(s, uid)
	op := pick(m, "+", "+", "-", "")
	silent := m.chance(40)
	flags := m.flags()
	if m.chance(8) {
		flags = nil
	}
	badFlag := m.chance(3)
	if badFlag {
		flags = append(flags, pick(m, `\Recent`, `\*`, `\Nonsense`))
	}
	item := op + "FLAGS"
	if silent {
		item += ".SILENT"
	}
	list := strings.Join(flags, " ")
	if len(flags) == 0 || m.chance(80) {
		list = "(" + list + ")"
	}
	command := prefix + "STORE " + set.text + " " + item + " " + list
	res := s.c.do(command)
	switch {
	case badFlag:
		m.expect(res, "BAD", "CLIENTBUG", command)
		return
	case s.readOnly:
		m.expect(res, "NO", "", command)
		return
	case set.bad:
		m.expect(res, "BAD", "CLIENTBUG", command)
		return
	}
	if set.gone() && !silent {
		m.expect(res, "NO", "EXPUNGEISSUED", command)
	} else {
		m.expect(res, "OK", "", command)
	}
	var want []*mMessage
	for _, msg := range set.msgs {
		if msg.gone {
			continue
		}
		msg.flags = msg.flags.store(op, flags)
		if known, ok := s.known[msg]; silent && (ok || op == "") {
			s.known[msg] = known.store(op, flags)
		}
		if !silent {
			want = append(want, msg)
		}
	}
	told, items := m.finish(s, res, uid)
	require.GreaterOrEqual(m.t, len(told), len(want), command)
	require.Equal(m.t, uidsOf(want), uidsOf(told[:len(want)]), command)
	for i := range want {
		require.Contains(m.t, items[i], "FLAGS")
	}
	for _, msg := range want {
		require.True(m.t, s.known[msg].equal(msg.flags), command)
	}
}

// expand returns the numbers of a set without "*".
func expand(t *testing.T, set string) []uint32 {
	var out []uint32
	for part := range strings.SplitSeq(set, ",") {
		lo, hi, ok := strings.Cut(part, ":")
		if !ok {
			hi = lo
		}
		first, err := strconv.Atoi(lo)
		require.NoError(t, err, set)
		last, err := strconv.Atoi(hi)
		require.NoError(t, err, set)
		for n := first; n <= last; n++ {
			out = append(out, uint32(n))
		}
	}
	return out
}

func (m *model) copy(s *mSession) {
	prefix, uid := m.uidCommand()
	move := m.chance(50)
	set, name := m.set(s, uid), m.name()
	command := prefix + "COPY " + set.text + " " + name
	if move {
		command = prefix + "MOVE " + set.text + " " + name
	}
	res := s.c.do(command)
	to := m.selectable(name)
	switch {
	case move && s.readOnly:
		m.expect(res, "NO", "", command)
		return
	case set.bad:
		m.expect(res, "BAD", "CLIENTBUG", command)
		return
	case to == nil:
		m.expect(res, "NO", "TRYCREATE", command)
		return
	case set.gone():
		m.expect(res, "NO", "EXPUNGEISSUED", command)
		return
	}
	m.expect(res, "OK", "", command)
	code := res.code
	if move {
		for i, r := range res.untagged {
			if match := codePattern.FindStringSubmatch(r.str(2)); match != nil {
				require.Equal(m.t, 0, i, "COPYUID comes first, RFC 6851, section 4.3")
				code = match[1]
			}
		}
	}
	var dest []uint32
	for _, msg := range set.msgs {
		dest = append(dest, m.add(to, msg.body, msg.date, msg.flags).uid)
	}
	if move {
		m.expungeWhere(s.box, func(msg *mMessage) bool { return slices.Contains(set.msgs, msg) })
	}
	if len(set.msgs) == 0 {
		require.Empty(m.t, code)
	} else {
		words := strings.Fields(code)
		require.Len(m.t, words, 4, "%s: %q", command, code)
		require.Equal(m.t, "COPYUID", words[0])
		m.validity(to, words[1])
		require.Equal(m.t, uidsOf(set.msgs), expand(m.t, words[2]), command)
		require.Equal(m.t, dest, expand(m.t, words[3]), command)
	}
	m.finish(s, res, true)
}

func (m *model) expunge(s *mSession) {
	deleted := func(msg *mMessage) bool { return msg.flags[`\deleted`] }
	command := "EXPUNGE"
	if m.chance(40) {
		set := m.set(s, true)
		command = "UID EXPUNGE " + set.text
		deleted = func(msg *mMessage) bool { return msg.flags[`\deleted`] && slices.Contains(set.msgs, msg) }
	}
	res := s.c.do(command)
	if s.readOnly {
		m.expect(res, "NO", "", command)
		return
	}
	m.expect(res, "OK", "", command)
	m.expungeWhere(s.box, deleted)
	m.finish(s, res, true)
}

func (m *model) fetch(s *mSession) {
	prefix, uid := m.uidCommand()
	set := m.set(s, uid)
	items := pick(m, "FLAGS", "FLAGS", "(UID FLAGS)", "(BODY.PEEK[] FLAGS)", "BODY[]", "(UID INTERNALDATE RFC822.SIZE)", "(BODY[TEXT] UID)", "RFC822")
	command := prefix + "FETCH " + set.text + " " + items
	res := s.c.do(command)
	if set.bad {
		m.expect(res, "BAD", "CLIENTBUG", command)
		return
	}
	m.expect(res, "OK", "", command)
	reads := slices.Contains([]string{"BODY[]", "(BODY[TEXT] UID)", "RFC822"}, items) && !s.readOnly
	names := strings.Fields(strings.Replace(strings.Trim(items, "()"), ".PEEK", "", 1))
	seen := map[*mMessage]bool{}
	for _, msg := range set.msgs {
		if reads && !msg.gone && !msg.flags[`\seen`] {
			msg.flags = msg.flags.store("+", []string{`\seen`})
			seen[msg] = true
		}
	}
	told, got := m.finish(s, res, uid)
	require.GreaterOrEqual(m.t, len(told), len(set.msgs), command)
	require.Equal(m.t, uidsOf(set.msgs), uidsOf(told[:len(set.msgs)]), command)
	for i, msg := range set.msgs {
		want := slices.Clone(names)
		if uid || set.text == "$" && slices.Contains(slices.Collect(maps.Keys(got[i])), "UID") {
			want = append(want, "UID")
		}
		if seen[msg] { // RFC 3501, section 6.4.5
			want = append(want, "FLAGS")
		}
		slices.Sort(want)
		require.Equal(m.t, slices.Compact(want), slices.Sorted(maps.Keys(got[i])), command)
	}
}

// key makes up a search key.
func (m *model) key(s *mSession, depth int) (text string, bad bool, match func(*mMessage) bool) {
	flag := func(name string, on bool) func(*mMessage) bool {
		return func(msg *mMessage) bool { return msg.flags[name] == on }
	}
	within := func(set mSet) func(*mMessage) bool {
		return func(msg *mMessage) bool { return slices.Contains(set.msgs, msg) }
	}
	n := 16
	if depth == 0 {
		n = 13
	}
	switch m.rng.IntN(n) {
	case 0:
		return "ALL", false, all
	case 1:
		return "SEEN", false, flag(`\seen`, true)
	case 2:
		return "UNSEEN", false, flag(`\seen`, false)
	case 3:
		return "DELETED", false, flag(`\deleted`, true)
	case 4:
		return "UNFLAGGED", false, flag(`\flagged`, false)
	case 5:
		return "KEYWORD kW1", false, flag("kw1", true)
	case 6:
		return "UNKEYWORD kw2", false, flag("kw2", false)
	case 7:
		set := m.set(s, true)
		if set.text == "$" {
			return "$", false, within(set)
		}
		return "UID " + set.text, false, within(set)
	case 8:
		set := m.set(s, false)
		return set.text, set.bad, within(set)
	case 9:
		size := 60 + m.rng.IntN(60)
		return fmt.Sprintf("LARGER %d", size), false, func(msg *mMessage) bool { return len(msg.body) > size }
	case 10:
		return pick(m, "OLD", "NOT RECENT", "NOT NEW"), false, all
	case 11:
		return `SUBJECT "ZITRONE"`, false, func(msg *mMessage) bool { return strings.Contains(msg.body, "Zitrone") }
	case 12:
		day := m.rng.IntN(27) + 1
		return fmt.Sprintf("ON %d-Feb-2001", day), false, func(msg *mMessage) bool {
			return strings.HasPrefix(msg.date, fmt.Sprintf("%2d-Feb-2001", day))
		}
	case 13:
		t, bad, f := m.key(s, depth-1)
		return "NOT " + t, bad, func(msg *mMessage) bool { return !f(msg) }
	case 14:
		t, bad, f := m.key(s, depth-1)
		t2, bad2, f2 := m.key(s, depth-1)
		return "OR " + t + " " + t2, bad || bad2, func(msg *mMessage) bool { return f(msg) || f2(msg) }
	default:
		t, bad, f := m.key(s, depth-1)
		t2, bad2, f2 := m.key(s, depth-1)
		return "(" + t + " " + t2 + ")", bad || bad2, func(msg *mMessage) bool { return f(msg) && f2(msg) }
	}
}

func (m *model) search(s *mSession) {
	prefix, uid := m.uidCommand()
	ret := pick(m, "", "", "RETURN (ALL) ", "RETURN (MIN MAX COUNT) ", "RETURN (SAVE) ", "RETURN (SAVE MIN) ", "RETURN (SAVE MIN MAX) ", "RETURN (SAVE COUNT MAX) ")
	text, bad, match := m.key(s, 2)
	if m.chance(40) {
		t, b, f := m.key(s, 1)
		first := match
		text, bad, match = text+" "+t, bad || b, func(msg *mMessage) bool { return first(msg) && f(msg) }
	}
	command := prefix + "SEARCH " + ret + text
	res := s.c.do(command)
	if bad {
		m.expect(res, "BAD", "CLIENTBUG", command)
		return
	}
	m.expect(res, "OK", "", command)
	var found []*mMessage
	var numbers []uint32
	for i, msg := range s.view {
		if msg.gone || !match(msg) {
			continue
		}
		found = append(found, msg)
		if uid {
			numbers = append(numbers, msg.uid)
		} else {
			numbers = append(numbers, uint32(i+1))
		}
	}
	r := res.untagged[0]
	if ret == "" {
		require.Equal(m.t, "SEARCH", r.str(1))
		var got []uint32
		for i := 2; i < len(r.fields); i++ {
			got = append(got, expand(m.t, r.str(i))...)
		}
		require.Equal(m.t, numbers, got, command)
	} else {
		require.Equal(m.t, "ESEARCH", r.str(1))
		rest := r.fields[3:]
		if uid {
			require.Equal(m.t, "UID", rest[0])
			rest = rest[1:]
		}
		got := map[string]string{}
		for i := 0; i+1 < len(rest); i += 2 {
			got[rest[i].(string)] = rest[i+1].(string)
		}
		if strings.Contains(ret, "COUNT") {
			require.Equal(m.t, strconv.Itoa(len(found)), got["COUNT"], command)
		}
		for _, key := range []string{"ALL", "MIN", "MAX"} {
			if len(found) == 0 {
				require.NotContains(m.t, got, key, command)
			} else if strings.Contains(ret, key) {
				want := map[string][]uint32{"ALL": numbers, "MIN": numbers[:1], "MAX": numbers[len(numbers)-1:]}[key]
				require.Equal(m.t, want, expand(m.t, got[key]), command)
			}
		}
		if strings.Contains(ret, "SAVE") { // RFC 5182, section 2.4
			s.saved = found
			if some := found; len(found) > 0 && strings.Contains(ret, "MIN") {
				some = found[:1:1]
				if strings.Contains(ret, "MAX") {
					some = append(some, found[len(found)-1])
				}
				s.saved = some
			}
		}
	}
	m.finish(s, res, uid)
}

// compareStore looks behind the protocol: the store must be what the model is.
func (m *model) compareStore() {
	u := m.h.store.lookup("ann")
	u.mu.Lock()
	defer u.mu.Unlock()
	require.Len(m.t, u.mailboxes, len(m.boxes))
	for _, b := range m.boxes {
		mbox := u.mailboxes[b.name]
		require.NotNil(m.t, mbox, b.name)
		require.Equal(m.t, b.name, mbox.name)
		require.Equal(m.t, b.noSelect, mbox.noSelect, b.name)
		if b.noSelect {
			continue
		}
		if b.uidValidity != "" {
			require.Equal(m.t, b.uidValidity, strconv.Itoa(int(mbox.uidValidity)))
		}
		require.Equal(m.t, b.uidNext, uint32(mbox.uidNext), b.name)
		require.Len(m.t, mbox.msgs, len(b.msgs), b.name)
		var last uint64
		for i, msg := range b.msgs {
			got := mbox.msgs[i]
			require.Equal(m.t, msg.uid, uint32(got.uid))
			require.Equal(m.t, msg.body, string(got.body))
			require.Equal(m.t, msg.flags, flagSetOfFlags(got.flags))
			require.Len(m.t, got.flags, len(msg.flags))
			require.False(m.t, got.expunged)
			require.LessOrEqual(m.t, got.modSeq, mbox.modSeq)
			last = max(last, got.modSeq)
		}
		require.LessOrEqual(m.t, last, mbox.modSeq)
	}
	require.Equal(m.t, slices.Sorted(maps.Keys(m.subscribed)), slices.Sorted(maps.Keys(u.subscribed)))
}
