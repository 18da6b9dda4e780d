package annotations_test

import (
	"fmt"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

func TestParseChannels(t *testing.T) {
	noChannel := annotations.Channel{Mechanism: none}
	smsWakeup := annotations.Channel{Mechanism: sms, Format: annotations.FormatWakeup}
	for s, want := range map[string]struct {
		channels  []annotations.Channel
		canonical string
	}{
		// The draft's section 11.2.
		"NONE SMS=WAKEUP MMS=EXTENDED SIP=EXTENDED UDP=EXTENDED": {[]annotations.Channel{
			noChannel, smsWakeup,
			{Mechanism: annotations.MechanismMMS, Format: annotations.FormatExtended},
			{Mechanism: sip, Format: annotations.FormatExtended}, {Mechanism: udp, Format: annotations.FormatExtended},
		}, ""},
		"SMS=WAKEUP NONE": {[]annotations.Channel{smsWakeup, noChannel}, "NONE SMS=WAKEUP"}, // its section 11.4
		"none":            {[]annotations.Channel{noChannel}, "NONE"},
		"sms=wakeup":      {[]annotations.Channel{smsWakeup}, "NONE SMS=WAKEUP"},
	} {
		channels, err := annotations.ParseChannels(s)
		require.NoError(t, err, s)
		require.Equal(t, want.channels, channels)
		b, err := annotations.AppendChannels([]byte("x"), channels)
		require.NoError(t, err)
		if want.canonical == "" {
			want.canonical = s
		}
		require.Equal(t, "x"+want.canonical, string(b))
	}
	for s, offset := range map[string]int{
		"": 0, " ": 0, "NONE ": 5, "NONE  SMS=WAKEUP": 5, "NONE NONE": 5, "SMS=WAKEUP SMS=EXTENDED": 11, "NONE SMS": 8,
		"NONE FAX=WAKEUP": 5, "NONE SMS=X": 9, "NONE\r\nSMS=WAKEUP": 0,
	} {
		_, err := annotations.ParseChannels(s)
		var e *annotations.ValueError
		require.ErrorAs(t, err, &e, s)
		require.Equal(t, offset, e.Offset, s)
		require.Equal(t, s, e.Value)
	}
	for _, channels := range [][]annotations.Channel{
		{{}}, {smsWakeup, smsWakeup}, {noChannel, noChannel}, {{Mechanism: sms}}, {{Mechanism: none, Format: "WAKEUP"}}, {{Mechanism: "SMS=\r\n"}},
	} {
		b, err := annotations.AppendChannels([]byte("x"), channels)
		require.Error(t, err)
		require.Equal(t, "x", string(b))
	}
}

// What the server answers in the draft's section 11.4, in the naming of RFC
// 5464.
func TestProvision(t *testing.T) {
	entries := []annotations.EntryValue{
		ev("/private/notify/outband/channel", "SMS=WAKEUP NONE"),
		ev("/private/notify/outband/credential", "55555"),
		ev("/shared/notify/inband/push", "new expunged"),
	}
	want := annotations.Provision{
		Channels:   []annotations.Channel{{Mechanism: sms, Format: annotations.FormatWakeup}, {Mechanism: none}},
		Credential: "55555",
		Push:       []string{"new", "expunged"},
	}
	p, err := annotations.DecodeProvision(append(entries, ev("/private/notify/event/filter", "not provision")))
	require.NoError(t, err)
	require.Equal(t, want, p)
	written, err := p.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	entries[0].Value = []byte("NONE SMS=WAKEUP")
	require.Equal(t, entries, written)
	written, err = p.Encode(annotations.NamingVendor)
	require.NoError(t, err)
	require.Equal(t, "/shared/vendor/vendor.lemonade/notify/inband/push", written[2].Name)
	_, err = p.Encode(annotations.NamingDraft)
	require.Error(t, err)

	written, err = annotations.Provision{}.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	require.Empty(t, written)
	written, err = annotations.Provision{Push: []string{}}.Encode(annotations.NamingMetadata)
	require.NoError(t, err)
	p, err = annotations.DecodeProvision(written)
	require.NoError(t, err)
	require.Equal(t, annotations.Provision{Push: []string{}}, p)
	p, err = annotations.DecodeProvision([]annotations.EntryValue{{Name: entries[0].Name}, {Name: entries[1].Name}, {Name: entries[2].Name}})
	require.NoError(t, err)
	require.Zero(t, p)

	p, err = annotations.DecodeProvision([]annotations.EntryValue{
		ev("/private/notify/outband/channel", "FAX"), ev("/private/notify/outband/credential", ""),
		ev("/shared/notify/inband/push", "new  expunged"), ev("/private/notify/outband/credential", "a\r\n"),
	})
	require.Zero(t, p)
	require.Len(t, err.(interface{ Unwrap() []error }).Unwrap(), 4)
	for _, p := range []annotations.Provision{
		{Channels: []annotations.Channel{{}}}, {Credential: "\x00"}, {Push: []string{"a b"}}, {Push: []string{""}}, {Push: []string{"a\r\n"}},
	} {
		_, err := p.Encode(annotations.NamingMetadata)
		var e *annotations.ValueError
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Field)
	}
}

func FuzzProvision(f *testing.F) {
	f.Add("NONE SMS=WAKEUP", "55555", "new expunged")
	f.Add("sms=wakeup none", "", "")
	f.Add("NONE NONE", "\r\n", " ")
	f.Fuzz(func(t *testing.T, channels, credential, push string) {
		p, err := annotations.DecodeProvision([]annotations.EntryValue{
			ev("/private/notify/outband/channel", channels), ev("/private/notify/outband/credential", credential),
			ev("/shared/notify/inband/push", push),
		})
		if err != nil {
			var e *annotations.ValueError
			require.ErrorAs(t, err, &e)
			require.True(t, 0 <= e.Offset && e.Offset <= len(e.Value))
		}
		entries, err := p.Encode(annotations.NamingVendor)
		require.NoError(t, err)
		back, err := annotations.DecodeProvision(entries)
		require.NoError(t, err)
		again, err := back.Encode(annotations.NamingVendor)
		require.NoError(t, err)
		require.Equal(t, entries, again, "stable")
		require.Equal(t, p.Credential, back.Credential)
		require.Equal(t, p.Push, back.Push)
	})
}

func ExampleProvision_Encode() {
	p := annotations.Provision{
		Channels:   []annotations.Channel{{Mechanism: annotations.MechanismUDP, Format: annotations.FormatExtended}},
		Credential: "lemonade.example.com",
	}
	entries, _ := p.Encode(annotations.NamingMetadata)
	for _, e := range entries {
		fmt.Printf("%s %q\n", e.Name, e.Value)
	}
	// Output:
	// /private/notify/outband/channel "NONE UDP=EXTENDED"
	// /private/notify/outband/credential "lemonade.example.com"
}
