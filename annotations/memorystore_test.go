package annotations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

var (
	phone  = annotations.Subject{User: "alice", Device: "phone"}
	laptop = annotations.Subject{User: "alice", Device: "laptop"}
	bob    = annotations.Subject{User: "bob", Device: "phone"}
)

func get(t *testing.T, s annotations.Store, by annotations.Subject, mailbox, name string) string {
	t.Helper()
	values, err := s.Get(by, mailbox, []string{name}, annotations.DepthZero)
	require.NoError(t, err)
	require.Len(t, values, 1)
	if values[0].Value == nil {
		return "NIL"
	}
	return string(values[0].Value)
}

func names(values []annotations.EntryValue) []string {
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
	}
	return names
}

// Who sees what: RFC 5464, section 3.2, and below /notify section 11 of the
// draft.
func TestStoreScopes(t *testing.T) {
	for _, tt := range []struct {
		mailbox, name, value string
		readers              [3]bool // phone, laptop, bob
	}{
		{"INBOX", "/private/comment", "x", [3]bool{true, true, false}},
		{"INBOX", "/shared/comment", "x", [3]bool{true, true, false}}, // his own INBOX is another mailbox
		{"", "/shared/comment", "x", [3]bool{true, true, true}},
		{"", "/private/vendor/acme/x", "x", [3]bool{true, true, false}},
		{"INBOX", "/private/notify/event/filter", "NEW", [3]bool{true, false, false}},
		{"INBOX", "/private/vendor/vendor.lemonade/notify/event/filter", "NEW", [3]bool{true, false, false}},
		{"INBOX", "/shared/notify/event/other", "x", [3]bool{true, true, false}},
		{"", "/shared/notify/event/other", "x", [3]bool{true, true, false}},
		{"INBOX", "/private/vendor/vendor.lemonade/rules", "x", [3]bool{true, true, false}},
		{"INBOX", "/private/notifyx", "x", [3]bool{true, true, false}},
	} {
		s := annotations.NewMemoryStore(nil)
		require.NoError(t, s.Set(phone, tt.mailbox, []annotations.EntryValue{ev(strings.ToUpper(tt.name), tt.value)}))
		for i, by := range []annotations.Subject{phone, laptop, bob} {
			want := "NIL"
			if tt.readers[i] {
				want = tt.value
			}
			require.Equal(t, want, get(t, s, by, tt.mailbox, tt.name), "%s: %v", tt.name, by)
			all, err := s.Get(by, tt.mailbox, []string{"/private", "/shared"}, annotations.DepthInfinity)
			require.NoError(t, err)
			require.Equal(t, tt.readers[i], len(all) == 1)
			if i < 2 || tt.mailbox == "" {
				require.Equal(t, tt.readers[i], annotations.Visible(annotations.Entry(tt.name), phone, by), tt.name)
			}
		}
		require.Equal(t, "NIL", get(t, s, phone, "Other", tt.name))
	}
}

func TestStoreSharedMailboxes(t *testing.T) {
	s := annotations.NewMemoryStore(&annotations.MemoryOptions{Owner: func(user, mailbox string) (string, string) {
		if name, found := strings.CutPrefix(mailbox, "Other Users/alice/"); found {
			return "alice", name
		}
		return user, mailbox
	}})
	require.NoError(t, s.Set(phone, "Lists", []annotations.EntryValue{ev("/shared/comment", "ours"), ev("/private/comment", "mine")}))
	require.NoError(t, s.Set(bob, "Other Users/alice/Lists", []annotations.EntryValue{ev("/private/comment", "his")}))
	require.Equal(t, "ours", get(t, s, bob, "Other Users/alice/Lists", "/shared/comment"))
	require.Equal(t, "his", get(t, s, bob, "Other Users/alice/Lists", "/private/comment"))
	require.Equal(t, "mine", get(t, s, laptop, "Lists", "/private/comment"))
	require.Equal(t, "NIL", get(t, s, bob, "Lists", "/shared/comment"))

	require.NoError(t, s.Rename("alice", "Lists", "Old", '/'))
	require.Equal(t, "his", get(t, s, bob, "Other Users/alice/Old", "/private/comment"), "all users' annotations follow")
	require.NoError(t, s.Delete("alice", "Old"))
	require.Equal(t, "NIL", get(t, s, bob, "Other Users/alice/Old", "/private/comment"))
}

