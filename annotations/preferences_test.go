package annotations_test

import (
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

func TestPreferencesValid(t *testing.T) {
	for name, p := range map[string]annotations.Preferences{
		"nothing chosen":    {},
		"NONE alone":        {Channel: annotations.Channel{Mechanism: none}},
		"address for later": {Channel: annotations.Channel{Mechanism: none}, Address: "+4915112345678"},
		"filter alone":      {Filter: annotations.EventFilterNew},
		"complete": {
			Channel: annotations.Channel{Mechanism: sms, Format: annotations.FormatWakeup},
			Address: "+4915112345678",
			Filter:  annotations.EventFilterAll,
		},
	} {
		require.NoError(t, p.Validate(), name)
	}
}

func TestPreferencesInvalid(t *testing.T) {
	for _, tt := range []struct {
		reason string
		p      annotations.Preferences
		fields []string
	}{
		{"no address", annotations.Preferences{
			Channel: annotations.Channel{Mechanism: udp, Format: annotations.FormatWakeup},
		}, []string{"Address"}},
		{"address of another mechanism", annotations.Preferences{
			Channel: annotations.Channel{Mechanism: udp, Format: annotations.FormatWakeup}, Address: "+4915112345678",
		}, []string{"Address"}},
		{"format missing, address judged all the same", annotations.Preferences{
			Channel: annotations.Channel{Mechanism: sms}, Address: "alice",
		}, []string{"Channel", "Address"}},
		{"format without mechanism", annotations.Preferences{
			Channel: annotations.Channel{Format: annotations.FormatWakeup},
		}, []string{"Channel"}},
		{"lower case", annotations.Preferences{
			Channel: annotations.Channel{Mechanism: "sms", Format: "wakeup"}, Filter: "all",
		}, []string{"Channel", "Filter"}},
		{"control character in an address for later", annotations.Preferences{Address: "a\rb"}, []string{"Address"}},
		{"CR LF in the filter", annotations.Preferences{Filter: "ALL\r\n"}, []string{"Filter"}},
	} {
		err := tt.p.Validate()
		require.Error(t, err, tt.reason)
		var fields []string
		for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
			var e *annotations.ValueError
			require.ErrorAs(t, err, &e)
			fields = append(fields, e.Field)
			require.Contains(t, e.Error(), "annotations: "+e.Field+": expected ")
		}
		require.Equal(t, tt.fields, fields, tt.reason)
	}
}
