package annotations_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// RFC 5464, section 4.1.
func TestStoreRename(t *testing.T) {
	var changes []annotations.Change
	s := annotations.NewMemoryStore(&annotations.MemoryOptions{OnChange: func(c annotations.Change) { changes = append(changes, c) }})
	for _, mailbox := range []string{"a", "a/b", "a/b/c", "ab", "x/old", "INBOX", "INBOX/sub"} {
		require.NoError(t, s.Set(phone, mailbox, []annotations.EntryValue{ev("/private/comment", mailbox)}))
	}
	require.NoError(t, s.Set(bob, "a", []annotations.EntryValue{ev("/private/comment", "bob's")}))
	changes = nil
	require.NoError(t, s.Rename("alice", "a", "x", '/'))
	for mailbox, want := range map[string]string{"a": "NIL", "a/b": "NIL", "x": "a", "x/b": "a/b", "x/b/c": "a/b/c", "ab": "ab", "x/old": "x/old"} {
		require.Equal(t, want, get(t, s, phone, mailbox, "/private/comment"), mailbox)
	}
	require.Equal(t, "bob's", get(t, s, bob, "a", "/private/comment"))
	alice := annotations.Subject{User: "alice"}
	require.Equal(t, []annotations.Change{
		{Kind: annotations.ChangeRename, Version: 9, Subject: alice, Mailbox: "x", OldMailbox: "a"},
		{Kind: annotations.ChangeRename, Version: 10, Subject: alice, Mailbox: "x/b", OldMailbox: "a/b"},
		{Kind: annotations.ChangeRename, Version: 11, Subject: alice, Mailbox: "x/b/c", OldMailbox: "a/b/c"},
	}, changes)

	require.NoError(t, s.Rename("alice", "x", "x/b", '/'), "into itself")
	require.Equal(t, "a", get(t, s, phone, "x/b", "/private/comment"))
	require.Equal(t, "a/b", get(t, s, phone, "x/b/b", "/private/comment"))
	require.NoError(t, s.Rename("alice", "x/b", "y", 0), "no hierarchy, no children")
	require.Equal(t, "a", get(t, s, phone, "y", "/private/comment"))
	require.Equal(t, "a/b", get(t, s, phone, "x/b/b", "/private/comment"))

	require.NoError(t, s.Rename("alice", "inbox", "archive", '/'))
	require.Equal(t, "INBOX", get(t, s, phone, "archive", "/private/comment"))
	require.Equal(t, "INBOX", get(t, s, phone, "INBOX", "/private/comment"), "copied")
	require.Equal(t, "INBOX/sub", get(t, s, phone, "INBOX/sub", "/private/comment"), "stays")
	require.Equal(t, "NIL", get(t, s, phone, "archive/sub", "/private/comment"))
	require.NoError(t, s.Set(phone, "archive", []annotations.EntryValue{ev("/private/comment", "new")}))
	require.Equal(t, "INBOX", get(t, s, phone, "INBOX", "/private/comment"), "and apart")

	version := s.Version()
	for _, names := range [][2]string{{"y", "y"}, {"", "z"}, {"y", ""}, {"none", "z"}} {
		require.NoError(t, s.Rename("alice", names[0], names[1], '/'))
	}
	require.NoError(t, s.Delete("alice", ""))
	require.Equal(t, version, s.Version())
}