// RFC 5464, section 4.2.2, its example.
func TestStoreDepth(t *testing.T) {
	s := annotations.NewMemoryStore(nil)
	require.NoError(t, s.Set(phone, "INBOX", []annotations.EntryValue{
		ev("/private/filters/values/small", "SMALLER 5000"),
		ev("/private/filters/values/boss", `FROM "boss@example.com"`),
		ev("/private/filters/values/boss/deep", "x"),
		ev("/private/filters/valuesx", "x"),
		ev("/private/notify/event/filter", "NEW"),
		ev("/shared/comment", "x"),
	}))
	for _, tt := range []struct {
		roots []string
		depth annotations.Depth
		want  []string
	}{
		{[]string{"/private/filters/values"}, 0, []string{"/private/filters/values"}},
		{[]string{"/Private/filters/VALUES"}, 1, []string{"/private/filters/values/boss", "/private/filters/values/small"}},
		{[]string{"/private/filters/values"}, -1, []string{"/private/filters/values/boss", "/private/filters/values/boss/deep", "/private/filters/values/small"}},
		{[]string{"/private/filters/values/boss", "/shared", "/private/filters/values"}, 1, []string{
			"/private/filters/values/boss", "/private/filters/values/boss/deep", "/shared/comment", "/private/filters/values/small",
		}},
		{[]string{"/shared/comment", "/private/comment", "/SHARED/comment"}, 0, []string{"/shared/comment", "/private/comment"}},
		{[]string{"/private/notify"}, -1, []string{"/private/notify/event/filter"}},
		{[]string{"/private/vendor/vendor.lemonade"}, -1, []string{"/private/vendor/vendor.lemonade/notify/event/filter"}},
		{[]string{"/private/vendor"}, 1, nil},
		{[]string{"/private/vendor/vendor.lemonade/notify/event/filter"}, 0, []string{"/private/vendor/vendor.lemonade/notify/event/filter"}},
		{[]string{"/private/nothing"}, 1, nil},
	} {
		values, err := s.Get(phone, "inbox", tt.roots, tt.depth)
		require.NoError(t, err)
		require.Equal(t, tt.want, names(values), "%v %v", tt.roots, tt.depth)
	}
	all, err := s.Get(phone, "INBOX", []string{"/private", "/private/vendor/vendor.lemonade"}, annotations.DepthInfinity)
	require.NoError(t, err)
	require.Len(t, all, 6, "the preference in both namings")
	_, err = s.Get(phone, "INBOX", []string{"/private/a", "/private/*"}, 0)
	require.Equal(t, imap.StatusResponseTypeBad, annotations.StatusError(err).Type)
}

func TestStoreDoesNotAlias(t *testing.T) {
	s := annotations.NewMemoryStore(nil)
	value := []byte("abc")
	require.NoError(t, s.Set(phone, "", []annotations.EntryValue{{Name: "/private/a", Value: value}}))
	value[0] = 'X'
	for _, depth := range []annotations.Depth{0, 1} {
		values, err := s.Get(phone, "", []string{"/private/a"}, depth)
		require.NoError(t, err)
		require.Equal(t, "abc", string(values[0].Value))
		values[0].Value[1] = 'Y'
	}
	require.Equal(t, "abc", get(t, s, phone, "", "/private/a"))
	require.NoError(t, s.Set(phone, "", []annotations.EntryValue{ev("/private/a", "")}))
	require.Empty(t, get(t, s, phone, "", "/private/a"), "empty, not removed")
}

