package annotations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// complete has all that can be chosen, in the words of the draft's section
// 11.3; the fetch-att is of RFC 3501, section 9.
var complete = annotations.Preferences{
	Channel:   annotations.Channel{Mechanism: sms, Format: annotations.FormatWakeup},
	Address:   "+4915112345678",
	Filter:    annotations.EventFilterNew,
	Limit:     "size=1000",
	Push:      annotations.InbandPush,
	MsgFormat: "BODY.PEEK[HEADER.FIELDS (DATE FROM)]",
}

var completeEntries = []annotations.EntryValue{
	ev("/private/notify/outband/channel", "SMS=WAKEUP"),
	ev("/private/notify/outband/address", "+4915112345678"),
	ev("/private/notify/outband/limit", "size=1000"),
	ev("/private/notify/inband/msgformat", "BODY.PEEK[HEADER.FIELDS (DATE FROM)]"),
	ev("/private/notify/inband/push", "push"),
	ev("/private/notify/event/filter", "NEW"),
}

func TestPreferencesEntries(t *testing.T) {
	p, err := annotations.DecodePreferences(completeEntries)
	require.NoError(t, err)
	require.Equal(t, complete, p)
	entries, err := complete.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	require.Equal(t, completeEntries, entries)

	entries, err = complete.Encode(annotations.NamingVendor)
	require.NoError(t, err)
	require.Equal(t, "/private/vendor/vendor.lemonade/notify/outband/channel", entries[0].Name)
	p, err = annotations.DecodePreferences(entries)
	require.NoError(t, err)
	require.Equal(t, complete, p)

	entries, err = annotations.Preferences{}.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	require.Len(t, entries, 6)
	for _, e := range entries {
		require.Nil(t, e.Value)
	}
	_, err = complete.Encode(annotations.NamingDraft)
	require.Error(t, err, "no command carries the draft's naming")

	// The address may come from another mailbox.
	entries, err = annotations.Preferences{Channel: complete.Channel}.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	require.Equal(t, "SMS=WAKEUP", string(entries[0].Value))
	_, err = annotations.Preferences{Channel: complete.Channel, Address: "alice"}.Encode(annotations.NamingMetadata)
	require.Error(t, err)
}

func TestDecodePreferences(t *testing.T) {
	p, err := annotations.DecodePreferences([]annotations.EntryValue{
		ev("/Private/Notify/Event/FILTER", "all"),                            // in any case
		ev("/private/comment", "not of the schema"),                          // ignored
		ev("/private/notify/outband/credential", "not a preference"),         // ignored
		ev("/shared/notify/inband/push", "new expunged"),                     // another item
		ev("/private/notify/outband/limit", "size=1"),                        // and then
		ev("/private/notify/outband/limit", "TOTAL=5 size=10"),               // the last one counts
		{Name: "/private/notify/outband/address"},                            // not chosen
		{Name: "/private/vendor/vendor.lemonade/notify/inband/push"},         // not chosen
		ev("/private/vendor/vendor.lemonade/notify/outband/channel", "none"), // another naming
	})
	require.NoError(t, err)
	require.Equal(t, annotations.Preferences{
		Channel: annotations.Channel{Mechanism: none}, Filter: annotations.EventFilterAll, Limit: "TOTAL=5 size=10",
	}, p)
}