func TestStorePreferences(t *testing.T) {
	s := annotations.NewMemoryStore(nil)
	require.NoError(t, s.Set(phone, "INBOX", completeEntries))
	require.NoError(t, s.Set(phone, "Lists", []annotations.EntryValue{
		ev("/private/notify/outband/channel", "SMS=EXTENDED"), ev("/private/notify/event/filter", "ALL"),
	}))
	require.NoError(t, s.Set(laptop, "Lists", []annotations.EntryValue{ev("/private/vendor/vendor.lemonade/notify/outband/channel", "UDP=WAKEUP")}))
	require.NoError(t, s.Set(annotations.Subject{User: "alice"}, "Lists", []annotations.EntryValue{ev("/private/notify/event/filter", "NONE")}))
	require.NoError(t, s.Set(annotations.Subject{User: "alice", Device: "tv"}, "Lists", []annotations.EntryValue{ev("/private/comment", "x")}))
	require.Equal(t, []string{"", "laptop", "phone"}, s.Devices("alice"))
	require.Empty(t, s.Devices("bob"))

	p, err := s.Preferences("alice", "phone", "inbox", annotations.Preferences{})
	require.NoError(t, err)
	require.Equal(t, complete, p)
	p, err = s.Preferences("alice", "phone", "Lists", annotations.Preferences{})
	require.NoError(t, err)
	want := complete
	want.Channel.Format = annotations.FormatExtended
	want.Filter = annotations.EventFilterAll
	require.Equal(t, want, p)
	p, err = s.Preferences("alice", "phone", "Other", annotations.Preferences{})
	require.NoError(t, err)
	want = complete
	want.Channel = annotations.Channel{Mechanism: none}
	require.Equal(t, want, p)

	p, err = s.Preferences("alice", "laptop", "Lists", annotations.Preferences{})
	var e *annotations.ValueError
	require.ErrorAs(t, err, &e, "nothing says where to")
	require.Equal(t, "Address", e.Field)
	require.Equal(t, udp, p.Channel.Mechanism, "and it can be read all the same")
	p, err = s.Preferences("alice", "laptop", "Lists", annotations.Preferences{Address: "192.0.2.1:2948"})
	require.NoError(t, err)
	require.Equal(t, "192.0.2.1:2948", p.Address)

	for _, mailbox := range []string{"INBOX", "Lists"} {
		require.NoError(t, s.Delete("alice", mailbox))
	}
	require.Empty(t, s.Devices("alice"))
}

func TestStoreConcurrency(t *testing.T) {
	const writers, rounds = 8, 50
	var versions []uint64
	s := annotations.NewMemoryStore(&annotations.MemoryOptions{OnChange: func(c annotations.Change) { versions = append(versions, c.Version) }})
	var wg sync.WaitGroup
	for i := range writers {
		by := annotations.Subject{User: fmt.Sprintf("user%d", i%2), Device: fmt.Sprintf("device%d", i)}
		wg.Go(func() {
			for round := range rounds {
				value := fmt.Sprint(i, round)
				assertNoError(t, s.Set(by, "INBOX", []annotations.EntryValue{
					ev("/shared/a", value), ev("/shared/b", value), ev("/private/notify/outband/address", value),
				}))
				values, err := s.Get(by, "INBOX", []string{"/shared/a", "/shared/b", "/private/notify"}, annotations.DepthInfinity)
				assertNoError(t, err)
				if len(values) != 3 || string(values[0].Value) != string(values[1].Value) || string(values[2].Value) != value {
					t.Errorf("half a change is seen: %q", values)
				}
				_, err = s.Preferences(by.User, by.Device, "INBOX", annotations.Preferences{})
				assertNoError(t, err)
				s.Devices(by.User)
				s.Version()
				assertNoError(t, s.Rename(by.User, "INBOX", "copy", '/'))
				assertNoError(t, s.Rename(by.User, "copy", "moved", '/'))
				assertNoError(t, s.Delete(by.User, "moved"))
			}
		})
	}
	wg.Wait()
	require.Equal(t, uint64(len(versions)), s.Version())
	for i, version := range versions {
		require.Equal(t, uint64(i+1), version, "in order")
	}
	require.Len(t, s.Devices("user0"), writers/2)
}

func assertNoError(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}

func ExampleMemoryStore() {
	store := annotations.NewMemoryStore(&annotations.MemoryOptions{
		OnChange: func(c annotations.Change) {
			for _, e := range c.Entries {
				fmt.Println("changed:", c.Mailbox, e.Entry)
			}
		},
	})
	phone := annotations.Subject{User: "alice", Device: "phone"}
	err := store.Set(phone, "INBOX", []annotations.EntryValue{
		{Name: "/private/notify/outband/channel", Value: []byte("UDP=WAKEUP")},
		{Name: "/private/notify/outband/address", Value: []byte("192.0.2.1:2948")},
	})
	fmt.Println(err)
	p, err := store.Preferences("alice", "phone", "INBOX", annotations.Preferences{})
	fmt.Println(p.Channel, p.Address, err)
	fmt.Println(store.Devices("alice"))
	// Output:
	// changed: INBOX /private/notify/outband/address
	// changed: INBOX /private/notify/outband/channel
	// <nil>
	// UDP=WAKEUP 192.0.2.1:2948 <nil>
	// [phone]
}