// RFC 5464, section 4.3: if one fails, none is changed.
func TestStoreAllOrNothing(t *testing.T) {
	var changes []annotations.Change
	s := annotations.NewMemoryStore(&annotations.MemoryOptions{
		MaxValue: 1024, MaxEntries: 10, MaxTotal: 5000,
		Provision: func(annotations.Subject) annotations.Provision {
			return annotations.Provision{Credential: "55555", Channels: []annotations.Channel{{Mechanism: none}}}
		},
		MsgFormat: func(s string) error {
			switch s {
			case "BODY":
				return nil
			case "detail":
				return &annotations.ValueError{Offset: 3, Want: "fetch-att", Section: "RFC 3501, section 9"}
			}
			return fmt.Errorf("a fetch-att")
		},
		OnChange: func(c annotations.Change) { changes = append(changes, c) },
	})
	long := strings.Repeat("x", 1025)
	var many, big []annotations.EntryValue
	for i := range 12 {
		many = append(many, ev(fmt.Sprintf("/private/a%d", i), "x"))
	}
	for i := range 5 {
		big = append(big, ev(fmt.Sprintf("/private/a%d", i), long[:1024]))
	}
	for _, tt := range []struct {
		reason, mailbox string
		bad             []annotations.EntryValue
		kind            error
		code            imap.ResponseCode
	}{
		{"name", "INBOX", []annotations.EntryValue{ev("/private/*", "x")}, &annotations.EntryError{}, ""},
		{"vendor name", "INBOX", []annotations.EntryValue{ev("/private/vendor/x", "x")}, &annotations.EntryError{}, ""},
		{"too long", "INBOX", []annotations.EntryValue{ev("/private/a", long)}, &annotations.QuotaError{}, "METADATA MAXSIZE 1024"},
		{"too many", "INBOX", many, &annotations.QuotaError{}, "METADATA TOOMANY"},
		{"too much", "INBOX", big, &annotations.QuotaError{}, "METADATA TOOMANY"},
		{"provision", "", []annotations.EntryValue{ev("/private/notify/outband/channel", "NONE")}, &annotations.ReadOnlyError{}, ""},
		{"provision, removed", "", []annotations.EntryValue{{Name: "/private/notify/outband/credential"}}, &annotations.ReadOnlyError{}, ""},
		{"provision, vendor naming", "", []annotations.EntryValue{ev("/Shared/vendor/vendor.lemonade/notify/inband/push", "new")}, &annotations.ReadOnlyError{}, ""},
		{"provision of a mailbox", "INBOX", []annotations.EntryValue{ev("/private/notify/outband/credential", "x")}, &annotations.ReadOnlyError{}, ""},
		{"preference of the server", "", []annotations.EntryValue{ev("/private/notify/event/filter", "NEW")}, &annotations.ReadOnlyError{}, ""},
		{"admin", "", []annotations.EntryValue{ev("/shared/ADMIN", "mailto:x@example.com")}, &annotations.ReadOnlyError{}, ""},
		{"outstanding", "", []annotations.EntryValue{ev("/private/vendor/vendor.lemonade/outstanding", "")}, &annotations.ReadOnlyError{}, ""},
		{"value of the schema", "INBOX", []annotations.EntryValue{ev("/private/notify/outband/channel", "FAX")}, &annotations.ValueError{}, ""},
		{"value, vendor naming", "INBOX", []annotations.EntryValue{ev("/private/vendor/vendor.lemonade/notify/event/filter", "")}, &annotations.ValueError{}, ""},
		{"msgformat", "INBOX", []annotations.EntryValue{ev("/private/notify/inband/msgformat", "x")}, &annotations.ValueError{}, ""},
	} {
		for _, entries := range [][]annotations.EntryValue{
			append([]annotations.EntryValue{ev("/private/good", "x")}, tt.bad...),
			append(append([]annotations.EntryValue{}, tt.bad...), ev("/private/good", "x")),
		} {
			err := s.Set(phone, tt.mailbox, entries)
			require.IsType(t, tt.kind, firstError(err), "%s: %v", tt.reason, err)
			require.Equal(t, tt.code, annotations.StatusError(err).Code, tt.reason)
			require.Equal(t, "NIL", get(t, s, phone, tt.mailbox, "/private/good"), tt.reason)
		}
	}
	require.Error(t, s.Set(phone, "", nil))
	require.Zero(t, s.Version())
	require.Empty(t, changes)
	require.Empty(t, s.Devices("alice"))

	err := s.Set(phone, "INBOX", []annotations.EntryValue{ev("/private/notify/inband/msgformat", "detail")})
	var e *annotations.ValueError
	require.ErrorAs(t, err, &e)
	require.Equal(t, &annotations.ValueError{
		Entry: "/private/notify/inband/msgformat", Field: "MsgFormat", Value: "detail", Offset: 3, Want: "fetch-att", Section: "RFC 3501, section 9",
	}, e)
	require.NoError(t, s.Set(phone, "INBOX", []annotations.EntryValue{ev("/private/notify/inband/msgformat", "BODY")}))
	require.Equal(t, "55555", get(t, s, phone, "", "/private/vendor/vendor.lemonade/notify/outband/credential"))
	require.Equal(t, "NONE", get(t, s, phone, "", "/private/notify/outband/channel"))
	values, err := s.Get(phone, "", []string{"/private/notify"}, annotations.DepthInfinity)
	require.NoError(t, err)
	require.Len(t, values, 2)
	require.Equal(t, "NIL", get(t, s, phone, "INBOX", "/private/notify/outband/credential"))
}

// firstError returns the first of joined errors, or err.
func firstError(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return firstError(joined.Unwrap()[0])
	}
	return err
}

