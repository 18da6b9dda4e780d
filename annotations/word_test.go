package annotations_test

import (
	"encoding"
	"fmt"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

const section113 = "draft-ietf-lemonade-notifications-04, section 11.3"

// text is what all the value types implement.
type text interface {
	encoding.TextAppender
	encoding.TextMarshaler
	fmt.Stringer
	Validate() error
}

var (
	_ text                     = annotations.Mechanism("")
	_ text                     = annotations.Format("")
	_ text                     = annotations.EventFilter("")
	_ text                     = annotations.Channel{}
	_ encoding.TextUnmarshaler = (*annotations.Mechanism)(nil)
	_ encoding.TextUnmarshaler = (*annotations.Format)(nil)
	_ encoding.TextUnmarshaler = (*annotations.EventFilter)(nil)
	_ encoding.TextUnmarshaler = (*annotations.Channel)(nil)
)

// parsers reads each type of value.
var parsers = map[string]func(s string) (text, error){
	"Mechanism":   func(s string) (text, error) { return annotations.ParseMechanism(s) },
	"Format":      func(s string) (text, error) { return annotations.ParseFormat(s) },
	"EventFilter": func(s string) (text, error) { return annotations.ParseEventFilter(s) },
	"Channel":     func(s string) (text, error) { return annotations.ParseChannel(s) },
}

// unmarshal reads each type into a value that holds something else before.
var unmarshal = map[string]func(b []byte) (before, after text, err error){
	"Mechanism": func(b []byte) (text, text, error) {
		before := annotations.MechanismSIP
		v := before
		err := v.UnmarshalText(b)
		return before, v, err
	},
	"Format": func(b []byte) (text, text, error) {
		before := annotations.FormatWakeup
		v := before
		err := v.UnmarshalText(b)
		return before, v, err
	},
	"EventFilter": func(b []byte) (text, text, error) {
		before := annotations.EventFilterNew
		v := before
		err := v.UnmarshalText(b)
		return before, v, err
	},
	"Channel": func(b []byte) (text, text, error) {
		before := annotations.Channel{Mechanism: annotations.MechanismSIP, Format: annotations.FormatWakeup}
		v := before
		err := v.UnmarshalText(b)
		return before, v, err
	},
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct {
		source, kind, in string
		value            text
		written          string
	}{
		{"draft, section 11.3: channel", "Mechanism", "NONE", annotations.MechanismNone, "NONE"},
		{"draft, section 11.3: channel", "Mechanism", "SMS", annotations.MechanismSMS, "SMS"},
		{"draft, section 11.3: channel", "Mechanism", "MMS", annotations.MechanismMMS, "MMS"},
		{"draft, section 11.3: channel", "Mechanism", "SIP", annotations.MechanismSIP, "SIP"},
		{"draft, section 11.3: channel", "Mechanism", "XMPP", annotations.MechanismXMPP, "XMPP"},
		{"draft, section 11.3: channel", "Mechanism", "UDP", annotations.MechanismUDP, "UDP"},
		{"RFC 5234, section 2.3: case", "Mechanism", "xMpP", annotations.MechanismXMPP, "XMPP"},
		{"draft, section 11.3: format", "Format", "WAKEUP", annotations.FormatWakeup, "WAKEUP"},
		{"draft, section 11.3: format", "Format", "EXTENDED", annotations.FormatExtended, "EXTENDED"},
		{"RFC 5234, section 2.3: case", "Format", "extended", annotations.FormatExtended, "EXTENDED"},
		{"draft, section 11.3: filter", "EventFilter", "ALL", annotations.EventFilterAll, "ALL"},
		{"draft, section 11.3: filter", "EventFilter", "NEW", annotations.EventFilterNew, "NEW"},
		{"draft, section 11.3: filter", "EventFilter", "NONE", annotations.EventFilterNone, "NONE"},
		{"RFC 5234, section 2.3: case", "EventFilter", "nEw", annotations.EventFilterNew, "NEW"},
		{"draft, section 11.3: channel", "Channel", "NONE", annotations.Channel{Mechanism: "NONE"}, "NONE"},
		{"draft, section 11.4: second example", "Channel", "MMS=EXTENDED", annotations.Channel{Mechanism: "MMS", Format: "EXTENDED"}, "MMS=EXTENDED"},
		{"draft, section 11.2: example, one item", "Channel", "SMS=WAKEUP", annotations.Channel{Mechanism: "SMS", Format: "WAKEUP"}, "SMS=WAKEUP"},
		{"draft, section 11.2: example, one item", "Channel", "SIP=EXTENDED", annotations.Channel{Mechanism: "SIP", Format: "EXTENDED"}, "SIP=EXTENDED"},
		{"draft, section 11.2: example, one item", "Channel", "UDP=EXTENDED", annotations.Channel{Mechanism: "UDP", Format: "EXTENDED"}, "UDP=EXTENDED"},
		{"RFC 5234, section 2.3: case", "Channel", "xmpp=Wakeup", annotations.Channel{Mechanism: "XMPP", Format: "WAKEUP"}, "XMPP=WAKEUP"},
		{"RFC 5234, section 2.3: case", "Channel", "none", annotations.Channel{Mechanism: "NONE"}, "NONE"},
	} {
		t.Run(tt.kind+" "+tt.in, func(t *testing.T) {
			v, err := parsers[tt.kind](tt.in)
			require.NoError(t, err, tt.source)
			require.Equal(t, tt.value, v, tt.source)
			require.NoError(t, v.Validate())

			b, err := v.AppendText([]byte("x"))
			require.NoError(t, err)
			require.Equal(t, "x"+tt.written, string(b))
			b, err = v.MarshalText()
			require.NoError(t, err)
			require.Equal(t, tt.written, string(b))
			require.Equal(t, tt.written, v.String())

			_, v, err = unmarshal[tt.kind]([]byte(tt.in))
			require.NoError(t, err)
			require.Equal(t, tt.value, v)
		})
	}
}

func TestRefused(t *testing.T) {
	const (
		wantMechanism = `"NONE" / "SMS" / "MMS" / "SIP" / "XMPP" / "UDP"`
		wantFormat    = `"WAKEUP" / "EXTENDED"`
		wantFilter    = `"ALL" / "NEW" / "NONE"`
	)
	for _, tt := range []struct {
		reason, kind, in string
		offset           int
		want             string
	}{
		{"empty", "Mechanism", "", 0, wantMechanism},
		{"a prefix", "Mechanism", "SM", 0, wantMechanism},
		{"longer than a word", "Mechanism", "SMSX", 0, wantMechanism},
		{"no mechanism of this draft", "Mechanism", "GSMSMS", 0, wantMechanism},
		{"U+017F folds to S in Unicode only", "Mechanism", "\u017fMS", 0, wantMechanism},
		{"SP", "Mechanism", "SMS ", 0, wantMechanism},
		{"empty", "Format", "", 0, wantFormat},
		{"U+212A folds to K in Unicode only", "Format", "WA\u212aEUP", 0, wantFormat},
		{"quotes", "Format", `"WAKEUP"`, 0, wantFormat},
		{"empty", "EventFilter", "", 0, wantFilter},
		{"two words", "EventFilter", "NEW ALL", 0, wantFilter},
		{"empty", "Channel", "", 0, wantMechanism},
		{"no format", "Channel", "SMS", 3, `"="`},
		{"empty format", "Channel", "SMS=", 4, wantFormat},
		{"a format of NONE", "Channel", "NONE=WAKEUP", 4, `nothing after "NONE"`},
		{"NONE with an equals sign", "Channel", "none=", 4, `nothing after "NONE"`},
		{"no mechanism", "Channel", "=WAKEUP", 0, wantMechanism},
		{"unknown mechanism", "Channel", "WAP=WAKEUP", 0, wantMechanism},
		{"unknown format", "Channel", "SMS=FULL", 4, wantFormat},
		{"two equals signs", "Channel", "SMS==WAKEUP", 4, wantFormat},
		{"SP before the format", "Channel", "SMS= WAKEUP", 4, wantFormat},
		{"SP after the mechanism", "Channel", "SMS =WAKEUP", 0, wantMechanism},
		{"the list of section 11.2 is a provision", "Channel", "NONE SMS=WAKEUP", 0, wantMechanism},
		{"two channels", "Channel", "SMS=WAKEUP MMS=WAKEUP", 4, wantFormat},
	} {
		t.Run(tt.kind+" "+tt.reason, func(t *testing.T) {
			want := &annotations.ValueError{Value: tt.in, Offset: tt.offset, Want: tt.want, Section: section113}
			_, err := parsers[tt.kind](tt.in)
			require.Equal(t, want, err)
			before, after, err := unmarshal[tt.kind]([]byte(tt.in))
			require.Equal(t, want, err)
			require.Equal(t, before, after, "unchanged")
		})
	}
}

func TestInjection(t *testing.T) {
	for kind, parse := range parsers {
		for _, value := range []string{"NONE", "SMS", "WAKEUP", "ALL", "SMS=WAKEUP"} {
			for _, c := range []string{"\r", "\n", "\x00", "\r\n"} {
				for _, in := range []string{value + c, c + value, value[:2] + c + value[2:]} {
					_, err := parse(in)
					require.Error(t, err, "%s %q", kind, in)
				}
			}
		}
	}
}

// What is not valid is not written, and does not break a log line.
func TestInvalidValues(t *testing.T) {
	for _, tt := range []struct {
		value text
		shown string
	}{
		{annotations.Mechanism(""), `Mechanism("")`},
		{annotations.Mechanism("sms"), `Mechanism("sms")`},
		{annotations.Mechanism("SMS\r\n"), `Mechanism("SMS\r\n")`},
		{annotations.Format(""), `Format("")`},
		{annotations.Format("\x00"), `Format("\x00")`},
		{annotations.EventFilter(""), `EventFilter("")`},
		{annotations.EventFilter("all\n"), `EventFilter("all\n")`},
		{annotations.Channel{}, `Channel("" "")`},
		{annotations.Channel{Mechanism: "SMS"}, `Channel("SMS" "")`},
		{annotations.Channel{Format: "WAKEUP"}, `Channel("" "WAKEUP")`},
		{annotations.Channel{Mechanism: "NONE", Format: "WAKEUP"}, `Channel("NONE" "WAKEUP")`},
		{annotations.Channel{Mechanism: "SMS", Format: "WAKEUP\r\n"}, `Channel("SMS" "WAKEUP\r\n")`},
		{annotations.Channel{Mechanism: "SMS\n", Format: "WAKEUP"}, `Channel("SMS\n" "WAKEUP")`},
	} {
		var e *annotations.ValueError
		require.ErrorAs(t, tt.value.Validate(), &e)
		b, err := tt.value.AppendText([]byte("x"))
		require.ErrorAs(t, err, &e)
		require.Equal(t, "x", string(b), "unchanged")
		_, err = tt.value.MarshalText()
		require.ErrorAs(t, err, &e)
		require.Equal(t, tt.shown, tt.value.String())
	}
}

func TestValueError(t *testing.T) {
	_, err := annotations.ParseChannel("SMS=FULL\r\n")
	require.EqualError(t, err, `annotations: expected "WAKEUP" / "EXTENDED" at octet 4 of "SMS=FULL\r\n" (`+section113+`)`)
	_, err = annotations.ParseFormat(string(make([]byte, 1000)))
	require.Less(t, len(err.Error()), 500)
}
