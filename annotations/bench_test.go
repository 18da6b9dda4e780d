package annotations_test

import (
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

var channel = annotations.Channel{Mechanism: xmpp, Format: annotations.FormatExtended}

func TestAllocs(t *testing.T) {
	buf := make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = channel.AppendText(buf)
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = annotations.ParseChannel("xmpp=extended")
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = annotations.ValidateAddress(sip, "sips:alice@atlanta.com?subject=project%20x&priority=urgent")
		_ = annotations.ValidateAddress(udp, "[2001:db8::7]:143")
	}))
}

func BenchmarkParseChannel(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = annotations.ParseChannel("xmpp=extended")
	}
}

func BenchmarkChannelAppendText(b *testing.B) {
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = channel.AppendText(buf)
	}
}

func BenchmarkValidateAddress(b *testing.B) {
	for m, address := range map[annotations.Mechanism]string{
		sms: "+4915112345678", sip: "sip:alice@atlanta.com", xmpp: "juliet@example.com/foo", udp: "device.example.net:143",
	} {
		b.Run(string(m), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = annotations.ValidateAddress(m, address)
			}
		})
	}
}
