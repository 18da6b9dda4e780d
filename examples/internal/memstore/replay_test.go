package memstore

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
	"github.com/stretchr/testify/require"
)

// replay is what a listener knows of the mailboxes that hears the events and
// nothing else.
type replay struct {
	boxes      map[string]*rMailbox
	subscribed map[string]bool
}

type rMailbox struct {
	uidValidity uint32 // zero until an event told
	noSelect    bool
	next        uint32
	msgs        map[uint32]flagSet
}

func newReplay() *replay {
	return &replay{
		boxes:      map[string]*rMailbox{"INBOX": {next: 1, msgs: map[uint32]flagSet{}}},
		subscribed: map[string]bool{},
	}
}

// create makes a mailbox and those above it, for which there is no event.
func (p *replay) create(name string) *rMailbox {
	for i, ch := range name {
		if ch == '/' && p.boxes[name[:i]] == nil {
			p.boxes[name[:i]] = &rMailbox{next: 1, msgs: map[uint32]flagSet{}}
		}
	}
	b := &rMailbox{next: 1, msgs: map[uint32]flagSet{}}
	p.boxes[name] = b
	return b
}

func (p *replay) below(name string) []string {
	var names []string
	for n := range p.boxes {
		if strings.HasPrefix(n, name+"/") {
			names = append(names, n)
		}
	}
	return names
}

// apply follows the events. An event that says what was so before is an error.
func (p *replay) apply(tb testing.TB, events []*msgevent.Event) {
	tb.Helper()
	for _, e := range events {
		p.one(tb, e)
	}
}

func (p *replay) one(tb testing.TB, e *msgevent.Event) {
	tb.Helper()
	text, err := json.Marshal(e)
	require.NoError(tb, err)
	require.Equal(tb, "ann", e.User)
	require.False(tb, e.Timestamp.IsZero())
	require.NotContains(tb, strings.ToLower(string(text)), `\\recent`, "RFC 5423, section 4.2")
	if e.Type == msgevent.TypeLogin || e.Type == msgevent.TypeLogout {
		return
	}
	uri, err := imapurl.Parse(e.URI)
	require.NoError(tb, err)
	name := uri.Mailbox
	id, err := imapurl.Parse(e.MailboxID)
	require.NoError(tb, err)
	require.Equal(tb, name, id.Mailbox)
	require.Equal(tb, uri.UIDValidity, id.UIDValidity)
	if strings.HasPrefix(string(e.Type), "Mailbox") {
		p.mailbox(tb, e, uri)
		return
	}

	b := p.boxes[name]
	require.NotNil(tb, b, "%s", text)
	require.False(tb, b.noSelect, "%s", text)
	if b.uidValidity == 0 {
		b.uidValidity = uri.UIDValidity
	}
	require.Equal(tb, b.uidValidity, uri.UIDValidity, "%s", text)
	uids, _ := e.UIDs.Nums()
	flags := flagSetOfFlags(e.Flags)
	each := func(change func(old flagSet) flagSet) {
		require.NotEmpty(tb, uids, "%s", text)
		for _, uid := range uids {
			old, ok := b.msgs[uint32(uid)]
			require.True(tb, ok, "%s: UID %d", text, uid)
			b.msgs[uint32(uid)] = change(old)
		}
	}
	set := func(flags flagSet) {
		each(func(old flagSet) flagSet {
			out := old.store("+", nil)
			for f := range flags {
				require.False(tb, old[f], "%s: %s was set", text, f)
				out[f] = true
			}
			return out
		})
	}
	switch e.Type {
	case msgevent.TypeMessageNew, msgevent.TypeMessageAppend:
		uid := uint32(uri.UID)
		require.GreaterOrEqual(tb, uid, b.next, "%s", text)
		require.Equal(tb, imap.UID(uid+1), e.UIDNext)
		require.NotZero(tb, e.ModSeq)
		b.next = uid + 1
		b.msgs[uid] = flags
	case msgevent.TypeMessageExpunge:
		require.NotEmpty(tb, uids)
		for _, uid := range uids {
			require.Contains(tb, b.msgs, uint32(uid), "%s", text)
			delete(b.msgs, uint32(uid))
		}
	case msgevent.TypeMessageRead:
		set(flagSet{`\seen`: true})
	case msgevent.TypeMessageTrash:
		set(flagSet{`\deleted`: true})
	case msgevent.TypeFlagsSet:
		require.NotEmpty(tb, flags)
		require.False(tb, flags[`\seen`] || flags[`\deleted`], "%s: RFC 5423, section 4.2", text)
		set(flags)
	case msgevent.TypeFlagsClear:
		require.NotEmpty(tb, flags)
		each(func(old flagSet) flagSet {
			out := old.store("+", nil)
			for f := range flags {
				require.True(tb, old[f], "%s: %s was not set", text, f)
				delete(out, f)
			}
			return out
		})
	default:
		require.Fail(tb, "unknown event", "%s", text)
	}
	require.NotNil(tb, e.Messages)
	require.Equal(tb, uint32(len(b.msgs)), *e.Messages, "%s", text)
}