// Every bad value is reported, and the others are read.
func TestDecodePreferencesBad(t *testing.T) {
	bad := map[string]struct {
		values []string
		field  string
	}{
		"/private/notify/outband/channel":  {[]string{"", "FAX", "SMS", "NONE SMS=WAKEUP", "SMS=WAKEUP\r\n", "SMS=WAKEUP\x00"}, "Channel"},
		"/private/notify/outband/address":  {[]string{"", "a\r\nb", "a\x00", "\xff", strings.Repeat("x", 4000)}, "Address"},
		"/private/notify/outband/limit":    {[]string{"", "size", "size=", "size=0", "size=-1", "size=4294967296", "count=1", "size=1 size=2", "size=1  total=2", "size=1\r\n", "1"}, "Limit"},
		"/private/notify/inband/msgformat": {[]string{"", "UID\r\n", "\x00", "\xe4", strings.Repeat("x", 1025)}, "MsgFormat"},
		"/private/notify/inband/push":      {[]string{"", "yes", "push pull", "pu\u017fh", "push\n"}, "Push"},
		"/private/notify/event/filter":     {[]string{"", "SOME", "NEW ALL", "NEW\r\n", "\x00"}, "Filter"},
	}
	for name, tt := range bad {
		for _, value := range tt.values {
			entries := []annotations.EntryValue{ev("/private/notify/event/filter", "FOO")}
			for _, e := range completeEntries {
				if e.Name == name {
					e.Value = []byte(value)
				}
				if e.Name != "/private/notify/event/filter" || name == e.Name {
					entries = append(entries, e)
				}
			}
			p, err := annotations.DecodePreferences(entries)
			require.Error(t, err, "%s %q", name, value)
			errs := err.(interface{ Unwrap() []error }).Unwrap()
			require.Len(t, errs, 2, "%s %q: %v", name, value, err)
			var e *annotations.ValueError
			for _, err := range errs {
				require.ErrorAs(t, err, &e)
				if e.Value != "FOO" {
					break
				}
			}
			require.Equal(t, name, e.Entry)
			require.Equal(t, tt.field, e.Field)
			require.Equal(t, value, e.Value)
			require.True(t, 0 <= e.Offset && e.Offset <= len(value))
			require.NotContains(t, e.Error(), "\n")
			// What was good has been read.
			if name != "/private/notify/outband/limit" {
				require.Equal(t, complete.Limit, p.Limit)
			}
			if name != "/private/notify/inband/msgformat" {
				require.Equal(t, complete.MsgFormat, p.MsgFormat)
			}
			require.Empty(t, p.Filter)
		}
	}
	// An address that its channel cannot have.
	_, err := annotations.DecodePreferences([]annotations.EntryValue{
		ev("/private/notify/outband/address", "alice"), ev("/private/notify/outband/channel", "SMS=WAKEUP"),
	})
	var e *annotations.ValueError
	require.ErrorAs(t, err, &e)
	require.Equal(t, "/private/notify/outband/address", e.Entry)
	require.Equal(t, "Address", e.Field)
}

func TestParseLimit(t *testing.T) {
	for s, want := range map[string]annotations.Limit{
		"size=1":           {Size: 1},
		"TOTAL=4294967295": {Total: 1<<32 - 1},
		"size=10 total=20": {Size: 10, Total: 20},
		"total=20 size=10": {Size: 10, Total: 20},
	} {
		l, err := annotations.ParseLimit(s)
		require.NoError(t, err)
		require.Equal(t, want, l)
		require.Equal(t, strings.Contains(s, " "), l.Validate() != nil, "one is written")
	}
	for s, offset := range map[string]int{
		"": 0, "size": 0, "size=": 5, "size=0": 5, "size=01": 5, "size=1x": 6, "size=1 size=2": 7, "size=1 ": 7, " size=1": 0,
		"size=1 total=x": 13, "size = 1": 0, "size=1\x00": 6,
	} {
		_, err := annotations.ParseLimit(s)
		var e *annotations.ValueError
		require.ErrorAs(t, err, &e, s)
		require.Equal(t, offset, e.Offset, s)
		require.Equal(t, s, e.Value)
	}
	var l annotations.Limit
	require.NoError(t, l.UnmarshalText([]byte("total=7")))
	b, err := l.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "total=7", string(b))
	require.Equal(t, "Limit(0 7)", l.String())
	require.Error(t, l.UnmarshalText([]byte("x")))
	b, err = annotations.Limit{}.AppendText([]byte("x"))
	require.Error(t, err)
	require.Equal(t, "x", string(b))
	b, err = annotations.Limit{Size: 9}.AppendText(nil)
	require.NoError(t, err)
	require.Equal(t, "size=9", string(b))
}

