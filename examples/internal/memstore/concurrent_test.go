package memstore

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// observer is a client that can only check itself: what one number stood for
// it stands for until an EXPUNGE moves it.
type observer struct {
	*client
	rng         *rand.Rand
	bodies      *sync.Map // "UIDVALIDITY UID" to BODY[]
	selected    bool
	readOnly    bool
	mailbox     string
	uidValidity string
	view        []*observed
}

type observed struct {
	uid   string  // "" until told
	flags flagSet // nil until told
}

func (o *observer) hear(r response, expunge bool) {
	t := o.tb
	t.Helper()
	if n, ok := r.numbered("EXISTS"); ok {
		require.GreaterOrEqual(t, int(n), len(o.view), "%q after %q", r.raw, o.last)
		for len(o.view) < int(n) {
			o.view = append(o.view, &observed{})
		}
	} else if n, ok := r.numbered("EXPUNGE"); ok {
		require.True(t, expunge, "EXPUNGE in %q", o.last)
		require.True(t, n >= 1 && int(n) <= len(o.view), "%q", r.raw)
		o.view = append(o.view[:n-1:n-1], o.view[n:]...)
	} else if n, ok := r.numbered("FETCH"); ok {
		require.True(t, n >= 1 && int(n) <= len(o.view), "%q", r.raw)
		m, items := o.view[n-1], r.items(t)
		if uid, ok := items["UID"].(string); ok {
			if m.uid == "" {
				m.uid = uid
			}
			require.Equal(t, m.uid, uid, "%q after %q", r.raw, o.last)
		}
		if flags, ok := items["FLAGS"]; ok {
			m.flags = flagSetOf(flags)
		}
		if body, ok := items["BODY[]"]; ok && m.uid != "" {
			first, _ := o.bodies.LoadOrStore(o.uidValidity+" "+m.uid, body)
			require.Equal(t, first, body, "the message behind a UID changed")
		}
	}
}

func (o *observer) run(command string, expunge bool, literal ...string) result {
	o.tb.Helper()
	res := o.do(command, literal...)
	require.NotContains(o.tb, res.text, "SERVERBUG")
	for _, r := range res.untagged {
		o.hear(r, expunge)
	}
	return res
}

func (o *observer) open(command, name string) {
	o.selected, o.view, o.mailbox = false, nil, name
	res := o.run(command+" "+name, false)
	if res.status != "OK" {
		return
	}
	o.selected, o.readOnly = true, command == "EXAMINE"
	for _, r := range res.untagged {
		if v, ok := strings.CutPrefix(r.str(2), "[UIDVALIDITY "); ok {
			o.uidValidity, _, _ = strings.Cut(v, "]")
		}
	}
}

func (o *observer) set(uid bool) string {
	n := len(o.view) + 1
	if uid {
		n += 20
	}
	a, b := o.rng.IntN(n)+1, o.rng.IntN(n)+1
	return []string{"1:*", "*", strconv.Itoa(a), fmt.Sprintf("%d:%d", a, b), fmt.Sprintf("%d,%d:*", a, b)}[o.rng.IntN(5)]
}