func TestStoreQuota(t *testing.T) {
	s := annotations.NewMemoryStore(&annotations.MemoryOptions{MaxValue: 10, MaxEntries: 3, MaxTotal: 80})
	set := func(by annotations.Subject, mailbox string, entries ...annotations.EntryValue) imap.ResponseCode {
		err := s.Set(by, mailbox, entries)
		if err == nil {
			return ""
		}
		return annotations.StatusError(err).Code
	}
	const tooMany imap.ResponseCode = "METADATA TOOMANY"
	require.Empty(t, set(phone, "a", ev("/private/1", ""), ev("/private/2", ""), ev("/shared/3", "")))
	require.Equal(t, tooMany, set(phone, "a", ev("/private/4", "")), "the owner pays for shared ones")
	require.Equal(t, tooMany, set(laptop, "a", ev("/private/notify/event/filter", "ALL")), "and for all devices")
	require.Empty(t, set(phone, "a", annotations.EntryValue{Name: "/private/1"}, ev("/private/4", "")), "one for one")
	require.Empty(t, set(phone, "a", ev("/private/4", "1234567890")), "replaced")
	require.Equal(t, imap.ResponseCode("METADATA MAXSIZE 10"), set(phone, "a", ev("/private/4", "12345678901")))
	require.Empty(t, set(phone, "b", ev("/private/1", "1234567890"), ev("/private/2", "1234567890")))
	// 10+20+9+20+20 octets of 80
	require.Equal(t, tooMany, set(phone, "c", ev("/private/1", "")), "octets")
	require.Empty(t, set(phone, "b", ev("/private/1", "123456789")), "smaller")
	require.Empty(t, set(bob, "a", ev("/private/1", "")), "others have their own")
	require.Empty(t, set(phone, "", ev("/shared/1", "1234567890")), "shared at server level has its own")
	require.NoError(t, s.Delete("alice", "b"))
	require.Empty(t, set(phone, "c", ev("/private/1", "1234567890"), ev("/private/2", "1")), "deleted ones are free again")
	require.NoError(t, s.Rename("alice", "c", "d", '/'))
	require.Equal(t, tooMany, set(phone, "c", ev("/private/1", "1")), "renamed ones are not")
	require.NoError(t, s.Put(phone, "c", []annotations.EntryValue{ev("/private/1", "12345678901")}), "the server may")
	require.Empty(t, set(phone, "c", ev("/private/1", "")), "what is too much may shrink")
}

func TestStorePut(t *testing.T) {
	s := annotations.NewMemoryStore(nil)
	require.NoError(t, s.Put(phone, "", []annotations.EntryValue{
		ev(string(annotations.EntryOutstanding), "3"), ev("/private/notify/outband/credential", "55555"), ev("/shared/admin", "mailto:x@example.com"),
	}))
	require.Equal(t, "3", get(t, s, phone, "", "/private/vendor/vendor.lemonade/outstanding"))
	require.Equal(t, "NIL", get(t, s, laptop, "", "/private/vendor/vendor.lemonade/outstanding"), "per device")
	require.Equal(t, "55555", get(t, s, phone, "", "/private/notify/outband/credential"))
	require.Equal(t, "mailto:x@example.com", get(t, s, bob, "", "/shared/admin"))
	require.Empty(t, s.Devices("alice"), "none of these is a preference")
	require.Error(t, s.Put(phone, "", []annotations.EntryValue{ev("/private/notify/outband/channel", "FAX")}))
	require.Error(t, s.Put(phone, "INBOX", []annotations.EntryValue{ev("/private/notify/outband/channel", "FAX")}))
}

func TestStoreChanges(t *testing.T) {
	var changes []annotations.Change
	var s *annotations.MemoryStore
	s = annotations.NewMemoryStore(&annotations.MemoryOptions{OnChange: func(c annotations.Change) {
		require.Equal(t, c.Version, s.Version(), "the store may be read, and has the change")
		changes = append(changes, c)
	}})
	require.NoError(t, s.Set(phone, "inbox", []annotations.EntryValue{
		ev("/shared/b", "1"), ev("/private/vendor/vendor.lemonade/notify/event/filter", "new"), ev("/private/A", "0"), ev("/private/a", "1"),
		{Name: "/private/none"},
	}))
	require.NoError(t, s.Set(phone, "INBOX", []annotations.EntryValue{ev("/private/a", "1"), {Name: "/private/none"}}), "no change")
	require.NoError(t, s.Set(phone, "INBOX", []annotations.EntryValue{{Name: "/private/A"}, ev("/shared/b", "1")}))
	require.NoError(t, s.Delete("alice", "nothing there"))
	require.NoError(t, s.Delete("alice", "Inbox"))
	require.NoError(t, s.Delete("alice", "INBOX"))
	require.Equal(t, []annotations.Change{
		{Version: 1, Subject: phone, Mailbox: "INBOX", Entries: []annotations.ChangedEntry{
			{Entry: "/private/a"}, {Entry: "/private/notify/event/filter"}, {Entry: "/shared/b"},
		}},
		{Version: 2, Subject: phone, Mailbox: "INBOX", Entries: []annotations.ChangedEntry{{Entry: "/private/a", Deleted: true}}},
		{Kind: annotations.ChangeDelete, Version: 3, Subject: annotations.Subject{User: "alice"}, Mailbox: "INBOX"},
	}, changes)
	require.Equal(t, uint64(3), s.Version())
}