// Which of the three each value comes from.
func TestEffective(t *testing.T) {
	udpWakeup := annotations.Channel{Mechanism: udp, Format: annotations.FormatWakeup}
	from := func(s string) annotations.Preferences {
		return annotations.Preferences{
			Channel: udpWakeup, Address: s, Filter: annotations.EventFilter(s), Limit: s, Push: annotations.Inband(s), MsgFormat: s,
		}
	}
	noChannel := func(p annotations.Preferences) annotations.Preferences {
		p.Channel = annotations.Channel{Mechanism: none}
		return p
	}
	empty := annotations.Preferences{}
	for name, tt := range map[string]struct{ mailbox, inbox, provisioned, want annotations.Preferences }{
		"nothing":                  {empty, empty, empty, noChannel(empty)},
		"mailbox":                  {from("m"), from("i"), from("p"), from("m")},
		"INBOX, but its channel":   {empty, from("i"), empty, noChannel(from("i"))},
		"INBOX, default's channel": {empty, from("i"), annotations.Preferences{Channel: udpWakeup}, from("i")},
		"default":                  {empty, empty, from("p"), from("p")},
		"no channel is a choice":   {noChannel(empty), from("i"), from("p"), noChannel(from("i"))},
		"one from each": {
			annotations.Preferences{Channel: udpWakeup, Limit: "m"}, annotations.Preferences{Address: "i", Limit: "i"},
			annotations.Preferences{Address: "p", Filter: "p", Limit: "p"},
			annotations.Preferences{Channel: udpWakeup, Address: "i", Filter: "p", Limit: "m"},
		},
	} {
		require.Equal(t, tt.want, annotations.Effective(tt.mailbox, tt.inbox, tt.provisioned), name)
	}
	require.Equal(t, from("i"), annotations.Effective(from("i"), from("i"), empty), "INBOX itself")
}

func TestPreferencesValidateNewFields(t *testing.T) {
	require.NoError(t, complete.Validate())
	err := annotations.Preferences{Limit: "x", Push: "PUSH", MsgFormat: "a\r\nb"}.Validate()
	for _, field := range []string{"Limit", "Push", "MsgFormat"} {
		require.ErrorContains(t, err, "annotations: "+field+": expected ")
	}
	require.Len(t, strings.Split(err.Error(), "\n"), 3)
}

func TestInband(t *testing.T) {
	i, err := annotations.ParseInband("PULL")
	require.NoError(t, err)
	require.Equal(t, annotations.InbandPull, i)
	b, err := i.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "pull", string(b))
	require.NoError(t, i.UnmarshalText([]byte("Push")))
	require.Equal(t, "push", i.String())
	require.Error(t, i.UnmarshalText([]byte("x")))
	require.Equal(t, annotations.InbandPush, i)
	require.Contains(t, annotations.Inband("x\n").String(), "Inband(")
	require.Error(t, annotations.Inband("").Validate())
}

func ExampleDecodePreferences() {
	p, err := annotations.DecodePreferences([]annotations.EntryValue{
		{Name: "/private/notify/outband/channel", Value: []byte("FAX=WAKEUP")},
		{Name: "/private/notify/event/filter", Value: []byte("new")},
	})
	fmt.Println(p.Filter)
	fmt.Println(err)
	// Output:
	// NEW
	// annotations: "/private/notify/outband/channel": expected "NONE" / "SMS" / "MMS" / "SIP" / "XMPP" / "UDP" at octet 0 of "FAX=WAKEUP" (draft-ietf-lemonade-notifications-04, section 11.3)
}

func ExampleEffective() {
	inbox := annotations.Preferences{
		Channel: annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup},
		Address: "192.0.2.1:2948",
	}
	lists := annotations.Preferences{Filter: annotations.EventFilterAll}
	p := annotations.Effective(lists, inbox, annotations.Preferences{})
	fmt.Println(p.Channel, p.Address, p.Filter)
	// Output: NONE 192.0.2.1:2948 ALL
}