func (o *observer) step() {
	one := func(values ...string) string { return values[o.rng.IntN(len(values))] }
	name := one("INBOX", "INBOX", "INBOX", "INBOX", "a", "b", "b/c")
	flag := one(`\Seen`, `\Deleted`, `\Deleted`, `\Flagged`, "kw")
	uid := one("", "UID ")
	w := o.rng.IntN(100)
	switch {
	case w < 20:
		body := fmt.Sprintf("Subject: x\r\n\r\n%d%s", o.rng.Uint64(), strings.Repeat("y", o.rng.IntN(300)))
		o.run("APPEND "+name+" ("+flag+")", true, body)
		return
	case w < 26:
		o.run(one("CREATE ", "CREATE ", "CREATE ", "DELETE ", "SUBSCRIBE ", "UNSUBSCRIBE ")+one("a", "b", "b/c"), true)
		return
	case w < 28:
		o.run("RENAME "+one("INBOX", "a", "b")+" "+one("a", "b", "n"), true)
		return
	case w < 31:
		o.run(one(`LIST "" * RETURN (STATUS (MESSAGES))`, `LSUB "" *`, "STATUS INBOX (UIDNEXT)"), true)
		return
	case w < 36 || !o.selected:
		o.open(one("SELECT", "SELECT", "SELECT", "EXAMINE"), name)
		return
	case w < 41:
		tag := o.idle()
		for _, r := range o.done(tag).untagged {
			o.hear(r, true)
		}
		return
	case w < 43:
		o.run("NOOP", true)
		return
	case w < 44:
		o.run(one("CLOSE", "UNSELECT"), true)
		o.selected, o.view = false, nil
		return
	case w < 52:
		o.run(one("EXPUNGE", "UID EXPUNGE "+o.set(true)), true)
		return
	}
	set := o.set(uid != "")
	switch {
	case w < 66 && uid == "" && len(o.view) > 0:
		// One's own silent change of one message, which the server does not
		// echo.
		n := o.rng.IntN(len(o.view))
		op := one("+", "-", "")
		m := o.view[n]
		res := o.do(fmt.Sprintf("STORE %d %sFLAGS.SILENT (%s)", n+1, op, flag))
		if res.status == "OK" && (m.flags != nil || op == "") {
			m.flags = m.flags.store(op, []string{flag})
		}
		for _, r := range res.untagged {
			o.hear(r, false)
		}
	case w < 70:
		o.run(uid+"STORE "+set+" "+one("+", "-", "")+"FLAGS ("+flag+")", uid != "")
	case w < 78:
		verb := "MOVE "
		if len(o.view) < 50 { // copies of copies would fill the memory
			verb = one("COPY ", "MOVE ")
		}
		o.run(uid+verb+set+" "+name, true)
	case w < 94:
		o.run(uid+"FETCH "+set+" "+one("(UID FLAGS)", "(UID BODY[])", "(UID BODY.PEEK[] FLAGS)"), uid != "")
	default:
		o.run(uid+"SEARCH "+one("DELETED", "UNSEEN "+set, "TEXT 7"), uid != "")
	}
}

// TestConcurrent lets several sessions do as they like at the same time. In
// the end every client must see what one sees that has just come.
func TestConcurrent(t *testing.T) {
	rounds, steps := 3, 250
	if testing.Short() {
		rounds, steps = 1, 100
	}
	h := newHarness(t)
	const sessions = 6
	var bodies sync.Map
	observers := make([]*observer, sessions)
	for i := range observers {
		observers[i] = &observer{client: h.connect(t), rng: rand.New(rand.NewPCG(uint64(i), 7)), bodies: &bodies}
	}
	replay := newReplay()
	for round := range rounds {
		// Subtests, because only they may fail in goroutines of their own.
		t.Run(fmt.Sprintf("round=%d", round), func(t *testing.T) {
			for i, o := range observers {
				t.Run(fmt.Sprintf("session=%d", i), func(t *testing.T) {
					t.Parallel()
					o.tb = t
					for range steps {
						o.step()
					}
				})
			}
		})
		if t.Failed() {
			return
		}
		for _, o := range observers {
			o.tb = t
			if !o.selected {
				o.open("SELECT", "INBOX")
			}
			o.run("NOOP", true)
			known := make([]observed, len(o.view))
			for i, m := range o.view {
				known[i] = *m
			}
			if len(o.view) > 0 {
				o.run("FETCH 1:* (UID FLAGS)", false) // hear compares the UIDs
			}
			fresh := &observer{client: h.connect(t), bodies: &bodies}
			fresh.open("EXAMINE", o.mailbox)
			if fresh.uidValidity != o.uidValidity {
				continue // the mailbox that it has selected was deleted or renamed
			}
			require.Len(t, o.view, len(fresh.view))
			if len(fresh.view) > 0 {
				fresh.run("FETCH 1:* (UID FLAGS)", false)
			}
			for i, m := range fresh.view {
				require.Equal(t, m, o.view[i])
				if known[i].flags != nil {
					require.Equal(t, m.flags, known[i].flags, "UID %s: not told of flags", m.uid)
				}
			}
		}
		replay.apply(t, h.takeEvents())
		replay.compareStore(t, h.store.lookup("ann"))
	}
}