func (p *replay) mailbox(tb testing.TB, e *msgevent.Event, uri imapurl.URL) {
	tb.Helper()
	name := uri.Mailbox
	b := p.boxes[name]
	switch e.Type {
	case msgevent.TypeMailboxCreate:
		require.True(tb, b == nil || b.noSelect, name)
		p.create(name).uidValidity = uri.UIDValidity
	case msgevent.TypeMailboxDelete:
		require.NotNil(tb, b, name)
		delete(p.boxes, name)
		if len(p.below(name)) > 0 {
			require.False(tb, b.noSelect, name)
			p.boxes[name] = &rMailbox{noSelect: true}
		}
	case msgevent.TypeMailboxRename:
		require.Nil(tb, b, name)
		old, err := imapurl.Parse(e.OldMailboxID)
		require.NoError(tb, err)
		source := p.boxes[old.Mailbox]
		require.NotNil(tb, source, old.Mailbox)
		if old.Mailbox == "INBOX" {
			// INBOX stays and its messages go, RFC 3501, section 6.3.5; in
			// the new mailbox their UIDs begin anew.
			n := p.create(name)
			n.uidValidity = uri.UIDValidity
			for _, uid := range sortedUIDs(source.msgs) {
				n.msgs[n.next] = source.msgs[uid]
				n.next++
			}
			clear(source.msgs)
			return
		}
		if !source.noSelect && source.uidValidity != 0 {
			require.Equal(tb, source.uidValidity, uri.UIDValidity)
		}
		moved := map[string]*rMailbox{name: source}
		for _, n := range p.below(old.Mailbox) {
			moved[name+strings.TrimPrefix(n, old.Mailbox)] = p.boxes[n]
			delete(p.boxes, n)
		}
		delete(p.boxes, old.Mailbox)
		p.create(name)
		for n, b := range moved {
			p.boxes[n] = b
		}
	case msgevent.TypeMailboxSubscribe:
		require.False(tb, p.subscribed[name], name)
		p.subscribed[name] = true
	case msgevent.TypeMailboxUnSubscribe:
		require.True(tb, p.subscribed[name], name)
		delete(p.subscribed, name)
	default:
		require.Fail(tb, "unknown event", string(e.Type))
	}
}

// mailboxEvents are the events about mailboxes, "type name".
func mailboxEvents(tb testing.TB, events []*msgevent.Event) (out []string) {
	tb.Helper()
	for _, e := range events {
		if strings.HasPrefix(string(e.Type), "Mailbox") {
			uri, err := imapurl.Parse(e.URI)
			require.NoError(tb, err)
			out = append(out, string(e.Type)+" "+uri.Mailbox)
		}
	}
	return out
}

func sortedUIDs(msgs map[uint32]flagSet) []uint32 {
	var uids []uint32
	for uid := range msgs {
		uids = append(uids, uid)
	}
	slices.Sort(uids)
	return uids
}

// compare checks that the events told all there is.
func (p *replay) compare(tb testing.TB, m *model) {
	tb.Helper()
	require.Len(tb, p.boxes, len(m.boxes))
	for _, b := range m.boxes {
		r := p.boxes[b.name]
		require.NotNil(tb, r, b.name)
		require.Equal(tb, b.noSelect, r.noSelect, b.name)
		require.Equal(tb, uidsOf(b.msgs), sortedUIDs(r.msgs), b.name)
		for _, msg := range b.msgs {
			require.Equal(tb, msg.flags, r.msgs[msg.uid], "%s, UID %d", b.name, msg.uid)
		}
	}
	require.Equal(tb, m.subscribed, p.subscribed)
}

// compareStore is compare for a store that has no model beside it.
func (p *replay) compareStore(tb testing.TB, u *user) {
	tb.Helper()
	m := &model{subscribed: map[string]bool{}}
	u.mu.Lock()
	defer u.mu.Unlock()
	for name := range u.subscribed {
		m.subscribed[name] = true
	}
	for name, mbox := range u.mailboxes {
		b := &mMailbox{name: name, noSelect: mbox.noSelect}
		for _, msg := range mbox.msgs {
			b.msgs = append(b.msgs, &mMessage{uid: uint32(msg.uid), flags: flagSetOfFlags(msg.flags)})
		}
		m.boxes = append(m.boxes, b)
	}
	p.compare(tb, m)
}
