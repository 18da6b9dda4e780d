package notifyserver_test

import (
	"errors"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/notifyproto/notifyserver"
)

// TestPublishUnheard: nobody listens, nobody asks; and who begins to listen
// during a change learns that there was one.
func TestPublishUnheard(t *testing.T) {
	var p notifyserver.Publisher
	asked := errors.New("asked")
	inner := &memory{user: memoryUser(t), search: asked, status: asked}
	s := publishedMemory(t, inner, &notifyserver.PublishOptions{Publisher: &p})
	_, err := s.Append("INBOX", message(5), &imap.AppendOptions{})
	require.NoError(t, err)

	inner.search, inner.status = nil, nil
	var heard []string
	stop := func() {}
	listen := func() {
		stop = p.Watch("alice", func(n *notifyserver.Notice) { heard = append(heard, describe(n.Event)) })
	}
	one := imap.UIDSetNum(1)
	require.NoError(t, s.Store(nil, one, seen(imap.StoreFlagsDel), nil))
	inner.duringFetch, inner.duringStore = listen, listen
	require.NoError(t, s.Fetch(nil, one, body))
	stop()
	require.NoError(t, s.Store(nil, one, seen(imap.StoreFlagsDel), nil))
	stop()
	const inbox = " imap://alice@localhost/INBOX;UIDVALIDITY=1"
	require.Equal(t, []string{
		"MessageRead" + inbox + " messages=1 uidnext=2 unseen=0",
		"FlagsClear" + inbox + ` flags=[\Seen] messages=1 uidnext=2 unseen=1`,
	}, heard)
}

// TestPublishNobody: what a session does whose user is not known is not
// published, and done all the same.
func TestPublishNobody(t *testing.T) {
	options := &notifyserver.PublishOptions{
		Publisher: new(notifyserver.Publisher),
		User:      func(string) string { return "" },
		OnEvent:   func(e *msgevent.Event) { t.Error(describe(e)) },
	}
	inner := &movingMemory{memory: &memory{user: memoryUser(t)}}
	s := notifyserver.Publish(inner, nil, options)
	require.NoError(t, s.Login("alice", "secret"))
	one := imap.UIDSetNum(1)
	for i, command := range []func() error{
		func() error { _, err := s.Select("INBOX", &imap.SelectOptions{}); return err },
		func() error { _, err := s.Append("INBOX", message(5), &imap.AppendOptions{}); return err },
		func() error { return s.Store(nil, one, seen(imap.StoreFlagsAdd), nil) },
		func() error { return s.Fetch(nil, one, body) },
		func() error { _, err := s.Copy(one, "other"); return err },
		func() error { return s.(imapserver.SessionMove).Move(nil, one, "other") },
		func() error { return s.Expunge(nil, nil) },
		s.Unselect,
		func() error { return s.Create("new", nil) },
		func() error { return s.Subscribe("new") },
		func() error { return s.Unsubscribe("new") },
		func() error { return s.Rename("new", "newer", nil) },
		func() error { return s.Delete("newer") },
		s.Close,
	} {
		require.NoError(t, command(), i)
	}
	data, err := inner.user.Status("other", &imap.StatusOptions{NumMessages: true})
	require.NoError(t, err)
	require.EqualValues(t, 2, *data.NumMessages)
}
